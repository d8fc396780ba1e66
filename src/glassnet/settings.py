"""Settings: how to descend, all of it checked before the first step."""

import math
from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np

from glassnet.errors import SettingError

OPTIMIZERS = ("sgd", "adamw")
SCHEDULES = ("constant", "step", "cosine")
MOST = 10**9
"""Epochs, and examples in a mini-batch: what every engine can count."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to descend. The defaults are the videos' way: plain steps after mini-batches of 100 shuffled examples.

    Parameters
    ----------
    epochs : int, default 30
        How often every training example is seen.
    mini_batch_size : int, default 100
        Examples averaged before each step; as many as there are makes it the full-gradient descent.
    learning_rate : float or None, default None
        The step is this times the gradient. None takes 1 - momentum, with which a long run of equal gradients moves as
        far as at 1.0 without momentum; for "adamw" 0.003. Chosen on validation digits (docs/decisions/0003).
    schedule : {"constant", "step", "cosine"}
        How the learning rate falls over the run, equation (21): not at all; to a tenth at one half and to a hundredth
        at three quarters of it; along a cosine to 0.
    optimizer : {"sgd", "adamw"}
        Plain gradient steps (with `momentum`), equations (9) and (19), or AdamW, equation (20).
    momentum : float in [0, 1), default 0
        Share of the last step's velocity that is kept; for "sgd" only.
    l2 : float, default 0
        Weight of the sum of the squared weights in the cost, divided by the number of training examples: (22).
    weight_decay : float, default 0
        AdamW's own: every step shrinks the weights by learning_rate times this share.
    average : float in [0, 1), default 0
        If above 0, the network that is evaluated and returned is a running average of those along the way, with
        this share kept at each step, equation (23); 0.999 remembers about 1,000 steps.

    Raises
    ------
    SettingError
        If one of them is not possible.
    """

    epochs: int = 30
    mini_batch_size: int = 100
    learning_rate: float | None = None
    schedule: str = "constant"
    optimizer: str = "sgd"
    momentum: float = 0.0
    l2: float = 0.0
    weight_decay: float = 0.0
    average: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no descent can be made of."""
        for name in ("epochs", "mini_batch_size"):
            value = getattr(self, name)
            if not isinstance(value, Integral) or isinstance(value, bool) or not 1 <= int(value) <= MOST:
                raise SettingError(f"{name} must be a whole number from 1 to {MOST:,}, not {value!r}.")
            object.__setattr__(self, name, int(value))
        if self.learning_rate is None:
            momentum = self.momentum if isinstance(self.momentum, Real) else 0.0
            object.__setattr__(self, "learning_rate", 0.003 if self.optimizer == "adamw" else max(1 - momentum, 0.0))
        for name in ("learning_rate", "momentum", "l2", "weight_decay", "average"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value) or value < 0:
                raise SettingError(f"{name} must be a number that is finite and not negative, not {value!r}.")
            object.__setattr__(self, name, float(value))
        if self.learning_rate == 0:
            raise SettingError("learning_rate must be above 0: with steps of no length nothing is learned.")
        for name in ("momentum", "average"):
            if getattr(self, name) >= 1:
                raise SettingError(f"{name} must be below 1, not {getattr(self, name)!r}.")
        for name, possible in (("optimizer", OPTIMIZERS), ("schedule", SCHEDULES)):
            if getattr(self, name) not in possible:
                raise SettingError(f"there is no {name} {getattr(self, name)!r}; choose one of {', '.join(possible)}.")
        if self.momentum and self.optimizer != "sgd":
            raise SettingError("momentum belongs to the optimizer sgd; adamw keeps averages of its own.")
        if self.weight_decay and self.optimizer != "adamw":
            raise SettingError("weight_decay belongs to the optimizer adamw; with sgd use l2.")


def learning_rate_at(settings: Settings, n_steps: int, n_steps_in_all: int) -> float:
    """Return the learning rate of the step after `n_steps` of `n_steps_in_all`: equation (21).

    Parameters
    ----------
    settings : Settings
        The rate to start from and the schedule.
    n_steps : int
        Steps taken.
    n_steps_in_all : int
        Steps of the whole run.

    Returns
    -------
    float
        Above 0 for every step of the run.

    Examples
    --------
    >>> cosine = Settings(learning_rate=2.0, schedule="cosine")
    >>> [round(learning_rate_at(cosine, n, 4), 3) for n in range(4)]
    [2.0, 1.707, 1.0, 0.293]
    """
    return float(learning_rates(settings, n_steps, 1, n_steps_in_all)[0])


def learning_rates(settings: Settings, n_steps: int, n: int, n_steps_in_all: int) -> np.ndarray:
    """Return the learning rates of the n steps after `n_steps` of `n_steps_in_all`: equation (21).

    Parameters
    ----------
    settings : Settings
        The rate to start from and the schedule.
    n_steps : int
        Steps taken.
    n : int
        Steps to come.
    n_steps_in_all : int
        Steps of the whole run.

    Returns
    -------
    ndarray, shape (n,)
        One for each step.
    """
    assert settings.learning_rate is not None  # settled when the settings were made
    done = (n_steps + np.arange(n)) / n_steps_in_all  # (n,)
    if settings.schedule == "cosine":
        return settings.learning_rate * (1 + np.cos(np.pi * done)) / 2
    if settings.schedule == "step":
        return settings.learning_rate * np.where(done < 0.5, 1.0, np.where(done < 0.75, 0.1, 0.01))
    return np.full(n, settings.learning_rate)
