"""PyTorch, eager and compiled."""

from importlib import import_module
from typing import Any

import numpy as np

from glassnet.bench.cases import Material


class Eager:
    """Layers in a row, autograd, the optimizer's fused step."""

    name = "PyTorch, eager"

    def __init__(self, material: Material) -> None:
        torch = import_module("torch")
        self.torch, self.material, self.version = torch, material, torch.__version__
        torch.set_num_threads(material.threads)
        torch.set_flush_denormal(True)
        self.inputs, self.wanted = torch.from_numpy(material.inputs), torch.from_numpy(material.wanted)
        self.model = self.new_model()
        self.loss = self.loss_of

    def new_model(self) -> Any:
        """Return the material's network."""
        torch, layers = self.torch, []
        for w, b in zip(self.material.network.weights, self.material.network.biases, strict=True):
            layer = torch.nn.Linear(w.shape[1], w.shape[0])
            with torch.no_grad():
                layer.weight.copy_(torch.from_numpy(w))
                layer.bias.copy_(torch.from_numpy(b))
            layers += [layer, torch.nn.Sigmoid()]
        return torch.nn.Sequential(*layers)

    @staticmethod
    def loss_of(model: Any, inputs: Any, wanted: Any) -> Any:
        """Return the quadratic cost of a mini-batch."""
        return (model(inputs) - wanted).square().sum(dim=1).mean()

    def epoch(self, order: np.ndarray) -> list[np.ndarray]:
        """Descend through all examples in this order."""
        torch, case = self.torch, self.material.case
        with torch.no_grad():  # the compiled loss knows this model, so it is reset and not made anew
            for own, new in zip(self.model.parameters(), self.new_model().parameters(), strict=True):
                own.copy_(new)
        optimizer = torch.optim.SGD(self.model.parameters(), lr=case.learning_rate, fused=True)
        places = torch.from_numpy(order)
        batches = self.inputs[places].split(case.mini_batch_size), self.wanted[places].split(case.mini_batch_size)
        for inputs, wanted in zip(*batches, strict=True):
            optimizer.zero_grad()
            self.loss(self.model, inputs, wanted).backward()
            optimizer.step()
        return [layer.weight.detach().numpy().copy() for layer in self.model[::2]]

    def read(self) -> np.ndarray:
        """Return the outputs for the material's images."""
        with self.torch.inference_mode():
            images = self.torch.from_numpy(self.material.images)
            return self.answer(images).numpy()

    def answer(self, images: Any) -> Any:
        """Return the outputs for images of uint8."""
        return self.model(images.flatten(1).float().mul_(1 / 255))


class Compiled(Eager):
    """The same with forward, loss and backward compiled by Inductor."""

    name = "PyTorch, compiled"

    def __init__(self, material: Material) -> None:
        super().__init__(material)
        self.loss = self.torch.compile(self.loss_of)
        self.answer = self.torch.compile(super().answer)
