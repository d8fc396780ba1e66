"""The bench: the engines beside everything that people could use instead, on the same work, in one run."""

from glassnet.bench.cases import CASES, Case
from glassnet.bench.race import Lap, Result, installed, race

__all__ = ["CASES", "Case", "Lap", "Result", "installed", "race"]
