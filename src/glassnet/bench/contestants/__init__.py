"""Contestants: glassnet's engines and their peers, each written as its own users would write it well.

A contestant is made from `Material`, says its `name` and `version`, and has ``epoch(order)``, which descends from the
material's network and returns new weights (an iterable, each (n_out, n_in)), and ``read()``, which returns outputs.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from glassnet.bench.cases import Material

HOMES = {
    "fused": ("ours", "Fused", "glassnet.engines._kernel"),
    "reference": ("ours", "Reference", "numpy"),
    "numpy": ("with_numpy", "NumPy", "numpy"),
    "torch": ("with_torch", "Eager", "torch"),
    "torch-compiled": ("with_torch", "Compiled", "torch"),
    "jax": ("with_jax", "Jax", "jax"),
    "scikit-learn": ("with_sklearn", "ScikitLearn", "sklearn"),
}
"""Module, class, and what has to be installed."""
PEERS = tuple(name for name in HOMES if name not in ("fused", "reference"))


def is_installed(name: str) -> bool:
    """Return whether what a contestant needs is there."""
    try:
        return find_spec(HOMES[name][2]) is not None
    except ImportError:
        return False


def contestant(name: str, material: Material) -> Any:
    """Return a contestant, ready to start."""
    module, kind, _ = HOMES[name]
    return getattr(import_module(f"glassnet.bench.contestants.{module}"), kind)(material)
