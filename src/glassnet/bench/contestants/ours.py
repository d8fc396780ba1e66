"""glassnet's own engines."""

from collections.abc import Callable
from importlib.metadata import version

import numpy as np

from glassnet.bench.cases import Material
from glassnet.descent import start
from glassnet.digits import as_inputs
from glassnet.engines import Engine
from glassnet.engines.fused import FusedEngine, FusedOutputs
from glassnet.engines.reference import ReferenceEngine
from glassnet.network import feedforward
from glassnet.settings import Settings


class Ours:
    """What both engines share."""

    version = version("glassnet")

    def __init__(self, material: Material, engine: Callable[[], Engine]) -> None:
        self.material = material
        if material.case.task == "train":
            case = material.case
            self.settings = Settings(mini_batch_size=case.mini_batch_size, learning_rate=case.learning_rate)
            self.engine = engine()

    def epoch(self, order: np.ndarray) -> tuple[np.ndarray, ...]:
        """Descend through all examples in this order."""
        n_steps = -(-len(order) // self.settings.mini_batch_size)
        descent, _ = self.engine.descend(start(self.material.network, self.settings), order, self.settings, n_steps)
        return descent.network.weights


class Fused(Ours):
    """The fused engine."""

    name = "glassnet, fused"

    def __init__(self, material: Material) -> None:
        digits, network, threads = material.digits, material.network, material.threads
        super().__init__(
            material, lambda: FusedEngine(digits.train_images, digits.train_labels, network, threads=threads)
        )
        self.outputs = FusedOutputs(network, threads=threads)

    def read(self) -> np.ndarray:
        """Return the outputs for the material's images."""
        return self.outputs(self.material.images)


class Reference(Ours):
    """The reference engine, in float32."""

    name = "glassnet, reference"

    def __init__(self, material: Material) -> None:
        digits = material.digits
        super().__init__(material, lambda: ReferenceEngine(digits.train_images, digits.train_labels, material.network))

    def read(self) -> np.ndarray:
        """Return the outputs for the material's images."""
        return feedforward(self.material.network, as_inputs(self.material.images)).outputs
