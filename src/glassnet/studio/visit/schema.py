"""What a visitor is told first."""

from glassnet.studio.runs.schema import RunTold
from glassnet.studio.shown.schema import Told


class NetworkTold(Told):
    """A network to choose."""

    network: str
    title: str
    layer_sizes: list[int]
    activation: str
    output_activation: str
    cost: str
    n_parameters: int
    rejects: bool
    test_accuracy: float | None
    about: str


class Welcome(Told):
    """What the page begins with."""

    version: str
    networks: list[NetworkTold]
    runs: list[RunTold]
    processors: int
    limits: dict[str, int]
