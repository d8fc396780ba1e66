"""The landscape: the real cost along a line and over a plane through a network, and paths of descents across it."""

from glassnet.landscape.directions import along, cosine_between, moved, principal_directions, random_direction
from glassnet.landscape.paths import PathStep, descent_path
from glassnet.landscape.surface import Slice, SurfaceRow, cost_slice, cost_surface

__all__ = [
    "PathStep",
    "Slice",
    "SurfaceRow",
    "along",
    "cosine_between",
    "cost_slice",
    "cost_surface",
    "descent_path",
    "moved",
    "principal_directions",
    "random_direction",
]
