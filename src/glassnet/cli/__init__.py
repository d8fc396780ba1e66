"""The command line: ``glassnet train``, ``evaluate`` and ``read``."""

import inspect
import sys
import warnings
from typing import Annotated, Any

import typer

from glassnet.cli import explain
from glassnet.cli.bench import bench
from glassnet.cli.evaluate import evaluate
from glassnet.cli.export import export
from glassnet.cli.look_alikes import degrade
from glassnet.cli.read import read
from glassnet.cli.studio import studio
from glassnet.cli.train import train
from glassnet.errors import KernelMissingWarning

SHOW_WARNING = warnings.showwarning

HELP = """A neural network you can see through.

It learns to read handwritten digits in front of you, from the 70,000 digits of MNIST that come with it:

  glassnet train                  learn, and save the network as glassnet.safetensors
  glassnet evaluate               how good is it, and which digits does it confuse?
  glassnet read photo.png         read a digit from any image
  glassnet studio                 draw on it and watch it learn, in your browser
  glassnet export                 take the network with you as one web page that needs no server
  glassnet explain outputs        why is it wrong, and what would it have to change?
  glassnet bench                  how fast is it here, compared with everything else?

Every command explains itself with -h and answers in JSON with --json.
Exit codes: 0 fine, 1 failed, 2 wrong usage, 130 stopped with Ctrl-C (what was learned is saved).
"""


def with_blocks(text: str | None) -> str:
    """Return a help text whose indented paragraphs are marked to be printed line by line as they are."""
    paragraphs = inspect.cleandoc(text or "").split("\n\n")
    return "\n\n".join(f"\b\n{part}" if part.startswith("  ") else part for part in paragraphs)


app = typer.Typer(
    help=with_blocks(HELP),
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (train, evaluate, read, studio, export, bench):
    app.command(help=with_blocks(command.__doc__))(command)
explain.app.info.help = with_blocks(explain.HELP)
app.add_typer(explain.app, name="explain", no_args_is_help=True)


def show_version(wanted: bool) -> None:
    """Print the version, and what this installation lacks; then stop."""
    if wanted:
        import glassnet
        from glassnet import left_out

        typer.echo(f"glassnet {glassnet.__version__}")
        for part in (left_out.KERNEL, left_out.PAGE):
            if left_out.why(part):
                typer.echo(left_out.sentence(part))
        raise typer.Exit


@app.callback()
def main_options(
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that come before a command."""


def run() -> None:
    """Run the command line; where the output lacks a character (ASCII, Windows' code pages), another replaces it."""
    for stream in (sys.stdout, sys.stderr):
        degrade(stream)
    warnings.showwarning = say_warning
    app(prog_name="glassnet")


def say_warning(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
    """Print a warning of ours as one sentence, any other as Python does."""
    if issubclass(category, KernelMissingWarning):
        print(f"note: {message}", file=sys.stderr)  # noqa: T201 - Rich would wrap it
    else:
        SHOW_WARNING(message, category, *where, **more)
