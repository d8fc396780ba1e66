"""The command line, started as a user starts it."""

import csv
import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import glassnet
from systems import (
    INTERRUPTIBLE,
    IS_WINDOWS,
    in_the_background,
    interrupt,
    needs_links,
    needs_posix_files,
    needs_posix_signals,
    shown_on_a_terminal,
)
from waiting import wait_for

SHORT = ["--hidden", "8", "--epochs", "2", "--mini-batch-size", "10"]


def assert_fails(result, exit_code, sentence):
    message = result.stderr.decode()
    assert result.returncode == exit_code, message
    assert sentence in message
    assert "Traceback" not in message
    assert not result.stdout


@pytest.fixture
def train(run_glassnet, few_digits_folder):
    return lambda *options, **more: run_glassnet("train", "--data", few_digits_folder, *SHORT, *options, **more)


def test_train_shows_saves_and_says_what_next(train, run_glassnet, few_digits):
    result = train()
    assert result.returncode == 0, result.stderr.decode()
    text = result.stdout.decode()
    model = glassnet.load_model(run_glassnet.folder / "glassnet.safetensors")
    accuracy = glassnet.evaluate(model.network, few_digits.test_images, few_digits.test_labels).accuracy
    assert "epoch 2 of 2" in text
    assert f"reads {100 * accuracy:.2f} % of 300 test digits correctly" in text.replace("\n", " ")
    assert "logarithmic scale" in text
    assert text.count("read as ") == 6
    result = glassnet.evaluate(model.network, few_digits.test_images, few_digits.test_labels)
    wrong = np.flatnonzero(result.answers != few_digits.test_labels)
    surest = max(wrong, key=lambda i: result.confidences[i])
    first = text[text.index("surest of:") :].split(")")[0].split("\n")[-1].strip()
    assert first == (
        f"{few_digits.test_labels[surest]}, read as {result.answers[surest]} ({result.confidences[surest]:.2f}"
    )
    assert "█" in text
    assert "glassnet evaluate" in text
    assert model.network.layer_sizes == (784, 8, 10)
    assert model.training["seed"] == 0
    assert model.training["epochs_done"] == 2
    assert model.data["n_training"] == 1000
    assert model.results["test_accuracy"] == accuracy
    assert sorted(path.name for path in run_glassnet.folder.iterdir()) == ["glassnet.safetensors"]


def test_train_in_json(train, run_glassnet):
    result = train("--json", "--seed", "7", "--out", "seven.safetensors", "--validation", "100")
    assert result.returncode == 0, result.stderr.decode()
    assert not result.stderr
    told = json.loads(result.stdout)
    assert list(told) == ["layer_sizes", "engine", "epochs", "test_accuracy", "seconds", "model"]
    assert told["layer_sizes"] == [784, 8, 10]
    assert told["engine"] == "fused"
    assert [epoch["epoch"] for epoch in told["epochs"]] == [1, 2]
    assert told["epochs"][1]["cost"] < told["epochs"][0]["cost"]
    assert told["test_accuracy"] == told["epochs"][1]["test_accuracy"]
    assert told["epochs"][1]["validation_accuracy"] is not None
    assert told["seconds"] == pytest.approx(sum(epoch["seconds"] for epoch in told["epochs"]))
    assert told["model"] == "seven.safetensors"
    logged = train("--seed", "7", "--out", "again.safetensors", "--validation", "100").stdout.decode()
    for epoch in told["epochs"]:
        assert f"cost {epoch['cost']:.4f}   validation {100 * epoch['validation_accuracy']:.2f} %" in logged
    assert f"Validation digits: {100 * told['epochs'][1]['validation_accuracy']:.2f} %" in logged


def test_the_same_seed_writes_the_same_bytes(train, run_glassnet):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert train("--seed", seed, "--out", name).returncode == 0
    a, b, c = ((run_glassnet.folder / name).read_bytes() for name in "abc")
    assert a == b != c


def test_an_earlier_model_is_kept_and_other_files_are_left_alone(train, run_glassnet):
    folder = run_glassnet.folder
    for seed in (1, 2):
        assert train("--seed", seed).returncode == 0
    assert glassnet.load_model(folder / "glassnet.safetensors").training["seed"] == 2
    assert glassnet.load_model(folder / "glassnet.safetensors.previous").training["seed"] == 1
    assert train("--seed", 2).returncode == 0  # the same once more does not push the earlier one out
    assert glassnet.load_model(folder / "glassnet.safetensors.previous").training["seed"] == 1
    for name in ("thesis.txt", "model.previous", "model.interrupted"):
        (folder / name).write_text('years of work on "glassnet"', encoding="utf-8")
        assert_fails(
            train("--out", name.replace("model.", "model.")), 2, "was not written by glassnet: it is left alone"
        )
        assert (folder / name).read_text(encoding="utf-8") == 'years of work on "glassnet"'
    assert_fails(train("--out", "model"), 2, "was not written by glassnet: it is left alone")
    assert_fails(train("--checkpoint", "thesis.txt"), 2, "left alone")


@pytest.mark.parametrize(
    ("options", "exit_code", "sentence"),
    [
        (["--hidden", "16,x"], 2, "--hidden takes numbers of neurons"),
        (["--hidden", "-3"], 2, "--hidden takes numbers of neurons"),
        (["--hidden", "99999999"], 2, "500,000,000 are possible"),
        (["--epochs", "0"], 2, "epochs must be a whole number from 1 to"),
        (["--epochs", "many"], 2, "Invalid value for '--epochs'"),
        (["--learning-rate", "nan"], 2, "--learning-rate must be a number that is finite"),
        (["--mini-batch-size", "0"], 2, "--mini-batch-size"),
        (["--mini-batch-size", "1" + 29 * "0"], 2, "--mini-batch-size must be a whole number from 1 to 1,000,000,000"),
        (["--activation", "swish"], 2, "no activation 'swish'"),
        (["--activation", "softmax"], 2, "no activation 'softmax' inside"),
        (["--output-activation", "tanh", "--cost", "cross-entropy"], 2, "those of tanh are not"),
        (["--engine", "warp"], 2, "no engine 'warp'"),
        (["--seed", "-1"], 2, "--seed must not be negative"),
        (["--validation", "1000"], 2, "cannot hold out 1,000 of 1,000"),
        (["--validation", "-5"], 2, "--validation must not be negative"),
        (["--resume"], 2, "--resume needs --checkpoint"),
        (["--out", "nowhere/model"], 2, "nowhere to save model in"),
        (["--out", "."], 2, "is a folder"),
        (["--data", "nowhere"], 1, "nowhere: no such file or directory"),
        (["--nonsense"], 2, "--nonsense"),
        (["--learning-rate", "1e30", "--activation", "relu", "--output-activation", "relu"], 1, "no longer a finite"),
    ],
)
def test_wrong_options_are_told_in_one_sentence(train, run_glassnet, options, exit_code, sentence):
    assert_fails(train(*options), exit_code, sentence)
    assert not list(run_glassnet.folder.iterdir())


def test_resume_takes_the_checkpoints_options(train, run_glassnet):
    first = run_glassnet.folder / "run.checkpoint"
    started = train("--checkpoint", "run.checkpoint", "--seed", "4", "--resume", "--out", "a")
    assert started.returncode == 0
    assert "There is no run.checkpoint yet" in started.stderr.decode()
    assert first.exists()
    assert_fails(
        train("--checkpoint", "run.checkpoint", "--out", "b"), 2, "has done 2 of 2 epochs; continue it with --resume"
    )
    assert_fails(train("--checkpoint", "run.checkpoint", "--resume", "--seed", "5"), 2, "made with --seed 4")
    again = train("--checkpoint", "run.checkpoint", "--resume", "--out", "b", "--json")
    assert again.returncode == 0, again.stderr.decode()
    assert [epoch["epoch"] for epoch in json.loads(again.stdout)["epochs"]] == [1, 2]
    assert (run_glassnet.folder / "a").read_bytes() == (run_glassnet.folder / "b").read_bytes()
    others = run_glassnet("train", "--checkpoint", "run.checkpoint", "--resume", "--out", "b")
    assert_fails(others, 1, "it was made with other digits than these")
    assert train("--checkpoint", "run.checkpoint", "--resume", "--out", "b", "--hidden", " 8").returncode == 0
    first.write_bytes(first.read_bytes()[:-40])
    assert_fails(train("--checkpoint", "run.checkpoint", "--resume"), 1, "cannot go on from run.checkpoint")


def cpu_seconds(process):
    """Return what a process has taken of the processors: on a busy machine it waits, which is not its fault."""
    stat = Path(f"/proc/{process.pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_ctrl_c_keeps_what_was_learned(run_glassnet, few_digits_folder):
    options = ["--data", few_digits_folder, "--hidden", "8", "--mini-batch-size", "1", "--epochs", "100000"]
    from glassnet.checkpoint import load_checkpoint

    before = sum(os.times()[2:4])  # what all children took that have ended
    process = run_glassnet.start("train", *options, "--checkpoint", "run.checkpoint", "--json", **INTERRUPTIBLE)
    kept = run_glassnet.folder / "run.checkpoint"
    wait_for(lambda: kept.exists() and load_checkpoint(kept).history)
    so_far = cpu_seconds(process)
    interrupt(process)
    out, err = process.communicate(timeout=600)
    assert sum(os.times()[2:4]) - before - so_far < 2, "it goes on learning"
    assert process.returncode == 130, err.decode()
    assert b"Traceback" not in err
    told = json.loads(out)
    model = glassnet.load_model(run_glassnet.folder / "glassnet.safetensors")
    assert len(told["epochs"]) == model.training["epochs_done"] >= 1
    state = load_checkpoint(run_glassnet.folder / "run.checkpoint")
    assert len(state.history) == len(told["epochs"])
    np.testing.assert_array_equal(state.descent.network.weights[0], model.network.weights[0])


def started_in_the_background(run_glassnet, *arguments):
    command = run_glassnet.command
    run_glassnet.command = in_the_background(command)
    process = run_glassnet.start(*arguments)
    run_glassnet.command = command
    return process


@needs_posix_signals
def test_a_run_in_the_background_heeds_kill_and_not_ctrl_c(run_glassnet, few_digits_folder):
    """Ctrl-C is for what runs in front: the shell said so when it started this one with "&"."""
    options = ["--data", few_digits_folder, "--hidden", "8", "--mini-batch-size", "1", "--epochs", "99999"]
    process = started_in_the_background(run_glassnet, "train", *options)
    assert b"epoch     1 of" in process.stdout.readline(), "it has not begun"
    for _ in range(3):
        interrupt(process)
        time.sleep(0.3)
    assert process.poll() is None
    process.terminate()
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130, err.decode()
    assert b"as you asked" in out
    model = glassnet.load_model(run_glassnet.folder / "glassnet.safetensors")
    # not how many: what came with the first line was read with it
    *_, newest = re.findall(rb"epoch +(\d+) of 99999   cost", out)
    assert model.training["epochs_done"] == int(newest)


def test_the_command_line_runs_in_any_thread(run_glassnet, few_digits_folder):
    """Only the main thread may catch signals; a notebook or a server may call from another."""
    options = ["train", "--data", str(few_digits_folder), *SHORT, "--json"]
    code = (
        "import threading; from glassnet.cli import app; t = threading.Thread(target=app, "
        f"args=({options!r},), kwargs=dict(standalone_mode=False)); t.start(); t.join()"
    )
    run_glassnet.command = [run_glassnet.command[0], "-c", code]
    result = run_glassnet()
    assert not result.stderr, result.stderr.decode()
    assert [epoch["epoch"] for epoch in json.loads(result.stdout)["epochs"]] == [1, 2]


@pytest.mark.skipif(IS_WINDOWS, reason="Python has no pseudo-terminals on Windows")
def test_a_terminal_shows_a_moving_bar(run_glassnet, few_digits_folder):
    """On a terminal of its own the same command draws; the bar has the cost and the accuracy in it."""
    environment = {name: value for name, value in run_glassnet.environment.items() if name != "NO_COLOR"}
    command = [*run_glassnet.command, "train", "--data", str(few_digits_folder), *SHORT, "--epochs", "20"]
    shown = shown_on_a_terminal(command, run_glassnet.folder, environment | {"TERM": "xterm-256color"})
    text = shown.decode()
    assert "cost 0." in text
    assert "test " in text
    assert "of 20" in text
    assert "\x1b[38;" in text, "pictures have no shades"
    assert "▀" in text


def test_evaluate(run_glassnet, trained_file, trained, digits):
    result = run_glassnet("evaluate", trained_file)
    assert result.returncode == 0, result.stderr.decode()
    text = result.stdout.decode()
    measured = glassnet.evaluate(trained, digits.test_images, digits.test_labels)
    assert f"accuracy   {100 * measured.accuracy:.2f} %" in text
    rows = [line.replace("·", "0").split() for line in text.splitlines() if line.endswith(" %")][1:]
    assert [[int(n) for n in row[1:11]] for row in rows] == measured.confusion.tolist()
    assert [row[0] for row in rows] == list("0123456789")
    assert [row[11] for row in rows] == [f"{100 * share:.2f}" for share in measured.digit_accuracies]
    bins = [line.split() for line in text.splitlines() if " to " in line and "." in line[:5]]
    told = [(b[0], b[2], b[3], b[4], b[5]) for b in bins]
    assert [row[:5] for row in told] == [
        (f"{b.low:.1f}", f"{b.high:.1f}", f"{b.n:,}", f"{b.confidence:.3f}", f"{b.accuracy:.3f}")
        for b in measured.calibration
        if b.n
    ]
    assert f"mean cost  {measured.cost:.4f} (quadratic)" in text
    for share in measured.digit_accuracies:
        assert f"{100 * share:.2f} %" in text
    for b in measured.calibration:
        assert not b.n or f"{b.n:,}" in text
    told = json.loads(run_glassnet("evaluate", trained_file, "--json").stdout)
    assert told["accuracy"] == measured.accuracy
    assert told["confusion"] == measured.confusion.tolist()
    assert told["calibration_error"] == measured.calibration_error
    assert told["n"] == 10_000


def test_evaluate_refuses_what_does_not_fit(run_glassnet, tmp_path, rng, few_digits_folder):
    small = glassnet.Network.random((9, 10), rng=rng)
    glassnet.save_model(glassnet.Model(small), tmp_path / "small")
    assert_fails(run_glassnet("evaluate", "small", "--data", few_digits_folder), 1, "the network has 9 inputs")
    assert_fails(run_glassnet("evaluate"), 1, "train a network first (glassnet train)")
    assert_fails(run_glassnet("evaluate", "gone"), 1, "gone: no such file or directory")


@pytest.fixture
def pictures(run_glassnet, few_digits):
    paths = []
    for i in range(3):
        image = Image.fromarray(255 - few_digits.test_images[i]).resize((90, 90))
        paper = Image.new("L", (200, 150), 255)
        paper.paste(image, (80, 20))
        paper.save(run_glassnet.folder / f"{i}.png")
        paths.append(f"{i}.png")
    return paths


def test_read_one_digit_of_each_image(run_glassnet, trained_file, trained, pictures):
    result = run_glassnet("read", "--digit", "--model", trained_file, *pictures)
    assert result.returncode == 0, result.stderr.decode()
    text = result.stdout.decode()
    reader = glassnet.Reader(trained)
    for path in pictures:
        verdict = reader.classify(run_glassnet.folder / path)
        assert f"{path}: {verdict.digit}" in text
        for output in verdict.outputs:
            assert f"{output:.4f}" in text
    lines = run_glassnet("read", "--digit", "--json", "--model", trained_file, *pictures).stdout.splitlines()
    for path, line in zip(pictures, lines, strict=True):
        told = json.loads(line)
        expected = reader.mark(run_glassnet.folder / path)
        (mark,) = told["lines"][0]["marks"]
        assert told["file"] == path
        assert told["lines"][0]["text"] == str(mark["digit"]) == str(expected.verdict.digit)
        assert mark["outputs"] == expected.verdict.outputs.tolist()
        assert mark["confidence"] == expected.verdict.confidence
        assert mark["box"] == list(expected.box)
        assert mark["reason"] is None


@pytest.fixture
def numbers(run_glassnet, digits):
    """A page of three lines of digits."""
    sheet = np.full((300, 500), 250, np.uint8)
    places = np.flatnonzero(glassnet.Reader().outputs(digits.test_images[:300]).max(axis=1) > 0.99)[:18]
    for k, place in enumerate(places):
        top, left = 30 + 80 * (k // 6), 30 + 70 * (k % 6)
        large = np.asarray(Image.fromarray(digits.test_images[place]).resize((56, 56), Image.Resampling.BICUBIC))
        sheet[top : top + 56, left : left + 56] -= (large * 0.8).astype(np.uint8)
    Image.fromarray(sheet).save(run_glassnet.folder / "page.png")
    return ["".join(map(str, digits.test_labels[places[k : k + 6]])) for k in (0, 6, 12)]


def test_read_a_page_in_every_form(run_glassnet, numbers):
    assert run_glassnet("read", "page.png").stdout.decode().splitlines() == numbers
    told = json.loads(run_glassnet("read", "--json", "page.png").stdout)
    assert [line["text"] for line in told["lines"]] == numbers
    assert [line["words"] for line in told["lines"]] == [[number] for number in numbers]
    for line in told["lines"]:
        assert line["confidence"] == pytest.approx(np.prod([mark["confidence"] for mark in line["marks"]]))
    assert told["size"] == [500, 300]
    assert {"digit", "confidence", "reason", "box", "cell", "sign", "outputs"} == set(told["lines"][0]["marks"][0])
    header, *rows = csv.reader(run_glassnet("read", "--csv", "page.png").stdout.decode().splitlines())
    assert header[:7] == ["file", "page", "line", "place", "digit", "confidence", "reason"]
    assert "".join(row[4] for row in rows) == "".join(numbers)
    assert [row[2] for row in rows] == ["1"] * 6 + ["2"] * 6 + ["3"] * 6
    for name in ("seen.png", "seen.jpg"):
        result = run_glassnet("read", "--annotate", name, "page.png")
        assert result.returncode == 0, result.stderr.decode()
        seen = np.asarray(Image.open(run_glassnet.folder / name).convert("RGB")).astype(int)
        assert seen.shape == (600, 1000, 3)
        assert (seen[:, :, 2] - seen[:, :, 0] > 80).sum() > 3000, "boxes and digits in blue"


def test_annotated_pages_of_one_file_stand_beside_each_other(run_glassnet, numbers):
    with Image.open(run_glassnet.folder / "page.png") as page:
        page.save(run_glassnet.folder / "pages.tiff", save_all=True, append_images=[page])
    result = run_glassnet("read", "--annotate", "seen.png", "pages.tiff")
    assert result.returncode == 0, result.stderr.decode()
    made = {path.name for path in run_glassnet.folder.iterdir()} - {"page.png", "pages.tiff"}
    assert made == {"seen.png", "pages-2.annotated.png"}
    for name in made:
        seen = np.asarray(Image.open(run_glassnet.folder / name).convert("RGB"))
        assert (seen == [20, 110, 220]).all(axis=2).sum() > 1000, "what is accepted is framed in blue"
        assert not (seen == [220, 50, 30]).all(axis=2).any(), "what is not, in red"


def test_read_everything_that_a_folder_or_pattern_holds(run_glassnet, numbers):
    (run_glassnet.folder / "scans" / "more").mkdir(parents=True)
    shutil.copy(run_glassnet.folder / "page.png", run_glassnet.folder / "scans" / "a.png")
    shutil.copy(run_glassnet.folder / "page.png", run_glassnet.folder / "scans" / "more" / "b.PNG")
    (run_glassnet.folder / "scans" / "notes.txt").write_text("no image", encoding="utf-8")
    for argument in ("scans", "scans/**/*.[pP][nN][gG]"):
        told = [json.loads(line) for line in run_glassnet("read", "--json", argument).stdout.splitlines()]
        assert [one["file"] for one in told] == ["scans/a.png", "scans/more/b.PNG"]
    result = run_glassnet("read", "--annotate", "seen", "scans")
    assert result.returncode == 0, result.stderr.decode()
    assert result.stdout.decode().count(numbers[0]) == 2
    assert {path.name for path in (run_glassnet.folder / "seen").iterdir()} == {"a.annotated.png", "b.annotated.png"}
    (run_glassnet.folder / "empty").mkdir()
    assert_fails(run_glassnet("read", "empty"), 1, "there are no images in the folder empty")
    assert_fails(run_glassnet("read", "*.tiff"), 1, "no file matches *.tiff")


def test_read_crops_of_any_number(run_glassnet, digits):
    np.save(run_glassnet.folder / "crops.npy", np.concatenate([digits.test_images, np.zeros((1, 28, 28), np.uint8)]))
    reader = glassnet.Reader()
    found = reader.verdicts(digits.test_images).digits
    expected = "".join("?" if digit < 0 else str(digit) for digit in found) + "?"
    text = run_glassnet("read", "crops.npy").stdout.decode()
    assert text.replace("\n", "") == expected
    assert {len(line) for line in text.splitlines()} == {100, 1}
    _, *rows = csv.reader(run_glassnet("read", "--csv", "crops.npy").stdout.decode().splitlines())
    assert "".join(row[4] or "?" for row in rows) == expected
    assert rows[-1][6] == "nothing there"
    np.save(run_glassnet.folder / "few.npy", digits.test_images[:5])
    told = [json.loads(line) for line in run_glassnet("read", "--json", "few.npy").stdout.splitlines()]
    assert [one["digit"] for one in told] == digits.test_labels[:5].tolist()


def test_what_read_refuses(run_glassnet, numbers):
    assert_fails(run_glassnet("read", "--json", "--csv", "page.png"), 2, "do not go together")
    assert_fails(run_glassnet("read", "--at-least", "1.5", "page.png"), 2, "at_least must be from 0 to 1")
    assert_fails(run_glassnet("read", "--annotate", "page.png", "page.png"), 2, "it would be overwritten")
    assert_fails(run_glassnet("read", "--annotate", "seen.txt", "page.png"), 2, "name a .png")
    assert_fails(run_glassnet("read", "--annotate", "gone/seen.png", "page.png"), 2, "there is no folder")
    for name, content in (
        ("empty.png", b""),
        ("text.jpg", b"hello"),
        ("bad.pdf", b"%PDF-1.4 x"),
        ("x.heic", b"\0\0\0\x18ftypheic"),
    ):
        (run_glassnet.folder / name).write_bytes(content)
        assert_fails(run_glassnet("read", name), 1, f"cannot read {name}")
    result = run_glassnet("read", "--at-least", "0.9", "page.png")
    assert result.stdout.decode().splitlines() == numbers
    assert re.search(r"With 0\.9, of 4840 digits .* of those are right\.", " ".join(result.stderr.decode().split()))
    strict = run_glassnet("read", "--at-least", "1", "page.png").stdout.decode()
    assert strict.splitlines()[0] == "??????"
    assert "unlike any digit" in strict


def test_read_from_standard_input(run_glassnet, trained_file, pictures):
    data = (run_glassnet.folder / pictures[0]).read_bytes()
    piped = run_glassnet("read", "--digit", "--json", "--model", trained_file, "-", stdin=data)
    told = json.loads(piped.stdout)
    named = json.loads(run_glassnet("read", "--digit", "--json", "--model", trained_file, pictures[0]).stdout)
    assert told["file"] == "-"
    assert told["lines"] == named["lines"]


def test_one_bad_file_does_not_keep_the_others_from_being_read(run_glassnet, trained_file, pictures):
    (run_glassnet.folder / "bad.png").write_bytes(b"no image")
    result = run_glassnet("read", "--json", "--model", trained_file, pictures[0], "bad.png", "gone.png", pictures[1])
    assert result.returncode == 1
    assert len(result.stdout.splitlines()) == 2
    errors = result.stderr.decode().splitlines()
    assert len(errors) == 2
    assert "bad.png" in errors[0]
    assert "gone.png: no such file or directory" in errors[1]


@pytest.mark.parametrize("command", [[], ["train"], ["evaluate"], ["read"]])
def test_help_teaches(run_glassnet, command):
    result = run_glassnet(*command, "-h")
    assert result.returncode == 0
    text = result.stdout.decode()
    assert "Usage:" in text
    assert "--json" in text
    assert "  glassnet " in text, "there is no example"
    assert "\b" not in text


def test_no_arguments_show_the_help(run_glassnet):
    result = run_glassnet()
    assert result.returncode == 2
    assert "Usage:" in result.stdout.decode() + result.stderr.decode()


def test_version(run_glassnet):
    assert run_glassnet("--version").stdout.decode() == f"glassnet {glassnet.__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_can_complete(run_glassnet, shell):
    run_glassnet.environment |= {
        "_GLASSNET_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": "glassnet ",
        "COMP_CWORD": "1",
        "_TYPER_COMPLETE_ARGS": "glassnet ",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    text = run_glassnet().stdout.decode()
    for command in ("train", "evaluate", "read"):
        assert command in text


def test_a_reader_that_goes_away_ends_it_quietly(run_glassnet, trained_file):
    process = run_glassnet.start("evaluate", trained_file)
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    process.wait(timeout=600)
    assert b"Traceback" not in err


def test_checkpoint_and_model_cannot_be_one_file(train, run_glassnet):
    assert_fails(train("--checkpoint", "x", "--out", "./x"), 2, "the one would overwrite the other")
    assert not list(run_glassnet.folder.iterdir())


@needs_posix_files
def test_pipes_and_devices_are_left_alone(train, run_glassnet, tmp_path, rng):
    pipe = run_glassnet.folder / "pipe"
    os.mkfifo(pipe)
    assert_fails(train("--out", "pipe", timeout=600), 2, "is not a file: it is left alone")
    assert_fails(train("--checkpoint", "pipe", timeout=600), 2, "is not a file: it is left alone")
    assert pipe.is_fifo()
    network = glassnet.Network.random((4, 2), rng=rng)
    with pytest.raises(FileExistsError):
        glassnet.save_model(glassnet.Model(network), pipe)
    assert pipe.is_fifo()


def test_a_link_is_followed(train, run_glassnet):
    folder = run_glassnet.folder
    needs_links(folder)
    (folder / "elsewhere").mkdir()
    (folder / "glassnet.safetensors").symlink_to("elsewhere/real.safetensors")
    assert train().returncode == 0
    assert (folder / "glassnet.safetensors").is_symlink()
    assert glassnet.load_model(folder / "elsewhere" / "real.safetensors").training["epochs_done"] == 2


def test_an_interrupted_run_does_not_take_a_finished_ones_place(train, run_glassnet, few_digits_folder, few_digits):
    folder = run_glassnet.folder
    assert train().returncode == 0
    finished = (folder / "glassnet.safetensors").read_bytes()
    process = run_glassnet.start(
        "train", "--data", few_digits_folder, "--mini-batch-size", "1", "--epochs", "99999", **INTERRUPTIBLE
    )
    assert b"epoch" in process.stdout.readline(), "it has not begun"
    interrupt(process)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 130, err.decode()
    assert (folder / "glassnet.safetensors").read_bytes() == finished
    model = glassnet.load_model(folder / "glassnet.safetensors.interrupted")
    # what the file says of the network is true of this one, not of the last whole epoch's
    measured = glassnet.evaluate(model.network, few_digits.test_images, few_digits.test_labels)
    assert model.results["test_accuracy"] == measured.accuracy
    assert model.training["is_finished"] is False
    text = out.decode()
    assert f"reads {100 * measured.accuracy:.2f} %" in text.replace("\n", " ")
    assert "Stopped in epoch" in text
    assert "glassnet.safetensors.interrupted" in text


def test_a_finished_run_can_be_made_longer(train, run_glassnet, few_digits_folder):
    assert train("--checkpoint", "c", "--out", "short").returncode == 0
    assert_fails(train("--checkpoint", "c", "--resume", "--epochs", "1"), 2, "cannot be made to last 1")
    longer = train("--checkpoint", "c", "--resume", "--epochs", "4", "--out", "longer", "--json")
    assert longer.returncode == 0, longer.stderr.decode()
    assert [epoch["epoch"] for epoch in json.loads(longer.stdout)["epochs"]] == [1, 2, 3, 4]
    assert train("--epochs", "4", "--out", "straight").returncode == 0
    assert (run_glassnet.folder / "longer").read_bytes() == (run_glassnet.folder / "straight").read_bytes()
    assert train("--checkpoint", "d", "--schedule", "cosine", "--out", "e").returncode == 0
    assert_fails(train("--checkpoint", "d", "--resume", "--epochs", "4"), 2, "only a constant one can be made longer")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_any_output_encoding_will_do(run_glassnet, trained_file, pictures, encoding):
    run_glassnet.environment |= {"PYTHONIOENCODING": encoding}
    for command in (["evaluate", trained_file], ["read", "--model", trained_file, pictures[0]]):
        result = run_glassnet(*command)
        assert result.returncode == 0, result.stderr.decode()
        assert b"Traceback" not in result.stderr


def test_a_narrow_terminal_loses_no_number(run_glassnet, trained_file, trained, digits):
    run_glassnet.environment |= {"COLUMNS": "45"}
    text = run_glassnet("evaluate", trained_file).stdout.decode()
    confusion = glassnet.evaluate(trained, digits.test_images, digits.test_labels).confusion
    for label, row in enumerate(confusion.tolist()):
        cells = " ".join(str(n) if n else "·" for n in row)
        assert f"{label} {cells}" in " ".join(text.split()), "a row of the confusion matrix is cut"


def test_ctrl_c_while_it_starts_is_quiet(run_glassnet):
    # as users have it: a module's file that Ctrl-C leaves open while Python reads it is warned of by Python alone
    del run_glassnet.environment["PYTHONWARNINGS"]
    for delay in (0.03, 0.06, 0.1, 0.15, 0.25):
        process = run_glassnet.start("train", "-h", **INTERRUPTIBLE)
        time.sleep(delay)
        interrupt(process)
        _, err = process.communicate(timeout=600)
        # Python itself may still be starting; of what is ours nothing is told
        assert os.path.join("glassnet", "cli") not in err.decode(), err.decode()  # noqa: PTH118 - part of a path's text


def test_learning_rates_that_nobody_named():
    assert glassnet.Settings().learning_rate == 1.0
    assert glassnet.Settings(momentum=0.9).learning_rate == pytest.approx(0.1)
    assert glassnet.Settings(optimizer="adamw").learning_rate == 0.003
    assert glassnet.Settings(optimizer="adamw", learning_rate=1).learning_rate == 1.0


@pytest.mark.parametrize("apart", [0.0, 0.02, 0.05, 0.1, 0.2])
def test_two_interrupts_still_save(run_glassnet, few_digits_folder, apart):
    """Wherever the second one falls: while it stops, saves, shows or ends."""
    process = run_glassnet.start(
        "train", "--data", few_digits_folder, "--mini-batch-size", "1", "--epochs", "99999", **INTERRUPTIBLE
    )
    assert b"epoch" in process.stdout.readline(), "it has not begun"
    for _ in range(2):
        interrupt(process)
        time.sleep(apart)
    _, err = process.communicate(timeout=600)
    assert process.returncode == 130, err.decode()
    assert glassnet.load_model(run_glassnet.folder / "glassnet.safetensors").training["is_finished"] is False


def test_what_was_learned_outlives_a_checkpoint_that_cannot_be_written(run_glassnet, few_digits_folder):
    (run_glassnet.folder / "gone").mkdir()
    options = ["--data", few_digits_folder, "--mini-batch-size", "5", "--epochs", "99999", "--checkpoint", "gone/run"]
    process = run_glassnet.start("train", *options)
    wait_for(lambda: (run_glassnet.folder / "gone" / "run").exists())
    (run_glassnet.folder / "gone").rename(run_glassnet.folder / "moved")
    _, err = process.communicate(timeout=600)
    assert process.returncode == 1
    assert b"What was learned until then is saved as glassnet.safetensors." in err
    assert b"no such file or directory" in err
    assert glassnet.load_model(run_glassnet.folder / "glassnet.safetensors").training["is_finished"] is False


def test_what_was_learned_outlives_a_reader_that_went_away(run_glassnet, few_digits_folder):
    process = run_glassnet.start("train", "--data", few_digits_folder, "--epochs", "300", "--hidden", "8")
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=600) != 0
    assert b"Traceback" not in err
    assert glassnet.load_model(run_glassnet.folder / "glassnet.safetensors").network.layer_sizes == (784, 8, 10)


@pytest.mark.parametrize("name", ["run[red].st", "[bold]"])
def test_names_are_not_taken_for_markup(train, run_glassnet, name):
    result = train("--out", name)
    assert result.returncode == 0, result.stderr.decode()
    assert f"Saved as {name}." in result.stdout.decode()
    assert run_glassnet("evaluate", name).returncode == 0
    assert_fails(run_glassnet("evaluate", "[/b]"), 1, "[/b]: no such file or directory")


def test_a_refused_engine_leaves_no_checkpoint(train, run_glassnet):
    assert_fails(train("--engine", "warp", "--checkpoint", "c"), 2, "no engine 'warp'")
    assert not list(run_glassnet.folder.iterdir())


def test_weights_that_grow_beyond_all_bounds_are_not_saved(train, run_glassnet):
    steps = ["--mini-batch-size", "1000", "--epochs", "1", "--learning-rate", "1e39"]
    result = train("--activation", "relu", "--output-activation", "relu", *steps)
    assert result.returncode == 1
    assert "no longer a finite number in epoch 1" in result.stderr.decode()
    assert not list(run_glassnet.folder.iterdir())


def test_outputs_beyond_all_bounds_are_refused(run_glassnet, pictures):
    weights = np.full((10, 784), 1e38, np.float32)
    network = glassnet.Network((weights,), (np.zeros(10, np.float32),), output_activation="relu")
    glassnet.save_model(glassnet.Model(network), run_glassnet.folder / "huge")
    assert_fails(run_glassnet("evaluate", "huge", "--json"), 1, "outputs are not finite numbers")


@pytest.mark.skipif(IS_WINDOWS, reason="its shell has no way to start a program without standard input")
def test_no_standard_input(run_glassnet, trained_file):
    command = f"{run_glassnet.command[0]} -m glassnet read --model {trained_file} - <&-"
    result = subprocess.run(command, shell=True, capture_output=True, cwd=run_glassnet.folder, check=False)
    assert result.returncode == 1
    assert result.stderr.startswith(b"error: ")
    assert result.stderr.count(b"\n") == 1


def test_the_defaults_of_the_command_line_are_those_of_the_library():
    from glassnet.cli.plan import DEFAULTS, SETTINGS, settled

    settings = glassnet.Settings()
    chosen = settled(DEFAULTS)
    assert {name: chosen[name] for name in SETTINGS} == {name: getattr(settings, name) for name in SETTINGS}
    assert set(SETTINGS) == set(glassnet.Settings.__dataclass_fields__)
