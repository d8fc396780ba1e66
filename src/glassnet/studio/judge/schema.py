"""What the fifth view asks and is told."""

from typing import Annotated, Literal

from pydantic import Field

from glassnet.studio.shown.schema import Asked, Chosen, Told

MOST_FILES = 5_000

Kind = Literal["noise", "scribble", "letter", "inverted", "shifted", "turned"]
DamageKind = Literal["shift", "turn", "scale", "thickness", "noise", "contrast"]
Share = Annotated[float, Field(ge=0, le=1)]


class AskJudged(Asked):
    """Ask how good a network is."""

    chosen: Chosen


class AskCell(AskJudged):
    """Ask for the digits of a cell of the confusion matrix."""

    label: int = Field(ge=0, le=9)
    answer: int = Field(ge=0, le=9)


class AskOthers(AskJudged):
    """Ask what a network makes of things that it should not read, or should read all the same."""

    kind: Kind


class AskScores(AskJudged):
    """Ask what a threshold does to confidences that the network gave to files of yours."""

    confidences: list[Annotated[float, Field(ge=-1e6, le=1e6)]] = Field(min_length=1, max_length=MOST_FILES)


class AskDamage(AskJudged):
    """Ask how a network reads spoilt digits."""

    kind: DamageKind
    amount: float = Field(ge=-90, le=90, description="In the unit of its kind.")


class AskDamageCurve(AskJudged):
    """Ask for the accuracy over all amounts of a damage."""

    kind: DamageKind


class AskMap(AskJudged):
    """Ask where test digits lie in a layer."""

    layer: int = Field(ge=0, le=12, description="0 is the pixels.")


class JudgedPicture(Told):
    """A picture, and what a network takes it for."""

    index: int
    label: int | None = Field(description="None if it is not a digit.")
    answer: int = Field(description="The digit whose output is largest.")
    confidence: float
    image: str = Field(description="What the network was shown: 28 x 28 shades as bytes in base64.")


class BinTold(Told):
    """The digits whose confidence lay in one tenth of [0, 1]."""

    low: float
    high: float
    n: int
    confidence: float = Field(description="Mean; 0 where n is 0.")
    accuracy: float


class ChoiceTold(Told):
    """What a threshold buys."""

    at_least: float
    coverage: float = Field(description="Share of digits that are accepted.")
    accuracy: float | None = Field(description="Share of those that are right; None where none is accepted.")


class TestJudged(Told):
    """How a network reads test digits."""

    network: str
    rejects: bool = Field(description="Whether it was taught about non-digits, and so has a calibrated confidence.")
    n: int
    accuracy: float
    cost: float
    confusion: list[list[int]] = Field(description="[label][answer].")
    digit_accuracies: list[float | None]
    calibration: list[BinTold]
    calibration_error: float
    choices: list[ChoiceTold] = Field(description="For thresholds 0, 0.01, ... 1.")
    own: ChoiceTold = Field(description="For the threshold that comes with the network; 0 where it has none.")
    mistakes: list[JudgedPicture] = Field(description="The most confident first.")


class CellTold(Told):
    """The digits of a cell of the confusion matrix."""

    network: str
    n: int
    digits: list[JudgedPicture] = Field(description="The most confident first; not all where there are many.")


class OthersJudged(Told):
    """What a network makes of a set."""

    network: str
    kind: str
    n: int
    is_labelled: bool = Field(description="Whether these are digits, whose labels are known.")
    accepted: list[float] = Field(description="Share that is accepted, for thresholds 0, 0.01, ... 1.")
    n_rejected: list[int]
    n_right: list[int] = Field(description="Of those that are accepted; all 0 where they are not digits.")
    own: ChoiceTold = Field(description="For the threshold that comes with the network.")
    own_n_rejected: int
    own_n_right: int
    n_confidently_wrong: int = Field(description="With a confidence above 0.9, though not a digit or another one.")
    auroc: float = Field(description="The chance that a test digit gets a larger confidence than one of these.")
    accepted_at_95: float = Field(description="Share that is accepted where 95 % of the test digits are.")
    most_confident: list[JudgedPicture] = Field(description="Of those that are not a digit, or another one.")


class Verdict(Told):
    """What a network says of a file."""

    network: str
    digit: int | None = Field(description="None is 'not a digit', at the network's own threshold.")
    reason: str | None
    answer: int = Field(description="The digit whose output is largest, whatever the verdict.")
    confidence: float


class FileJudged(Told):
    """What networks say of a file."""

    image: str = Field(description="What they were shown: 28 x 28 shades as bytes in base64.")
    verdicts: list[Verdict]


class DamageJudged(Told):
    """How a network reads digits that are spoilt by an amount."""

    network: str
    kind: str
    amount: float
    n: int
    accuracy: float
    digits: list[JudgedPicture] = Field(description="The first test digit of each kind, spoilt.")


class DamageCurve(Told):
    """Accuracy over the amount of a damage."""

    network: str
    kind: str
    unit: str
    none: float = Field(description="The amount that spoils nothing.")
    n: int
    amounts: list[float]
    accuracies: list[float]


class MapTold(Told):
    """Where the first test digits lie in a layer."""

    network: str
    layer: int
    width: int
    n: int
    x: list[float] = Field(description="Along the axis on which they are spread widest.")
    y: list[float]
    shares: tuple[float, float] = Field(description="What part of the variance lies along each axis.")
    labels: list[int]
    answers: list[int]
