"""JAX: one compiled function for the whole epoch, a scan over the mini-batches."""

from importlib import import_module
from typing import Any

import numpy as np

from glassnet.bench.cases import Material


class Jax:
    """``jit`` of a ``scan``, gradients by ``grad``."""

    name = "JAX, jit of a scan"

    def __init__(self, material: Material) -> None:
        jax, jnp = import_module("jax"), import_module("jax.numpy")
        self.jax, self.material, self.version = jax, material, jax.__version__
        case = material.case
        self.parameters = [
            (jnp.asarray(w.T), jnp.asarray(b))
            for w, b in zip(material.network.weights, material.network.biases, strict=True)
        ]
        self.inputs, self.wanted = jnp.asarray(material.inputs), jnp.asarray(material.wanted)

        def outputs(parameters: Any, a: Any) -> Any:
            for w, b in parameters:
                a = jax.nn.sigmoid(a @ w + b)
            return a

        def cost(parameters: Any, inputs: Any, wanted: Any) -> Any:
            return jnp.mean(jnp.sum((outputs(parameters, inputs) - wanted) ** 2, axis=1))

        def step(parameters: Any, batch: Any) -> Any:
            gradients = jax.grad(cost)(parameters, *batch)
            return jax.tree.map(lambda p, g: p - case.learning_rate * g, parameters, gradients), None

        def whole_epoch(parameters: Any, inputs: Any, wanted: Any, order: Any) -> Any:
            size = case.mini_batch_size
            n = len(order) // size
            batches = (
                inputs[order[: n * size]].reshape(n, size, -1),
                wanted[order[: n * size]].reshape(n, size, -1),
            )
            parameters, _ = jax.lax.scan(step, parameters, batches)
            if len(order) % size:
                rest = order[n * size :]
                parameters, _ = step(parameters, (inputs[rest], wanted[rest]))
            return parameters

        def read_images(parameters: Any, images: Any) -> Any:
            return outputs(parameters, images.reshape(len(images), -1).astype(jnp.float32) * (1 / 255))

        self.whole_epoch, self.read_images = jax.jit(whole_epoch), jax.jit(read_images)

    def epoch(self, order: np.ndarray) -> list[np.ndarray]:
        """Descend through all examples in this order."""
        parameters = self.whole_epoch(self.parameters, self.inputs, self.wanted, order)
        return [np.asarray(w).T for w, _ in self.jax.block_until_ready(parameters)]

    def read(self) -> np.ndarray:
        """Return the outputs for the material's images."""
        return np.asarray(self.read_images(self.parameters, self.material.images))
