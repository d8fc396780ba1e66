"""Where the output lacks a character, what stands for it says the same."""

import io
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import glassnet
from glassnet.cli import console, look_alikes, pictures
from systems import IS_WINDOWS, shown_on_a_terminal

ENCODINGS = ["ascii", "cp437", "cp850", "cp1252", "latin-1"]


def written(text, encoding):
    """What comes out of a stream of an encoding."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    look_alikes.degrade(stream)
    stream.write(text)
    stream.flush()
    return stream.buffer.getvalue().decode(encoding)


def test_every_sign_that_commands_print_has_a_look_alike():
    folder = Path(console.__file__).parent
    signs = set(re.findall(r"[^\x00-\x7f]", "".join(p.read_text(encoding="utf-8") for p in folder.rglob("*.py"))))
    signs -= {"ü", console.BRAILLE}  # a letter, and what is asked about
    assert len(signs) > 30
    assert signs <= look_alikes.LOOK_ALIKES.keys()
    assert all(look.isascii() and look.isprintable() for look in look_alikes.LOOK_ALIKES.values())


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_columns_stay_where_they_are(encoding):
    for sign in look_alikes.LOOK_ALIKES:
        told = written(f"[{sign}]", encoding)
        assert len(told) == (4 if told == "[->]" else 3)
        assert "?" not in told


def test_what_an_encoding_has_it_keeps():
    assert written("█▓▒░▀ ▄ ▃·", "cp437") == "█▓▒░▀ ▄ :·"
    assert written("× · … – “a” → █", "cp1252") == "× · … – “a” -> @"
    assert written("× − ▶ ◀ ─", "ascii") == "x - > < -"
    assert written("░▒▓█ × → Ω", "utf-8") == "░▒▓█ × → Ω"


def test_names_keep_what_they_are():
    assert written("größe.png \udcff 数", "ascii") == "gr\\xf6\\xdfe.png \\udcff \\u6570"
    assert written("größe.png", "cp1252") == "größe.png"


def test_shades_and_signs_stay_apart():
    """Of a picture of weights, what is above 0 must not look like what is below; nor shades like marks on a surface."""
    above, below = (set(written(steps[1:], "ascii")) for steps in (pictures.POSITIVE, pictures.NEGATIVE))
    assert len(above) == len(below) == 4
    assert not above & below
    shades = written(pictures.SHADES, "ascii")
    assert len(set(shades)) == len(pictures.SHADES)
    assert not set(shades) & set("ox+")


def test_curves_in_ascii_still_rise():
    """Every height has a sign of its own, so that a curve can be read back from what is printed."""
    signs = written(pictures.EIGHTHS, "ascii")
    assert len(set(signs)) == len(pictures.EIGHTHS)
    values = np.geomspace(1, 0.01, 20)
    lines = [line.split("|")[1] for line in written(pictures.curve(values, height=4).plain, "ascii").split("\n")]
    heights = [sum(signs.index(line[3 * i]) for line in lines) for i in range(20)]
    expected = 1 + np.rint(np.linspace(1, 0, 20) * 31).astype(int)
    assert heights == expected.tolist()


def test_bars_in_ascii_are_to_the_nearest_whole():
    assert written(pictures.bar(0.5, 4), "ascii") == "@@  "
    assert written(pictures.bar(0.625, 4), "ascii") == "@@@ "
    assert written(pictures.bar(0.05, 4), "ascii") == ".   "


@pytest.mark.parametrize(
    ("encoding", "halves"), [("utf-8", True), ("cp437", True), ("ascii", False), ("cp1252", False)]
)
def test_halves_are_coloured_only_where_there_are_halves(encoding, halves):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    coloured = Console(file=stream, color_system="truecolor", force_terminal=True)
    image = np.array([[255, 0], [255, 0]], dtype=np.uint8)
    assert pictures.image_text(image, coloured).plain == ("▀▀" if halves else "█ ")
    weights = np.array([[1.0, -1.0], [1.0, -1.0]])
    assert pictures.weights_text(weights, coloured).plain == ("▀▀" if halves else "█#")
    assert ("Blue" in pictures.weight_legend(coloured)) is halves


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_picture_is_the_same_picture(run_glassnet, trained_file, encoding):
    """The whole way: a command's output in an encoding is that in UTF-8, sign for sign."""
    command = ("explain", "neuron", 1, 0, "--model", trained_file)
    expected = run_glassnet(*command).stdout.decode()
    run_glassnet.environment |= {"PYTHONIOENCODING": encoding}
    result = run_glassnet(*command)
    assert result.returncode == 0, result.stderr
    told = result.stdout.decode(encoding)
    assert told == written(expected, encoding)
    assert "?" not in told
    assert len(set(told) & set(" :*%@" if encoding in ("ascii", "cp1252", "latin-1") else " ░▒▓█")) == 5


@pytest.mark.skipif(IS_WINDOWS, reason="Python has no pseudo-terminals on Windows")
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_that_has_no_blocks(run_glassnet, few_digits_folder, encoding):
    environment = run_glassnet.environment | {"TERM": "xterm-256color", "PYTHONIOENCODING": encoding}
    del environment["NO_COLOR"]
    arguments = ["train", "--data", str(few_digits_folder), "--hidden", "8", "--epochs", "9", "--out", "größe"]
    shown = shown_on_a_terminal([*run_glassnet.command, *arguments], run_glassnet.folder, environment)
    text = shown.decode(encoding)
    assert "cost 0." in text
    assert "logarithmic scale" in text
    assert "@@@" in text
    assert ("größe" if encoding == "cp1252" else r"gr\xf6\xdfe") in text
    plain = re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", text)
    assert plain.count("?") == len(["what confuses it?", "a digit of yours?"])


def test_json_is_ascii_whatever_the_name(run_glassnet, trained_file, digits):
    from PIL import Image

    Image.fromarray(255 - digits.test_images[0]).save(run_glassnet.folder / "größe 数.png")
    run_glassnet.environment |= {"PYTHONIOENCODING": "cp1252"}
    result = run_glassnet("read", "--json", "--digit", "--model", trained_file, "größe 数.png")
    assert result.returncode == 0, result.stderr
    assert result.stdout.isascii()
    assert json.loads(result.stdout)["file"] == "größe 数.png"


def test_what_turns_turns_in_any_encoding_and_without_threads(monkeypatch):
    for encoding, spinner in (("utf-8", "dots"), ("ascii", "line")):
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        shown = console.Terminal(file=stream, force_terminal=True)
        with shown.status("Packing ...") as status:
            assert status._spinner.name == spinner
        assert shown.moves
    monkeypatch.setattr(console, "can_start_threads", lambda: False)
    monkeypatch.setattr("threading.Thread.start", None)
    assert not shown.moves
    with shown.status("Packing ..."):
        pass


def test_reading_and_training_draw_without_threads(run_glassnet, few_digits_folder, trained_file, digits):
    """As in a browser's Python: whatever wants to start a thread gets what it says there."""
    from PIL import Image

    Image.fromarray(255 - digits.test_images[0]).save(run_glassnet.folder / "seven.png")
    code = """
import sys, threading
def refused(self):
    raise RuntimeError("can't start new thread")
threading.Thread.start = refused
from glassnet.__main__ import main
sys.argv[0] = "glassnet"
main()
"""
    run_glassnet.command = [sys.executable, "-c", code]
    train = ("train", "--data", few_digits_folder, "--hidden", "8", "--epochs", "1", "--engine", "reference")
    for command in (train, ("read", "--digit", "--model", trained_file, "seven.png"), ("export", trained_file)):
        result = run_glassnet(*command)
        assert result.returncode == 0, result.stderr.decode()
        assert not result.stderr, result.stderr.decode()
    assert glassnet.load_model(run_glassnet.folder / "glassnet.safetensors").training["epochs_done"] == 1
