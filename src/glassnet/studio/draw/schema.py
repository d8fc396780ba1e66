"""What the page asks of this view and is told."""

from pydantic import ConfigDict, Field

from glassnet.studio.shown.schema import TINY, Asked, Chosen, Picture, Seen, Steps, Told


class See(Asked):
    """Ask what networks see in a picture."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"picture": TINY, "networks": [{"network": "videos"}]}]})

    picture: Picture
    networks: list[Chosen] = Field(min_length=1, max_length=3)


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


class ReadMark(Told):
    """A mark on a page."""

    digit: int | None
    confidence: float
    reason: str | None
    box: tuple[int, int, int, int] = Field(description="Left, top, width, height, in pixels of the image.")
    image: str = Field(description="As the network was shown it: 28 x 28 shades, as bytes in base64.")
    outputs: list[float]
    sign: str | None = Field(description="A point, comma, colon, dash or slash between digits, which has no digit.")


class ReadThing(Told):
    """What is on a page and is no mark: a frame, a ruled line, the edge of a sheet."""

    kind: str
    box: tuple[int, int, int, int]


class ReadLine(Told):
    """A line of a page."""

    text: str
    region: str = Field(description="The name of the part in which it stands, where one looked in some.")
    marks: list[ReadMark]


class ReadPage(Told):
    """What is written on a page: as `glassnet read --json` tells it, and what the network was shown."""

    width: int
    height: int
    text: str
    lines: list[ReadLine]
    things: list[ReadThing]
    turned: int = Field(description="Degrees by which it was turned to the left to be read.")
    is_sheet: bool = Field(description="Whether parts were asked for, and it is a sheet that a photo shows on a table.")
    number: int = Field(description="Which page of the file it is, from 1.")
    has_more: bool = Field(description="Whether another page follows.")
    picture: str | None = Field(description="The page as a JPEG in base64, where a browser cannot show it itself.")
