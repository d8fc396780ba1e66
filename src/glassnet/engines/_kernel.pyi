"""What the compiled kernel offers; ``kernel/module.cpp`` defines it."""

from collections.abc import Sequence

import numpy as np

def instruction_sets() -> list[str]: ...
def applied(activation: str, z: np.ndarray, instructions: str | None = None) -> np.ndarray: ...
def deformed(
    sources: np.ndarray,
    which: np.ndarray,
    knobs: np.ndarray,
    fields: np.ndarray,
    threads: int = 1,
    instructions: str | None = None,
) -> np.ndarray: ...
def weighted_sums(
    rows: np.ndarray, activations: np.ndarray, biases: np.ndarray, instructions: str | None = None
) -> np.ndarray: ...

class Digits:
    def __init__(self, images: np.ndarray, labels: np.ndarray, instructions: str | None = None) -> None: ...
    @property
    def marks_per_image(self) -> float: ...
    @property
    def is_dense(self) -> bool: ...

class Run:
    def __init__(
        self,
        sizes: Sequence[int],
        hidden: str,
        output: str,
        cost: str,
        optimizer: str,
        network: Sequence[np.ndarray],
        first_moment: Sequence[np.ndarray] = ...,
        second_moment: Sequence[np.ndarray] = ...,
        running_average: Sequence[np.ndarray] = ...,
    ) -> None: ...
    def descend(
        self,
        digits: Digits,
        order: np.ndarray,
        mini_batch_size: int,
        rates: np.ndarray,
        *,
        momentum: float = 0.0,
        l2: float = 0.0,
        weight_decay: float = 0.0,
        beta_1: float = 0.0,
        beta_2: float = 0.0,
        epsilon: float = 0.0,
        average: float = 0.0,
        n_steps_before: int = 0,
        threads: int = 1,
    ) -> np.ndarray: ...
    def arrays(self, which: str) -> list[np.ndarray]: ...

class Reader:
    def __init__(
        self,
        sizes: Sequence[int],
        hidden: str,
        output: str,
        network: Sequence[np.ndarray],
        instructions: str | None = None,
    ) -> None: ...
    def outputs(self, images: np.ndarray, threads: int = 1) -> np.ndarray: ...
    def outputs_of_inputs(self, inputs: np.ndarray, threads: int = 1) -> np.ndarray: ...
