"""Options that are declared once, as the parameters of what they become, and taken by commands."""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any


def takes(subject: Callable[..., Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that makes a command of a function, with options for its first argument.

    Parameters
    ----------
    subject : callable
        Returns that argument, or is its class; its parameters become options of the command, before the function's own.
    """

    def decorator(function: Callable[..., None]) -> Callable[..., None]:
        _, *own = inspect.signature(function).parameters.values()
        of_subject = inspect.signature(subject).parameters

        @functools.wraps(function)
        def command(**options: Any) -> None:
            chosen = {name: value for name, value in options.items() if name in of_subject}
            function(subject(**chosen), **{name: options[name] for name in options.keys() - chosen.keys()})

        return with_parameters(command, [*of_subject.values(), *own])

    return decorator


def with_parameters(command: Callable[..., None], parameters: Sequence[inspect.Parameter]) -> Callable[..., None]:
    """Return the command with these parameters, all by keyword, where the command-line library looks for them."""
    by_keyword = [p.replace(kind=p.KEYWORD_ONLY) for p in parameters]
    vars(command)["__signature__"] = inspect.Signature(by_keyword)
    command.__annotations__ = {p.name: p.annotation for p in by_keyword}
    return command
