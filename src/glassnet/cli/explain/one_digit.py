"""Explanations of one digit: its outputs' wishes, one chain rule, its gradient, the step that it asks for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from glassnet import nudges
from glassnet.backpropagation import backprop
from glassnet.cli.console import out, print_wide, signed, unsigned
from glassnet.cli.explain import plots
from glassnet.cli.explain.example import Example
from glassnet.cli.explain.explanation import Explanation, check_finite, plain
from glassnet.cli.pictures import arrow, image_text, plain_table
from glassnet.digits import as_inputs, one_hot
from glassnet.errors import SettingError
from glassnet.network import feedforward
from glassnet.nudges import Parameter

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, eq=False)
class Outputs(Explanation):
    """What the example wishes its outputs to do."""

    example: Example
    wishes: nudges.OutputWishes

    def numbers(self) -> dict[str, Any]:
        """Return every number, as JSON can say it."""
        return self.example.numbers | plain(self.wishes)

    def show(self) -> None:
        """Print the digit beside its outputs, an arrow for each wish."""
        example, wishes = self.example, self.wishes
        table = plain_table("digit", "output", "wanted", "cost", "wish", "wish of z")
        table.add_column()
        # a cross-entropy's slope has the output's own in its denominator: what moves the cost shows in z
        by_z = example.network.cost == "cross-entropy" or example.network.output_activation == "softmax"
        drawn = wishes.z_wishes if by_z else wishes.wishes
        largest = float(np.abs(drawn).max())
        for j, wish in enumerate(wishes.wishes.tolist()):
            table.add_row(
                f"[bold]{j}[/]" if j == example.label else str(j),
                f"{wishes.outputs[j]:.4f}",
                f"{wishes.wanted[j]:.0f}",
                f"{wishes.costs[j]:.4f}",
                signed(wish),
                signed(wishes.z_wishes[j]),
                arrow(float(drawn[j]), largest),
            )
        out.print(example.headline)
        side_by_side = Table.grid(padding=(0, 3))
        side_by_side.add_row(image_text(example.image, out), table)
        print_wide(side_by_side)
        out.print(
            f"\nThe cost of this example is [bold]{wishes.cost:.4f}[/], the sum of its {len(wishes.costs)} terms. "
            f"A wish is minus the slope of the cost: where it is large, a nudge of that output counts most; "
            f"that of z, its weighted input, is what goes back to the layers before."
        )

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield a row for each output."""
        yield "digit", "output", "wanted", "cost", "wish", "z_wish"
        wishes = self.wishes
        columns = (wishes.outputs, wishes.wanted, wishes.costs, wishes.wishes, wishes.z_wishes)
        yield from zip(range(len(wishes.outputs)), *(column.tolist() for column in columns), strict=True)

    def draw(self, figure: "Figure") -> None:
        """Draw the digit, its outputs and their wishes."""
        plots.outputs(figure, self.example, self.wishes)


def outputs(example: Example) -> Outputs:
    """Return what the example wishes its outputs to do."""
    return Outputs(example, nudges.output_wishes(example.network, example.trace, example.wanted))


@dataclass(frozen=True, slots=True, eq=False)
class Weight(Explanation):
    """The chain rule of one weight or bias."""

    example: Example
    parameter: Parameter
    rule: nudges.ChainRule

    def numbers(self) -> dict[str, Any]:
        """Return every number, as JSON can say it."""
        return self.example.numbers | plain(self.rule)

    def show(self) -> None:
        """Print the factors, their product, the measurement, and every path to the cost."""
        rule = self.rule
        out.print(self.example.headline)
        letter = "b" if self.parameter.source is None else "w"
        out.print(f"\n[bold]{escape(rule.name)}[/] is {rule.value:+.6f}. How the cost of this example changes with it:")
        table = Table.grid(padding=(0, 2))
        for name, factor in rule.factors:
            table.add_row(f"  {name}", f"{factor:+.6e}")
        table.add_row(f"  [bold]dC/d{letter}[/]", f"[bold]{rule.product:+.6e}[/]", "the product")
        table.add_row("  measured", f"{rule.measured:+.6e}", "from the cost alone, nudged both ways")
        out.print(table)
        if rule.paths:
            out.print(f"\nThe activation in the middle reaches the cost by {len(rule.paths)} paths:")
            paths = plain_table("through", "dz/da (weight)", "dC/dz", "product")
            for path in rule.paths:
                paths.add_row(str(path.through), f"{path.dz_da:+.4f}", f"{path.dC_dz:+.4e}", f"{path.product:+.4e}")
            paths.add_row("[bold]dC/da[/]", "", "", f"[bold]{sum(path.product for path in rule.paths):+.4e}[/]")
            print_wide(paths)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield a row for each factor, the product, the measurement and each path."""
        yield "quantity", "number"
        yield from self.rule.factors
        yield "product", self.rule.product
        yield "measured", self.rule.measured
        for path in self.rule.paths:
            yield f"path through {path.through}", path.product


def weight(example: Example, layer: int, j: int, source: int | None) -> Weight:
    """Return the chain rule of one weight or bias."""
    parameter = Parameter(layer, j, source)
    return Weight(example, parameter, nudges.chain_rule(example.network, example.inputs, example.wanted, parameter))


@dataclass(frozen=True, slots=True, eq=False)
class Gradient(Explanation):
    """The gradient, and what nudging its largest entries does."""

    example: Example
    ranked: nudges.RankedGradient
    amount: float
    effects: list[nudges.NudgeEffect]

    def numbers(self) -> dict[str, Any]:
        """Return every number, as JSON can say it."""
        return self.example.numbers | {
            "length": self.ranked.length,
            "order": plain(self.ranked.order),
            "slopes": plain(self.ranked.slopes),
            "nudges": [plain(effect) | {"name": effect.parameter.name} for effect in self.effects],
        }

    def show(self) -> None:
        """Print the largest entries, and what a nudge of each does."""
        slopes = self.ranked.slopes
        out.print(self.example.headline)
        out.print(
            f"\nThe gradient of its cost has {len(slopes):,} entries and the length {self.ranked.length:.4f}. "
            f"The largest, and what a nudge by {self.amount:+g} does to the cost:"
        )
        table = plain_table("weight or bias", "slope", "so", "predicted", "actual")
        largest = abs(slopes[0])
        for effect in self.effects:
            advice = "raise" if effect.slope < 0 else "lower" if effect.slope > 0 else "leave"
            wish = Text(f"{arrow(-effect.slope, largest, 6)} {advice}")
            changes = (f"{effect.predicted:+.6f}", f"{effect.actual:+.6f}")
            table.add_row(escape(effect.parameter.name), f"{effect.slope:+.4f}", wish, *changes)
        print_wide(table)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield a row for each weight and bias, the largest slope first."""
        yield "parameter", "slope"
        for index, slope in zip(self.ranked.order.tolist(), self.ranked.slopes.tolist(), strict=True):
            yield nudges.parameter_at(self.example.network, index).name, slope

    def draw(self, figure: "Figure") -> None:
        """Draw the sizes of all entries, ranked."""
        plots.gradient(figure, self.example.network, self.ranked)


def gradient(example: Example, top: int, amount: float) -> Gradient:
    """Return the largest entries of the gradient and what nudging each does."""
    if top < 1 or not np.isfinite(amount):
        raise SettingError(f"--top must be at least 1 and --amount a finite number; they are {top} and {amount}.")
    network = example.network
    ranked = nudges.ranked_gradient(backprop(network, example.trace, example.wanted))
    entries = nudges.largest_entries(network, ranked, top)
    effects = [nudges.nudge_effect(network, example.inputs, example.wanted, p, amount) for p, _ in entries]
    check_finite([effect.actual for effect in effects], "try a smaller --amount")
    return Gradient(example, ranked, amount, effects)


@dataclass(frozen=True, slots=True, eq=False)
class Step(Explanation):
    """What one step does: to the costs of the digit, of a mini-batch with it, and of the test digits."""

    example: Example
    learning_rate: float
    others: np.ndarray
    effects: dict[str, nudges.StepEffect]

    @property
    def before(self) -> dict[str, float]:
        """The costs before any step."""
        return next(iter(self.effects.values())).costs_before

    def numbers(self) -> dict[str, Any]:
        """Return every number, as JSON can say it."""
        return self.example.numbers | {
            "learning_rate": self.learning_rate,
            "others_of_the_mini_batch": self.others.tolist(),
            "costs_before": self.before,
            "steps": {
                name: {
                    "length": effect.length,
                    "costs_after": effect.costs_after,
                    "answer_after": answer_of(effect, self.example),
                }
                for name, effect in self.effects.items()
            },
        }

    def show(self) -> None:
        """Print the costs before and after the steps."""
        effects = self.effects.values()
        out.print(self.example.headline)
        out.print(f"\nOne step of learning rate {self.learning_rate:g}, and what it does to the mean cost of others:")
        table = plain_table("cost of", "before", *(f"step for {name}" for name in self.effects))
        for name, cost in self.before.items():
            table.add_row(name, unsigned(cost, 6), *(unsigned(effect.costs_after[name], 6) for effect in effects))
        table.add_row("length of the step", "", *(unsigned(effect.length, 6) for effect in effects))
        answers = (str(answer_of(effect, self.example)) for effect in effects)
        table.add_row("the digit is read as", str(self.example.answer), *answers)
        print_wide(table)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield a row for each set of digits."""
        yield "cost_of", "before", "after_a_step_for_the_digit", "after_a_step_for_its_mini_batch"
        for name, cost in self.before.items():
            yield (name, cost, *(effect.costs_after[name] for effect in self.effects.values()))

    def draw(self, figure: "Figure") -> None:
        """Draw the costs before and after the steps."""
        plots.step(figure, self.before, self.effects)


def step(example: Example, learning_rate: float, mini_batch_size: int, seed: int) -> Step:
    """Return what one step does to the costs of the digit, of a mini-batch with it, and of the test digits."""
    n_training = len(example.digits.train_images)
    if not (np.isfinite(learning_rate) and learning_rate >= 0 and 2 <= mini_batch_size <= n_training and seed >= 0):
        raise SettingError(
            f"a step needs a learning_rate of 0 or more ({learning_rate}), a mini_batch_size from 2 to {n_training} "
            f"({mini_batch_size}) and a seed of 0 or more ({seed})."
        )
    network, n_out = example.network, example.network.layer_sizes[-1]

    def problem(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return as_inputs(images, dtype=np.float64), one_hot(labels, n_out, dtype=np.float64)

    others = np.random.default_rng(seed).choice(n_training, mini_batch_size - 1, replace=False)
    inputs, wanted = problem(example.digits.train_images[others], example.digits.train_labels[others])
    alone = (example.inputs, example.wanted)
    batch = (np.concatenate([example.inputs, inputs]), np.concatenate([example.wanted, wanted]))
    tests = problem(example.digits.test_images, example.digits.test_labels)
    sets = {"the digit": alone, "its mini-batch": batch, "the test digits": tests}
    explained = Step(
        example,
        learning_rate,
        others,
        {
            "the digit alone": nudges.step_effect(network, *alone, learning_rate, sets),
            "its mini-batch": nudges.step_effect(network, *batch, learning_rate, sets),
        },
    )
    after = [cost for effect in explained.effects.values() for cost in (effect.length, *effect.costs_after.values())]
    check_finite([*explained.before.values(), *after], "try a smaller --learning-rate")
    return explained


def answer_of(effect: nudges.StepEffect, example: Example) -> int:
    """Return the digit that is read after a step."""
    return int(np.argmax(feedforward(effect.network, example.inputs).outputs[0]))
