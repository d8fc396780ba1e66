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


class ParameterPlace(Asked):
    """A weight or bias by its place: `glassnet.nudges.Parameter`."""

    layer: int = Field(ge=1, description="That of the neuron it belongs to: 1 is the first hidden one.")
    neuron: int = Field(ge=0)
    source: int | None = Field(None, ge=0, description="The neuron of the layer before; None is the bias.")


class Change(ParameterPlace):
    """One number of a network set to another value."""

    value: float = Field(ge=-1e6, le=1e6)


class Chosen(Asked):
    """A network, with what was changed in it by hand."""

    network: NetworkName
    changes: list[Change] = Field(default=[], max_length=200)


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
    rejects: bool = Field(description="Whether it was taught to reject non-digits.")


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


class Alive(Told):
    """That the server answers."""

    status: Literal["ok"]
    version: str


class Problem(Told):
    """Why a request was refused: one sentence."""

    detail: str
