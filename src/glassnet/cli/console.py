"""What all commands share: where they print, how they say that something is wrong."""

import errno
import functools
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.status import Status
from rich.table import Table

from glassnet.cli.look_alikes import has
from glassnet.errors import GlassnetError, ModelFileError, SettingError
from glassnet.system import can_start_threads, reason_of

if TYPE_CHECKING:
    from glassnet.model_file import Model

DEFAULT_MODEL = Path("glassnet.safetensors")
FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130
BRAILLE = "⠋"
"""What Rich's usual sign of waiting is made of."""


class Terminal(Console):
    """A console that lets a command finish its work when whoever read its output has gone."""

    def on_broken_pipe(self) -> None:
        """Raise the error as it came; Rich would end the program on the spot."""
        raise BrokenPipeError(errno.EPIPE, "nobody reads the output any more")

    def status(self, status: Any, **options: Any) -> Status:
        """Return a text with something that turns beside it, or stands still where nothing can turn."""
        options.setdefault("spinner", "dots" if has(self.file, BRAILLE) else "line")
        shown = super().status(status, **options)
        shown._live.auto_refresh = self.moves
        return shown

    @property
    def moves(self) -> bool:
        """Whether bars and texts can be drawn again and again: on a terminal, by a thread."""
        return self.is_terminal and can_start_threads()


out = Terminal(highlight=False)
"""For results."""
err = Terminal(stderr=True, highlight=False)
"""For progress and errors."""


def says_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with errors that a user can cause said in one sentence, and the exit code they call for."""

    @functools.wraps(command)
    def guarded(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except BrokenPipeError:
            raise  # whoever read our output has seen enough; the command-line library ends quietly
        except SettingError as error:
            # the library's names are those of the options, except for the dashes
            say_error(re.sub(r"\b(learning_rate|mini_batch_size|weight_decay)\b", as_option, str(error)))
            raise typer.Exit(WRONG_USAGE) from None
        except (GlassnetError, OSError) as error:
            say_error(sentence_of(error))
            raise typer.Exit(FAILED) from None
        except MemoryError:
            say_error("there is not enough memory for this.")
            raise typer.Exit(FAILED) from None
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None

    return guarded


def open_model(path: Path) -> "Model":
    """Return the model in a file, or one that comes with glassnet by its name.

    Where the customary file does not exist yet, the error says how to make it.
    """
    from glassnet.model_file import load_model

    if not path.exists():
        from glassnet.reading import SHIPPED, shipped_model

        if str(path) in SHIPPED:
            return shipped_model(str(path))
    if path == DEFAULT_MODEL and not path.exists():
        raise ModelFileError(f"there is no {path} here yet: train a network first (glassnet train), or name another.")
    return load_model(path)


def sentence_of(error: Exception) -> str:
    """Return an error's text as one sentence."""
    if isinstance(error, OSError) and error.strerror:
        what = f"{error.filename}: " if error.filename is not None else ""
        reason = reason_of(error)
        return f"{what}{reason[0].lower()}{reason[1:]}."
    return str(error) or type(error).__name__


def as_option(name: re.Match[str]) -> str:
    """Return a setting's name as the command line has it."""
    return "--" + name[0].replace("_", "-")


def say_error(sentence: str) -> None:
    """Print a sentence to standard error; control characters, as a file's name may hold, are shown and not obeyed."""
    printable = "".join(c if c.isprintable() else repr(c)[1:-1] for c in sentence)
    print(f"error: {printable}", file=sys.stderr)  # noqa: T201 - Rich would wrap and mark up what a user's file says


def print_json(value: Any) -> None:
    """Print one JSON object on one line of standard output."""
    typer.echo(json.dumps(value, allow_nan=False))


def print_wide(renderable: Any, columns: int = 0) -> None:
    """Print a table, or what needs that many columns; on a narrower terminal lines wrap rather than lose digits."""
    if isinstance(renderable, Table):
        columns = max(columns, out.measure(renderable, options=out.options.update(width=10_000)).maximum)
    Terminal(highlight=False, width=max(out.width, columns)).print(renderable)


def signed(number: float, digits: int = 4) -> str:
    """Return a number with its sign and that many digits after the point, a huge one with its power of ten."""
    return f"{number:+.{digits}f}" if abs(number) < 1e6 else f"{number:+.{digits}e}"


def unsigned(number: float, digits: int = 4) -> str:
    """Return a number as `signed` does, without a plus sign."""
    return signed(number, digits).removeprefix("+")


def plural(n: int, thing: str) -> str:
    """Return a number with the thing that it counts."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


def percent(share: float) -> str:
    """Return a share from 0 to 1 as all commands show it."""
    return f"{100 * share:.2f} %"
