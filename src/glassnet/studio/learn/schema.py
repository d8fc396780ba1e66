"""What the page asks of this view and is told."""

from pydantic import Field

from glassnet.studio.runs.phases import Action
from glassnet.studio.runs.schema import CostPoint, LayerHealth, Moment, RunTold, Trouble
from glassnet.studio.shown.schema import Asked, Told


class RunAction(Asked):
    """What a run is told to do."""

    action: Action


class RunNews(Told):
    """What is new of a run: a message of its event stream."""

    run: RunTold
    learning_rate: float
    mini_batch_size: int
    steps_per_second: float
    costs: list[CostPoint] = Field(description="The whole curve, at most 1,000 points.")
    mini_batches_per_point: int
    moments: list[Moment] = Field(description="The history that one can slide back in.")
    layers: list[LayerHealth]
    troubles: list[Trouble]


class WeightPictures(Told):
    """Weights of a layer as pictures."""

    moment: int
    layer: int
    neurons: list[int]
    n_inputs: int
    scale: float = Field(description="The largest weight's size: byte 255 is it, 128 is 0, 1 is minus it.")
    pictures: list[str] = Field(description="One byte for each weight, in base64.")


class Checked(Told):
    """Test digits with what the network makes of them."""

    moment: int
    indices: list[int]
    labels: list[int]
    answers: list[int]
    outputs: list[float] = Field(description="The largest output for each.")
    images: list[str]
