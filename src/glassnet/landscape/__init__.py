"""The landscape: the real cost along a line and over a plane through a network, and paths of descents across it."""

from glassnet.landscape.directions import (
    along,
    cosine_between,
    moved,
    place_on,
    principal_directions,
    scaled_random_direction,
)
from glassnet.landscape.paths import PATH_COLUMNS, PathStep, columns_of, descent_path
from glassnet.landscape.slices import Slice, SlicePoint, cost_slice, descent_along
from glassnet.landscape.surface import SurfaceRow, cost_surface
from glassnet.landscape.views import REACH_AT_RANDOM, REACH_OF_PARAMETER, box_around, downhill, rate_for, reach_downhill

__all__ = [
    "PATH_COLUMNS",
    "REACH_AT_RANDOM",
    "REACH_OF_PARAMETER",
    "PathStep",
    "Slice",
    "SlicePoint",
    "SurfaceRow",
    "along",
    "box_around",
    "columns_of",
    "cosine_between",
    "cost_slice",
    "cost_surface",
    "descent_along",
    "descent_path",
    "downhill",
    "moved",
    "place_on",
    "principal_directions",
    "rate_for",
    "reach_downhill",
    "scaled_random_direction",
]
