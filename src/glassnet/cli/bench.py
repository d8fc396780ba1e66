"""``glassnet bench``: the engines beside everything that is installed here and could be used instead."""

import platform
from collections import defaultdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glassnet.cli.console import err, out, plural, print_json, print_wide, say_error, says_errors
from glassnet.errors import SettingError

if TYPE_CHECKING:
    from glassnet.bench import Case, Result


@says_errors
def bench(
    case: Annotated[
        list[str] | None, typer.Option("--case", help="Which race; give it again for more.  [default: all]")
    ] = None,
    against: Annotated[
        list[str] | None,
        typer.Option("--against", help="Whom to race; give it again for more.  [default: all that are installed]"),
    ] = None,
    rounds: Annotated[int, typer.Option("--rounds", help="Laps each, after one that warms up.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Race glassnet's engines against their peers on this machine.

    Everybody gets the same network, digits, order, mini-batches and learning rate, float32, a process of its own, and
    as many threads as suit it best. In each round everybody takes a lap, so that a noisy moment hits all alike; the
    median counts. Converting the training digits, compiling and the first lap are not counted; images to be read are
    converted by everybody. Peers that are not installed do not take part: numpy (by hand), torch (eager and compiled),
    jax (one jit over the epoch), scikit-learn.

    Races: small-10, small-100, medium-10 and wide-128 are epochs of stochastic gradient descent, read-small and
    read-wide are 10,000 digits read, one-small is one digit.

    For example:

      glassnet bench
      glassnet bench --case small-10 --against fused --against torch --rounds 9
    """
    from glassnet.bench import CASES, Lap, installed, race

    names = [known.name for known in CASES]
    for name in case or []:
        if name not in names:
            raise SettingError(f"there is no race {name}; choose from {', '.join(names)}.")
    chosen = [known for known in CASES if not case or known.name in case]
    contestants = list(dict.fromkeys(["fused", *against])) if against else list(installed())
    results: dict[str, list[Result]] = defaultdict(list)
    failures: list[str] = []
    shown = err.is_terminal
    with err.status("Getting ready") as status:
        for event in race(chosen, contestants, rounds, failures):
            if isinstance(event, Lap):
                if shown:
                    what = f"{event.case}, round {event.round} of {rounds}: {event.contestant}"
                    status.update(f"{what}, {plural(event.threads, 'thread')}, {1e3 * event.seconds:,.3f} ms")
            else:
                results[event.case].append(event)
    for sentence in failures:
        say_error(sentence)
    if as_json:
        print_json(summary(chosen, results, rounds))
    else:
        for raced in chosen:
            show(raced, results[raced.name], rounds)


def fastest_peer(results: "list[Result]") -> "Result | None":
    """Return the fastest contestant that is not one of glassnet's engines."""
    from glassnet.bench.race import is_peer

    return next((result for result in results if is_peer(result.contestant)), None)


def summary(cases: "list[Case]", results: "dict[str, list[Result]]", rounds: int) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    from glassnet.engines.fused import kernel
    from glassnet.system import n_processors

    told = []
    for case in cases:
        found = results[case.name]
        ours = next((result for result in found if result.contestant == "fused"), None)
        told.append(
            {
                "case": case.name,
                "task": case.task,
                "layer_sizes": list(case.layer_sizes),
                "mini_batch_size": case.mini_batch_size,
                "learning_rate": case.learning_rate,
                "results": [
                    {
                        "contestant": result.contestant,
                        "version": result.version,
                        "threads": result.threads,
                        "seconds": result.seconds,
                        "times_fused": result.seconds / ours.seconds if ours else None,
                        "laps": list(result.laps),
                    }
                    for result in found
                ],
            }
        )
    return {
        "rounds": rounds,
        "processors": n_processors(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "instruction_sets": kernel.instruction_sets() if kernel else [],
        "cases": told,
    }


def show(case: "Case", results: "list[Result]", rounds: int) -> None:
    """Print one race."""
    from glassnet.cli.pictures import bar, plain_table

    out.print(f"\n[bold]{case.name}[/]: {case.title}. Medians of {plural(rounds, 'lap')}.\n")
    table = plain_table("", "version", "threads", "milliseconds", "times ours")
    table.columns[0].justify = "left"
    table.add_column()
    ours = next((result.seconds for result in results if result.contestant == "fused"), None)
    slowest = max((result.seconds for result in results), default=1.0)
    for result in results:
        times = f"{result.seconds / ours:.2f}" if ours else ""
        name = f"[bold]{result.title}[/]" if result.contestant == "fused" else result.title
        milliseconds = f"{1e3 * result.seconds:,.3f}"
        table.add_row(name, result.version, str(result.threads), milliseconds, times, bar(result.seconds / slowest, 20))
    print_wide(table)
    peer = fastest_peer(results)
    if ours and peer:
        out.print(f"\n{peer.seconds / ours:.1f} times as fast as the fastest peer, {peer.title}.")
