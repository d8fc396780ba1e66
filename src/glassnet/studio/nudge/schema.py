"""What the fourth view asks and is told: wishes, avenues, the chain rule, many examples, a lesson."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from glassnet.studio.shown.sample import AskedSample
from glassnet.studio.shown.schema import TINY, Asked, Chosen, ParameterPlace, Picture, Told

Number = Annotated[
    float | None, Field(description="None where it is infinite: a cross-entropy's slope at a saturated output.")
]
TINY_LESSON = {"picture": TINY, "chosen": {"network": "videos"}, "wanted": 1}
"""A 1 that is to be read as one, for examples."""


class Subject(Asked):
    """An example, the network that it is shown to, and what its outputs should be."""

    picture: Picture
    chosen: Chosen
    wanted: int | None = Field(ge=0, le=9, description="The right digit; None is 'no digit': all outputs 0.")


class AskWishes(Subject):
    """Ask what an example wishes of every layer."""

    model_config = ConfigDict(json_schema_extra={"examples": [TINY_LESSON]})


class AskAvenues(Subject):
    """Ask for the three ways to change a neuron."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**TINY_LESSON, "layer": 3, "neuron": 1}]})

    layer: int = Field(ge=1, le=12)
    neuron: int = Field(ge=0, lt=4096)


class AskChainRule(Subject):
    """Ask how the cost of an example changes with a weight or bias."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**TINY_LESSON, "parameter": {"layer": 1, "neuron": 3, "source": 400}}]}
    )

    parameter: ParameterPlace | None = Field(
        None, description="None is the weight whose slope is largest for this example."
    )
    within: int | None = Field(None, ge=1, description="Where none is asked for: of the weights into this layer alone.")
    learning_rate: float = Field(1.0, gt=0, le=1000)


class AskMisread(Asked):
    """Ask for a test digit that a network misreads."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"chosen": {"network": "videos"}}]})

    chosen: Chosen
    after: int = Field(-1, ge=-1, le=9_999, description="The first one after this; after the last comes the first.")


class Misread(Told):
    """A test digit that a network misreads; None where it misreads none."""

    index: int | None
    label: int | None
    answer: int | None


class AskPaths(Subject):
    """Ask by which paths a neuron's activation reaches the cost."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**TINY_LESSON, "layer": 2, "neuron": 1}]})

    layer: int = Field(ge=1, le=12)
    neuron: int = Field(ge=0, lt=4096)


class OutputsTold(Told):
    """What the example wishes of its outputs."""

    outputs: list[float]
    wanted: list[float]
    costs: list[float] = Field(description="The cost term by term.")
    cost: float
    cost_name: str = Field(description="quadratic or cross-entropy.")
    wishes: list[Number] = Field(description="-dC/da: above 0 is up.")
    z_wishes: list[float] = Field(description="-dC/dz.")
    answer: int = Field(description="The digit whose output is largest.")


class WishTable(Told):
    """What the neurons of the next layer wish of a layer's neurons; wide ones tell those that matter most."""

    layer: int
    size: int
    size_after: int
    columns: list[int] = Field(description="Neurons of this layer, in their order.")
    activations: list[float] = Field(description="Of the columns.")
    rows: list[int] = Field(description="Neurons of the next layer.")
    table: list[list[float]] = Field(description="[row][column]")
    rest: list[float] = Field(description="Of each column the sum over the next layer's neurons that are no rows.")
    n_rest: int
    wishes: list[float] = Field(description="The columns' sums, the rest included: -dC/da.")


class WishesTold(Told):
    """What an example wishes of the outputs and, layer by layer backwards, of all neurons before."""

    image: str = Field(description="What the network is shown: 28 x 28 shades as bytes in base64.")
    layer_sizes: list[int]
    outputs: OutputsTold
    tables: list[WishTable] = Field(description="Of the last hidden layer first, of the first one last.")
    pixels: list[float] = Field(description="What the example would have of its 784 pixels: -dC/da of the inputs.")


class Falls(Told):
    """One number for each of the three avenues."""

    bias: float
    weights: float
    activations: float


class AvenuesTold(Told):
    """The three ways to change one neuron's activation."""

    layer: int
    neuron: int
    wish: Number
    z: float
    activation: float
    bias_now: float
    bias: float = Field(description="-dC/db.")
    weights: list[float] = Field(description="-dC/dw of each of its weights.")
    activations: list[float] = Field(description="-dC/da of each activation before, by way of this neuron alone.")
    activations_before: list[float]
    weights_now: list[float]
    fall_per_length: Falls = Field(description="Of the cost per unit of length, on each avenue's steepest way.")
    cheapest: str = Field(description="bias, weights or activations.")


class Factor(Told):
    """One factor of a chain rule."""

    name: str
    value: float


class PathTold(Told):
    """A way from an activation to the cost, through one neuron of the next layer."""

    through: int
    dz_da: float
    dC_dz: float
    product: float


class NodeTold(Told):
    """A neuron on the way from a weight to the cost."""

    layer: int
    neuron: int
    z: float
    activation: float
    da_dz: float | None = Field(description="None of softmax, which has no single one.")
    dC_da: Number = Field(description="The sum of the paths; of an output the cost's own slope.")
    dC_dz: float
    wanted: float | None = Field(description="Of an output.")
    paths: list[PathTold] = Field(description="The largest, by the size of their products; none of an output.")
    n_rest: int
    sum_of_rest: float


class ChainRuleTold(Told):
    """How the cost of an example changes with one weight or bias."""

    parameter: ParameterPlace
    name: str
    value: float
    factors: list[Factor]
    product: float
    measured: float = Field(description="The same slope from the cost alone, by a central difference.")
    learning_rate: float
    after: float = Field(description="What it is after one step of that learning rate for this example.")
    node: NodeTold = Field(description="The neuron that the parameter belongs to.")


class AskExamples(Asked):
    """Ask what many training digits ask of some weights and biases."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"chosen": {"network": "videos"}, "sample": {"n": 100}}]})

    chosen: Chosen
    sample: AskedSample = AskedSample(n=100, seed=0)
    parameters: list[ParameterPlace] = Field(default=[], max_length=8)
    by: Literal["slope", "dispute"] = Field(
        "slope", description="How the other columns are chosen: the largest mean, or the most digits against it."
    )
    k: int = Field(8, ge=1, le=12, description="Columns in all.")


class Column(Told):
    """A weight or bias, what the digits ask of it on average, and how many ask for the opposite."""

    parameter: ParameterPlace
    name: str
    mean: float
    gradient: float = Field(description="dC/dp of all these digits, as backpropagation averages it.")
    disagreeing: float = Field(description="Share of the digits that ask for the opposite of the mean.")


class ExamplesTold(Told):
    """What many training digits ask of some weights and biases."""

    indices: list[int] = Field(description="Which training digits: those that ask for most first.")
    labels: list[int]
    images: list[str] = Field(description="Of the first ten: 28 x 28 shades, as bytes in base64.")
    columns: list[Column]
    table: list[list[float]] = Field(description="[digit][column]: -dC/dp of each digit alone.")


class AskLesson(Subject):
    """Ask what steps for an example would do to it, and elsewhere."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**TINY_LESSON, "learning_rate": 1.0}]})

    learning_rate: float = Field(1.0, gt=0, le=1000)
    n_steps: int = Field(1, ge=1, le=100)
    beside: AskedSample | None = Field(None, description="Training digits learned with it; None is it alone.")


class Move(Told):
    """A weight or bias that moved."""

    parameter: ParameterPlace
    name: str
    before: float
    after: float


class Changed(Told):
    """A test digit that is read otherwise than before."""

    index: int
    label: int
    before: int
    after: int
    image: str


class Standing(Told):
    """How the network stands, before the lesson or after it."""

    outputs: list[float] = Field(description="For the example.")
    answer: int
    cost: float = Field(description="Of the example.")
    cost_beside: float | None = Field(description="Mean of the training digits learned with it; None without.")
    test_cost: float
    test_accuracy: float
    digit_accuracies: list[float]


class LessonTold(Told):
    """What a lesson does to its example, and elsewhere."""

    before: Standing
    after: Standing
    costs: list[float] = Field(description="Of the example, before the first step and after each.")
    length: float = Field(description="Of the way that the network moved, over all weights and biases.")
    moves: list[Move] = Field(description="The largest.")
    layer_lengths: list[float] = Field(description="Of the same way, layer by layer.")
    change_scale: float = Field(
        description="Size of the largest change of a first-layer weight: byte 255 is it, 128 is 0."
    )
    changes: list[str] = Field(description="What the first layer's weights moved by, as pictures of 28 x 28 bytes.")
    n_test: int
    n_mended: int
    n_broken: int
    mended: list[Changed] = Field(description="Some of the test digits that are now read rightly.")
    broken: list[Changed] = Field(description="Some of those that no longer are.")


class KeepLesson(AskLesson):
    """Keep what a lesson made, as a run of your own that can learn on."""

    name: str = Field("", max_length=60)
