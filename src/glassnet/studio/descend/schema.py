"""What the view of the landscape asks and is told."""

from typing import Annotated, Literal

from pydantic import Field

from glassnet.studio.shown.sample import AskedSample
from glassnet.studio.shown.schema import Asked, Chosen, ParameterPlace, Told

MOST_STEPS = 500
MOST_POINTS = 201
CUSTOMARY = AskedSample.model_validate({})
Reach = Annotated[float, Field(gt=1e-9, le=1e4)]
Rate = Annotated[float, Field(gt=1e-9, le=1e9)]


class ParameterTold(ParameterPlace):
    """One weight or bias."""

    name: str = Field(description="As the library calls it: weights[0][3, 400] or biases[2][7].")
    value: float


class AskSlice(Asked):
    """Ask for the cost along a line through a network, and for ways down it."""

    chosen: Chosen
    sample: AskedSample = CUSTOMARY
    along: Literal["weight", "gradient", "random"] = "weight"
    parameter: ParameterPlace | None = Field(None, description="None is the one with the largest slope.")
    reach: Reach | None = Field(None, description="How far to look each way; None is the customary reach.")
    points: int = Field(61, ge=3, le=MOST_POINTS)
    starts: list[Annotated[float, Field(ge=-1e4, le=1e4)]] = Field(
        default=[], max_length=6, description="Distances at which to begin; none takes three across the line."
    )
    learning_rate: Rate | None = Field(None, description="None makes the longest first step a fifth of the reach.")
    n_steps: int = Field(12, ge=1, le=60)


class WayTold(Told):
    """A way down a slice from its start: lists with one entry for every place."""

    distance: list[float]
    cost: list[float]
    slope: list[float]


class SliceTold(Told):
    """The cost along a line."""

    along: str
    parameter: ParameterTold | None
    n: int = Field(description="Training digits that the cost is the mean of.")
    is_fewer: bool = Field(description="Whether that is fewer than asked for, since the network is wide.")
    reach: float
    learning_rate: float
    cost: float = Field(description="Of the network as it is: distance 0.")
    slope: float
    distances: list[float]
    costs: list[float]
    slopes: list[float]
    ways: list[WayTold]


class AskGradient(Asked):
    """Ask for a part of the gradient as a list, the largest first."""

    chosen: Chosen
    sample: AskedSample = CUSTOMARY
    first: int = Field(0, ge=0, le=10_000_000, description="How many of the largest to leave out.")
    count: int = Field(20, ge=1, le=200)
    layer: int | None = Field(None, ge=1, description="Only the weights and biases of this layer; None is all.")
    find: ParameterPlace | None = Field(None, description="Begin at the page of this one instead.")


class SlopeTold(Told):
    """One number of the gradient."""

    rank: int = Field(description="1 is the largest in size over all layers.")
    parameter: ParameterTold
    slope: float = Field(description="dC/dp: how fast the cost grows as it grows.")
    share: float = Field(description="Its size as a share of the largest.")
    wish: str = Field(description="What minus the gradient asks of it, in words.")


class GradientTold(Told):
    """A part of the ranked gradient."""

    n: int = Field(description="Training digits that the cost is the mean of.")
    is_fewer: bool
    n_parameters: int
    n_listed: int = Field(description="Of the layer, or of all.")
    first: int
    length: float = Field(description="Of the whole gradient.")
    largest: float = Field(description="Size of the largest slope of all.")
    cost: float
    layer_sizes: list[int]
    entries: list[SlopeTold]


class AskNudges(Asked):
    """Ask what nudging one or two parameters by the same amount does to the cost, each on its own."""

    chosen: Chosen
    sample: AskedSample = CUSTOMARY
    parameters: list[ParameterPlace] = Field(min_length=1, max_length=2)
    amount: float = Field(0.1, ge=-1e4, le=1e4)


class NudgeTold(Told):
    """What one nudge does."""

    parameter: ParameterTold
    amount: float
    slope: float
    cost_before: float
    cost_after: float
    predicted: float = Field(description="Slope times amount.")
    actual: float


class NudgesTold(Told):
    """What the nudges do, and how much more the cost depends on the first."""

    n: int
    is_fewer: bool
    nudges: list[NudgeTold]
    ratio: float | None = Field(description="Size of the first slope over that of the second; None without a second.")


class AskSurface(Asked):
    """Ask for the cost over a plane, and for descents from one start drawn on it."""

    chosen: Chosen
    sample: AskedSample = CUSTOMARY
    untrained: bool = Field(False, description="Start from a new network of these sizes instead, drawn from N(0, 1).")
    plane: Literal["descent", "random"] = "descent"
    points: int = Field(41, ge=3, le=61)
    learning_rate: float = Field(0.1, gt=1e-9, le=1000)
    n_steps: int = Field(30, ge=3, le=MOST_STEPS)
    mini_batch_sizes: list[Annotated[int, Field(ge=0, le=10_000)]] = Field(
        default=[0, 100, 10, 1], min_length=1, max_length=4, description="0 is all the digits: the full gradient."
    )


class DescentTold(Told):
    """A descent, or its steps since the last message: lists with one entry for every step."""

    mini_batch_size: int = Field(description="0 is all the digits: the full gradient.")
    name: str
    n_steps: list[int]
    cost: list[float]
    seconds: list[float]
    n_examples: list[int]
    length: list[float]
    cosine: list[float] = Field(description="Of the angle between the step and minus the full gradient: 1 is straight.")
    angle: list[float] = Field(description="The same angle in degrees.")
    mean_cosine: float | None = Field(description="Over the steps so far; None before the first.")
    mean_angle: float | None = Field(description="Mean of the angles, in degrees.")
    mean_length: float | None


class PlaneTold(Told):
    """Where a surface lies, and where the descents are on it."""

    xs: list[float]
    ys: list[float]
    places: list[list[tuple[float, float]]] = Field(description="Of every step of every descent; the start is 0, 0.")


class Spot(Told):
    """A point of a surface."""

    x: float
    y: float
    cost: float


class SurfaceTold(Told):
    """A surface so far, or what is new of it since the last message."""

    id: str
    asked: AskSurface
    state: Literal["running", "finished", "stopped", "failed"]
    sentence: str = Field(description="Why it failed; else empty.")
    begins: bool = Field(description="Whether this tells everything so far; else only what is new.")
    share: float = Field(description="How much of the work is done, from 0 to 1.")
    n: int
    n_parameters: int
    layer_sizes: list[int]
    cost: float | None = Field(description="Of the start.")
    descents: list[DescentTold]
    plane: PlaneTold | None
    first_row: int
    rows: list[list[float]] = Field(description="Costs, beginning with those at ys[first_row].")
    lowest: Spot | None = Field(description="Of the rows so far.")
    highest: Spot | None
