"""What is asked and told of runs."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from glassnet.studio.runs.phases import State
from glassnet.studio.shown.schema import Asked, Told

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
    """What can be changed once a run has begun."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"learning_rate": 0.3, "steps_per_second": 5}]})

    learning_rate: float | None = Field(None, gt=0, le=1000)
    mini_batch_size: int | None = Field(None, ge=1, le=60_000)
    steps_per_second: float | None = Field(
        None, ge=0, le=1000, description="Mini-batches a second; 0 is as fast as it goes."
    )
    epochs: int | None = Field(None, ge=1, le=1000)
    name: str | None = Field(None, max_length=60)


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
    state: State
    sentence: str = Field(description="Why it failed; else empty.")
    moment: int
    epoch: float
    seconds: float = Field(description="Of the descent alone.")
    cost: float | None
    train_accuracy: float
    test_accuracy: float
    n_parameters: int
