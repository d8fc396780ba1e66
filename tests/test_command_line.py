"""The command line's surface stays what it was: every command, argument and option, its default and what is said of it.

Scripts of others rest on it. Whoever changes it on purpose writes command_line.json anew, ``python
tests/test_command_line.py``, and looks at what differs.
"""

import json
from pathlib import Path

import typer

from glassnet.cli import app

RECORD = Path(__file__).with_name("command_line.json")


def surface_of(command, name="glassnet"):
    """Yield each argument and option of a command and of those below it: where it is, and what it is."""
    yield name, command.help or ""
    for parameter in command.params:
        spelt = [*parameter.opts, *parameter.secondary_opts]
        told = {"default": repr(parameter.default), "required": parameter.required, "nargs": parameter.nargs}
        yield f"{name} {' '.join(spelt)}", told | {"help": getattr(parameter, "help", None)}
    for below, its in getattr(command, "commands", {}).items():
        yield from surface_of(its, f"{name} {below}")


def surface():
    return dict(surface_of(typer.main.get_command(app)))


def test_the_command_line_is_the_recorded_one():
    recorded, found = json.loads(RECORD.read_text(encoding="utf-8")), surface()
    assert set(found) == set(recorded)
    assert {name: told for name, told in found.items() if told != recorded[name]} == {}


if __name__ == "__main__":
    lines = (f" {json.dumps(name)}: {json.dumps(told, ensure_ascii=False)}" for name, told in surface().items())
    RECORD.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
