"""Explanations of one digit: its outputs' wishes, one chain rule, its gradient, the step that it asks for."""

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


def outputs(example: Example) -> Explanation:
    """Return what the example wishes its outputs to do."""
    wishes = nudges.output_wishes(example.network, example.trace, example.wanted)

    def show() -> None:
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

    fields = ("outputs", "wanted", "costs", "wishes", "z_wishes")
    rows = zip(range(len(wishes.outputs)), *(getattr(wishes, name).tolist() for name in fields), strict=True)
    return Explanation(
        numbers=example.numbers | plain(wishes),
        show=show,
        columns=("digit", "output", "wanted", "cost", "wish", "z_wish"),
        rows=rows,
        draw=lambda figure: plots.outputs(figure, example, wishes),
    )


def weight(example: Example, layer: int, j: int, source: int | None) -> Explanation:
    """Return the chain rule of one weight or bias."""
    rule = nudges.chain_rule(example.network, example.inputs, example.wanted, Parameter(layer, j, source))

    def show() -> None:
        out.print(example.headline)
        letter = "b" if source is None else "w"
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

    rows = [*rule.factors, ("product", rule.product), ("measured", rule.measured)]
    rows += [(f"path through {path.through}", path.product) for path in rule.paths]
    return Explanation(example.numbers | plain(rule), show, ("quantity", "number"), rows)


def gradient(example: Example, top: int, amount: float) -> Explanation:
    """Return the largest entries of the gradient and what nudging each does."""
    if top < 1 or not np.isfinite(amount):
        raise SettingError(f"--top must be at least 1 and --amount a finite number; they are {top} and {amount}.")
    network = example.network
    ranked = nudges.ranked_gradient(backprop(network, example.trace, example.wanted))
    entries = nudges.largest_entries(network, ranked, top)
    effects = [nudges.nudge_effect(network, example.inputs, example.wanted, p, amount) for p, _ in entries]
    check_finite([effect.actual for effect in effects], "try a smaller --amount")
    numbers = example.numbers | {
        "length": ranked.length,
        "order": plain(ranked.order),
        "slopes": plain(ranked.slopes),
        "nudges": [plain(effect) | {"name": effect.parameter.name} for effect in effects],
    }

    def show() -> None:
        out.print(example.headline)
        out.print(
            f"\nThe gradient of its cost has {len(ranked.slopes):,} entries and the length {ranked.length:.4f}. "
            f"The largest, and what a nudge by {amount:+g} does to the cost:"
        )
        table = plain_table("weight or bias", "slope", "so", "predicted", "actual")
        largest = abs(ranked.slopes[0])
        for effect in effects:
            advice = "raise" if effect.slope < 0 else "lower" if effect.slope > 0 else "leave"
            wish = Text(f"{arrow(-effect.slope, largest, 6)} {advice}")
            changes = (f"{effect.predicted:+.6f}", f"{effect.actual:+.6f}")
            table.add_row(escape(effect.parameter.name), f"{effect.slope:+.4f}", wish, *changes)
        print_wide(table)

    names = (nudges.parameter_at(network, index).name for index in ranked.order.tolist())
    return Explanation(
        numbers=numbers,
        show=show,
        columns=("parameter", "slope"),
        rows=zip(names, ranked.slopes.tolist(), strict=True),
        draw=lambda figure: plots.gradient(figure, network, ranked),
    )


def step(example: Example, learning_rate: float, mini_batch_size: int, seed: int) -> Explanation:
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
    effects = {
        "the digit alone": nudges.step_effect(network, *alone, learning_rate, sets),
        "its mini-batch": nudges.step_effect(network, *batch, learning_rate, sets),
    }
    before = next(iter(effects.values())).costs_before
    after = [cost for effect in effects.values() for cost in (effect.length, *effect.costs_after.values())]
    check_finite([*before.values(), *after], "try a smaller --learning-rate")
    told = {
        name: {"length": effect.length, "costs_after": effect.costs_after, "answer_after": answer_of(effect, example)}
        for name, effect in effects.items()
    }
    numbers = example.numbers | {
        "learning_rate": learning_rate,
        "others_of_the_mini_batch": others.tolist(),
        "costs_before": before,
        "steps": told,
    }

    def show() -> None:
        out.print(example.headline)
        out.print(f"\nOne step of learning rate {learning_rate:g}, and what it does to the mean cost of others:")
        table = plain_table("cost of", "before", *(f"step for {name}" for name in effects))
        for name, cost in before.items():
            after = (unsigned(effect.costs_after[name], 6) for effect in effects.values())
            table.add_row(name, unsigned(cost, 6), *after)
        table.add_row("length of the step", "", *(unsigned(effect.length, 6) for effect in effects.values()))
        table.add_row("the digit is read as", str(example.answer), *(str(t["answer_after"]) for t in told.values()))
        print_wide(table)

    rows = [(name, cost, *(effect.costs_after[name] for effect in effects.values())) for name, cost in before.items()]
    columns = ("cost_of", "before", "after_a_step_for_the_digit", "after_a_step_for_its_mini_batch")
    return Explanation(numbers, show, columns, rows, lambda figure: plots.step(figure, before, effects))


def answer_of(effect: nudges.StepEffect, example: Example) -> int:
    """Return the digit that is read after a step."""
    return int(np.argmax(feedforward(effect.network, example.inputs).outputs[0]))
