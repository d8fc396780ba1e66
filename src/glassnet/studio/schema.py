"""What the page and the server say to each other; OpenAPI and the page's types are made of it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_SIDE_PX = 400
NETWORK_NAME = r"^(videos|reader|file|run:[a-z0-9]{8}(@[0-9]{1,9})?)$"

NetworkName = Annotated[
    str,
    Field(
        pattern=NETWORK_NAME,
        description="videos, reader, file (given with --model), run:ID (as it is now) or run:ID@MOMENT (as it was).",
        examples=["videos", "reader"],
    ),
]
Bytes = Annotated[
    str,
    Field(
        max_length=4 * MOST_SIDE_PX * MOST_SIDE_PX // 3 + 4,
        description="Bytes in base64, row by row: 0 is paper, 255 is ink.",
    ),
]


TINY = {"width": 5, "height": 5, "ink": "AAAAAAAAAP8AAAAA/wAAAAD/AAAAAAAAAA==", "normalise": True}
"""A 1 of three pixels, for examples."""


class Told(BaseModel):
    """What the server says."""

    model_config = ConfigDict(extra="forbid")


class Asked(BaseModel):
    """What the page asks; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Picture(Asked):
    """A drawing, or an image made as small as one."""

    width: int = Field(ge=3, le=MOST_SIDE_PX)
    height: int = Field(ge=3, le=MOST_SIDE_PX)
    ink: Bytes
    normalise: bool = Field(
        True, description="Whether the ink is brought to where the network expects it; else only made small."
    )


class Change(Asked):
    """One number of a network set to another value."""

    layer: int = Field(ge=1, le=12, description="1 is the first hidden layer.")
    neuron: int = Field(ge=0, lt=4096)
    source: int | None = Field(None, ge=0, lt=4096, description="The neuron before; None is the bias.")
    value: float = Field(ge=-1e6, le=1e6)


class Chosen(Asked):
    """A network, with what was changed in it by hand."""

    network: NetworkName
    changes: list[Change] = Field(default=[], max_length=200)


class See(Asked):
    """Ask what networks see in a picture."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"picture": TINY, "networks": [{"network": "videos"}]}]})

    picture: Picture
    networks: list[Chosen] = Field(min_length=1, max_length=3)


class Steps(Told):
    """How a picture became the network's image."""

    box: tuple[int, int, int, int] | None = Field(description="Left, top, width and height of the ink, in its pixels.")
    scale: float | None = Field(description="The image's pixels for each of the picture's.")
    small_width: int = Field(description="Of the ink scaled to fit 20 x 20; 0 where nothing was scaled.")
    small_height: int
    small: str = Field(description="Its shades, as bytes in base64.")
    corner: tuple[int, int] | None = Field(description="Left and top of the small ink in the image.")
    centre: tuple[float, float] | None = Field(
        description="Centre of mass of the ink, right and down, in pixels counted from 0; the aim is 14, 14."
    )
    image: str = Field(description="What the network is shown: 28 x 28 shades as bytes in base64.")


class Layer(Told):
    """A layer's numbers; wide layers tell those of some neurons only."""

    size: int
    shown: list[int] = Field(description="Which neurons the lists are about.")
    z: list[float] = Field(description="Weighted inputs; none for the inputs' layer.")
    activations: list[float]
    biases: list[float]


class Edges(Told):
    """What runs between the neurons that are shown of two layers: [to][from]."""

    weights: list[list[float]]
    products: list[list[float]] = Field(description="Weight times the activation before it.")


class Answer(Told):
    """What the ten outputs come to."""

    digit: int | None = Field(description="None is 'not a digit', if the network can say that; see reason.")
    confidence: float | None = Field(description="Calibrated on writers that the network had not seen; None without.")
    reason: str | None
    largest: int = Field(description="The digit whose output is largest, whatever the verdict.")


class Seen(Told):
    """What one network sees."""

    network: str
    layers: list[Layer]
    edges: list[Edges] = Field(description="edges[l] runs from layers[l] to layers[l + 1].")
    outputs: list[float]
    answer: Answer
    rejects: bool = Field(description="Whether it was taught what is no digit.")


class SeenByAll(Told):
    """The steps to the network's image, and what each network sees in it."""

    steps: Steps
    networks: list[Seen]


class AskNeuron(Asked):
    """Ask how one neuron comes to its activation."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"picture": TINY, "chosen": {"network": "videos"}, "layer": 1, "neuron": 3}]}
    )

    picture: Picture
    chosen: Chosen
    layer: int = Field(ge=1, le=12)
    neuron: int = Field(ge=0, lt=4096)


class Term(Told):
    """One product of a weighted sum."""

    source: int
    activation: float
    weight: float
    product: float


class Curve(Told):
    """A function, sampled."""

    x: list[float]
    y: list[float]


class NeuronDetail(Told):
    """A neuron's sum with its numbers."""

    layer: int
    neuron: int
    n_inputs: int
    weights: list[float]
    products: list[float] = Field(description="Weight times activation, for every neuron before.")
    largest: list[Term] = Field(description="The ten largest products, by size.")
    n_rest: int
    sum_of_rest: float
    weighted_sum: float = Field(description="Of all products, before the bias is added.")
    bias: float
    threshold: float = Field(description="Minus the bias: what the weighted sum has to pass for z > 0.")
    z: float
    activation: float
    slope: float = Field(description="Of the activation function at z.")
    function: str = Field(description="The activation function's name.")
    curve: Curve


class AskLikes(Asked):
    """Ask what a neuron looks for."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"chosen": {"network": "videos"}, "layer": 1, "neuron": 3}]}
    )

    chosen: Chosen
    layer: int = Field(ge=1, le=12)
    neuron: int = Field(ge=0, lt=4096)


class Likes(Told):
    """What a neuron looks for."""

    n_searched: int = Field(description="Test digits that were searched.")

    indices: list[int] = Field(description="Of the test digits that excite it most, the most exciting first.")
    labels: list[int]
    activations: list[float]
    images: list[str] = Field(description="28 x 28 shades each, as bytes in base64.")
    best_image: str = Field(description="The image that would excite it most, found by gradient ascent: 28 x 28.")
    best_z: float
    best_activation: float


class Example(Told):
    """A picture to begin with."""

    kind: str
    index: int
    label: int | None
    width: int
    height: int
    ink: str = Field(description="Shades, as bytes in base64.")
    normalise: bool
    about: str = Field(description="What it is, in a few words.")


class ReadMark(Told):
    """A mark on a page."""

    digit: int | None
    confidence: float
    reason: str | None
    box: tuple[int, int, int, int] = Field(description="Left, top, width, height, in pixels of the image.")
    image: str = Field(description="As the network was shown it: 28 x 28 shades, as bytes in base64.")
    outputs: list[float]


class ReadLine(Told):
    """A line of a page."""

    text: str
    marks: list[ReadMark]


class ReadPage(Told):
    """What stands on a page: as `glassnet read --json` says it, and what the network was shown."""

    width: int
    height: int
    text: str
    lines: list[ReadLine]


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


Activation = Literal["sigmoid", "tanh", "relu"]


class RunSettings(Asked):
    """How a network is to learn."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"hidden": [100], "learning_rate": 0.5}]})

    name: str = Field("", max_length=60)
    hidden: list[Annotated[int, Field(ge=1, le=1024)]] = Field(default=[16, 16], max_length=6)
    activation: Activation = "sigmoid"
    output_activation: Literal["sigmoid", "softmax"] = "sigmoid"
    cost: Literal["quadratic", "cross-entropy"] = "quadratic"
    start: Literal["scaled", "standard-normal"] = "scaled"
    learning_rate: float = Field(1.0, gt=0, le=1000)
    mini_batch_size: int = Field(100, ge=1, le=60_000)
    epochs: int = Field(30, ge=1, le=1000)
    n_training: int = Field(60_000, ge=10, le=60_000, description="Digits to learn from.")
    deform: bool = Field(False, description="Whether the digits are turned, stretched and shifted anew in every epoch.")
    seed: int = Field(0, ge=0, le=2**31 - 1)
    origin: str = Field("", max_length=200, description="What it began with, where that was not start values.")


class RunChange(Asked):
    """What can be changed on the way."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"learning_rate": 0.3, "steps_per_second": 5}]})

    learning_rate: float | None = Field(None, gt=0, le=1000)
    mini_batch_size: int | None = Field(None, ge=1, le=60_000)
    steps_per_second: float | None = Field(
        None, ge=0, le=1000, description="Mini-batches a second; 0 is as fast as it goes."
    )
    epochs: int | None = Field(None, ge=1, le=1000)
    name: str | None = Field(None, max_length=60)


class RunAction(Asked):
    """What a run is told to do."""

    action: Literal["start", "pause", "example", "mini_batch", "epoch", "stop", "again"]


class LayerHealth(Told):
    """How a layer fares: measured on 500 training digits."""

    layer: int
    gradient_size: float = Field(description="Length of the cost's gradient with respect to its weights and biases.")
    saturated: float = Field(description="Share of its activations whose function has a slope below 0.01.")
    weight_mean: float
    weight_spread: float = Field(description="Standard deviation of its weights.")
    histogram: list[int] = Field(description="How many of its weights lie in each of 24 equal parts between the ends.")
    low: float
    high: float


class Remedy(Told):
    """One click that may help."""

    title: str
    change: RunSettings


class Trouble(Told):
    """Why a run is stuck, with what was measured."""

    kind: str
    title: str
    evidence: str = Field(description="The measured numbers.")
    advice: str
    remedies: list[Remedy]


class Moment(Told):
    """A point of a run's history."""

    moment: int = Field(description="Steps taken.")
    epoch: float = Field(description="Epochs seen, with their fraction.")
    cost: float | None = Field(description="Mean cost of the last epoch's examples so far.")
    train_accuracy: float
    test_accuracy: float


class CostPoint(Told):
    """Mean cost of some mini-batches in a row."""

    moment: int
    cost: float


class RunTold(Told):
    """A run, as a list shows it."""

    id: str
    name: str
    settings: RunSettings
    state: Literal["ready", "running", "paused", "finished", "failed"]
    sentence: str = Field(description="Why it failed; else empty.")
    moment: int
    epoch: float
    seconds: float = Field(description="Of the descent alone.")
    cost: float | None
    train_accuracy: float
    test_accuracy: float
    n_parameters: int


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


class Welcome(Told):
    """What the page begins with."""

    version: str
    networks: list[NetworkTold]
    runs: list[RunTold]
    processors: int
    limits: dict[str, int]


class Alive(Told):
    """That the server answers."""

    status: Literal["ok"]
    version: str


class Problem(Told):
    """Why a request was refused: one sentence."""

    detail: str
