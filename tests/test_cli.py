"""The command line, started as a user starts it."""

import json
import os
import pty
import signal
import subprocess
import time

import numpy as np
import pytest
from PIL import Image

import glassnet

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
    assert f"reads {100 * accuracy:.2f} % of 300 test digits rightly" in text.replace("\n", " ")
    assert "logarithmic scale" in text
    assert text.count("read as ") == 6
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
    assert told["engine"] == "reference"
    assert [epoch["epoch"] for epoch in told["epochs"]] == [1, 2]
    assert told["epochs"][1]["cost"] < told["epochs"][0]["cost"]
    assert told["test_accuracy"] == told["epochs"][1]["test_accuracy"]
    assert told["epochs"][1]["validation_accuracy"] is not None
    assert told["seconds"] == pytest.approx(sum(epoch["seconds"] for epoch in told["epochs"]))
    assert told["model"] == "seven.safetensors"


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
    (folder / "thesis.txt").write_text("years of work")
    assert_fails(train("--out", "thesis.txt"), 2, "was not written by glassnet: it is left alone")
    assert (folder / "thesis.txt").read_text() == "years of work"
    assert_fails(train("--checkpoint", "thesis.txt"), 2, "left alone")


@pytest.mark.parametrize(
    ("options", "exit_code", "sentence"),
    [
        (["--hidden", "16,x"], 2, "--hidden takes numbers of neurons"),
        (["--hidden", "-3"], 2, "--hidden takes numbers of neurons"),
        (["--hidden", "99999999"], 2, "500,000,000 are possible"),
        (["--epochs", "0"], 2, "epochs must be a whole number of at least 1"),
        (["--epochs", "many"], 2, "Invalid value for '--epochs'"),
        (["--learning-rate", "nan"], 2, "learning_rate must be a number that is finite"),
        (["--mini-batch-size", "0"], 2, "mini_batch_size"),
        (["--activation", "swish"], 2, "no activation 'swish'"),
        (["--activation", "softmax"], 2, "no activation 'softmax' inside"),
        (["--output-activation", "tanh", "--cost", "cross-entropy"], 2, "those of tanh are not"),
        (["--engine", "warp"], 2, "no engine 'warp'"),
        (["--seed", "-1"], 2, "--seed must not be negative"),
        (["--validation", "1000"], 1, "cannot hold out 1,000 of 1,000"),
        (["--validation", "-5"], 1, "cannot hold out -5"),
        (["--resume"], 2, "--resume needs --checkpoint"),
        (["--out", "nowhere/model"], 2, "there is no folder nowhere"),
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
        train("--checkpoint", "run.checkpoint", "--out", "b"), 2, "2 of 2 epochs old; go on with it by --resume"
    )
    assert_fails(train("--checkpoint", "run.checkpoint", "--resume", "--seed", "5"), 2, "made with --seed 4")
    again = train("--checkpoint", "run.checkpoint", "--resume", "--out", "b", "--json")
    assert again.returncode == 0, again.stderr.decode()
    assert len(json.loads(again.stdout)["epochs"]) == 2
    assert (run_glassnet.folder / "a").read_bytes() == (run_glassnet.folder / "b").read_bytes()
    moved = run_glassnet("train", "--checkpoint", "run.checkpoint", "--resume", "--out", "b")
    assert_fails(moved, 2, "was made with --data")
    first.write_bytes(first.read_bytes()[:-40])
    assert_fails(train("--checkpoint", "run.checkpoint", "--resume"), 1, "cannot go on from run.checkpoint")


def wait_for(condition, seconds=30):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def test_ctrl_c_keeps_what_was_learned(run_glassnet, few_digits_folder):
    options = ["--data", few_digits_folder, "--hidden", "8", "--mini-batch-size", "1", "--epochs", "100000"]
    process = run_glassnet.start("train", *options, "--checkpoint", "run.checkpoint", "--json")
    wait_for(lambda: (run_glassnet.folder / "run.checkpoint").exists())
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    asked = time.monotonic()
    out, err = process.communicate(timeout=20)
    assert time.monotonic() - asked < 2
    assert process.returncode == 130, err.decode()
    assert b"Traceback" not in err
    told = json.loads(out)
    model = glassnet.load_model(run_glassnet.folder / "glassnet.safetensors")
    assert len(told["epochs"]) == model.training["epochs_done"] >= 1
    from glassnet.checkpoint import load_checkpoint

    state = load_checkpoint(run_glassnet.folder / "run.checkpoint")
    assert len(state.history) == len(told["epochs"])
    np.testing.assert_array_equal(state.descent.network.weights[0], model.network.weights[0])


def test_a_terminal_shows_a_moving_bar(run_glassnet, few_digits_folder):
    """On a terminal of its own the same command draws; the bar has the cost and the accuracy in it."""
    leader, follower = pty.openpty()
    environment = {name: value for name, value in run_glassnet.environment.items() if name != "NO_COLOR"}
    process = subprocess.Popen(
        [*run_glassnet.command, "train", "--data", str(few_digits_folder), *SHORT, "--epochs", "20"],
        cwd=run_glassnet.folder,
        env=environment | {"TERM": "xterm-256color"},
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    shown = b""
    try:
        while some := os.read(leader, 65536):
            shown += some
    except OSError:  # the other end of a terminal that is gone
        pass
    os.close(leader)
    assert process.wait() == 0
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


def test_read(run_glassnet, trained_file, trained, pictures, few_digits):
    result = run_glassnet("read", "--model", trained_file, *pictures)
    assert result.returncode == 0, result.stderr.decode()
    text = result.stdout.decode()
    for path in pictures:
        reading = glassnet.read_digit(trained, run_glassnet.folder / path)
        assert f"{path}: {reading.digit}" in text
        for output in reading.outputs:
            assert f"{output:.4f}" in text
    lines = run_glassnet("read", "--json", "--model", trained_file, *pictures).stdout.splitlines()
    for path, line in zip(pictures, lines, strict=True):
        told = json.loads(line)
        reading = glassnet.read_digit(trained, run_glassnet.folder / path)
        (mark,) = told["lines"][0]["marks"]
        assert told["file"] == path
        assert told["lines"][0]["text"] == str(mark["digit"]) == str(reading.digit)
        assert mark["outputs"] == reading.outputs.tolist()
        assert mark["confidence"] == max(mark["outputs"])
        assert mark["box"] == list(reading.normalised.box)
        assert mark["reason"] is None


def test_read_from_standard_input(run_glassnet, trained_file, pictures):
    data = (run_glassnet.folder / pictures[0]).read_bytes()
    piped = run_glassnet("read", "--json", "--model", trained_file, "-", stdin=data)
    told = json.loads(piped.stdout)
    named = json.loads(run_glassnet("read", "--json", "--model", trained_file, pictures[0]).stdout)
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


def test_read_before_training_says_what_to_do(run_glassnet, pictures):
    assert_fails(run_glassnet("read", pictures[0]), 1, "train a network first (glassnet train)")


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
    process.wait(timeout=30)
    assert b"Traceback" not in err
