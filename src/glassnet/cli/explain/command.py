"""What the commands of ``glassnet explain`` share: a subject made from options, and ways to tell the explanation."""

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glassnet.cli.console import says_errors
from glassnet.cli.options import with_parameters

if TYPE_CHECKING:
    from glassnet.cli.explain.explanation import Explanation

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object with every number instead.")]
CsvOption = Annotated[Path | None, typer.Option("--csv", help="Write the numbers as a table too.", readable=False)]
PngOption = Annotated[
    Path | None,
    typer.Option("--png", help="Draw it into a file too (.png, .svg, .pdf; needs matplotlib).", readable=False),
]


def outlets(as_json: JsonOption = False, csv: CsvOption = None, png: PngOption = None) -> None:
    """Stand for the options by which every explanation can be had."""


def explains(subject: Callable[..., Any]) -> Callable[[Callable[..., "Explanation"]], Callable[..., None]]:
    """Return a decorator that makes a command of a function from a subject, and options of its own, to an explanation.

    Parameters
    ----------
    subject : callable
        Returns the first argument of the decorated function; its own parameters become options of the command.
    """

    def decorator(explained: Callable[..., "Explanation"]) -> Callable[..., None]:
        _, *own = inspect.signature(explained).parameters.values()
        of_subject = list(inspect.signature(subject).parameters.values())
        of_outlets = list(inspect.signature(outlets).parameters.values())

        @says_errors
        @functools.wraps(explained)
        def command(**options: Any) -> None:
            import numpy as np

            from glassnet.cli.explain.explanation import check_outlets, tell

            def chosen(parameters: list[inspect.Parameter]) -> dict[str, Any]:
                return {p.name: options[p.name] for p in parameters}

            check_outlets(explained.__name__, **chosen(of_outlets))  # before long work, not after it
            with np.errstate(over="ignore", invalid="ignore"):  # results that overflowed are refused by name
                explanation = explained(subject(**chosen(of_subject)), **chosen(own))
            tell(explanation, **chosen(of_outlets))

        return with_parameters(command, [*own, *of_subject, *of_outlets])

    return decorator
