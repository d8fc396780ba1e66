"""Runs killed outright at any moment and resumed end with the very same bytes as one that was left alone."""

import time

import numpy as np
import pytest

import glassnet
from systems import KILLED
from warm_command import CAN_FORK, CommandLine

OPTIONS = [
    *["--hidden", "8", "--epochs", "12", "--mini-batch-size", "20", "--momentum", "0.5", "--average", "0.9"],
    *["--learning-rate", "0.5", "--checkpoint", "run.checkpoint", "--resume", "--out", "final.safetensors"],
]


OFTEN = "import glassnet.training as t; t.CHUNK_SECONDS, t.CHECKPOINT_SECONDS = 0.002, 0.004"
"""Checkpoints come every few milliseconds, so that kills hit their writing too."""


@pytest.fixture
def run(few_digits_folder, warm):
    """Run the same training in a folder, to its end or until it is killed."""

    def ran(folder, **kill):
        folder.mkdir(exist_ok=True)
        command = CommandLine(folder, warm if CAN_FORK else None)
        return command("train", "--data", few_digits_folder, *OPTIONS, before=OFTEN, **kill)

    return ran


def finished(result):
    assert result.returncode == 0, result.stderr.decode()


def kill_and_resume(run, tmp_path, n_kills, rng):
    """Kill and resume until so many kills came in time; return the runs that ended otherwise than the one left alone.

    Where the machine is busy for a while a kill comes when all is done: then it is another try, with a shorter wait.
    """
    began = time.monotonic()
    finished(run(tmp_path / "alone"))
    whole_seconds = time.monotonic() - began
    expected = (tmp_path / "alone" / "final.safetensors").read_bytes()
    different, in_time = [], 0
    for i in range(10 * n_kills):
        folder = tmp_path / f"killed-{i}"
        is_in_time = run(folder, kill_after=rng.uniform(0, whole_seconds)).returncode == KILLED
        in_time += is_in_time
        whole_seconds *= 1.0 if is_in_time else 0.9
        left = {path.name for path in folder.iterdir() if not path.name.endswith(".partial")}
        assert left <= {"run.checkpoint", "final.safetensors"}
        if "final.safetensors" in left:  # under its final name there is a whole file or none
            glassnet.load_model(folder / "final.safetensors")
        finished(run(folder))
        if (folder / "final.safetensors").read_bytes() != expected:
            different.append(i)
        if in_time == n_kills:
            break
    return different, in_time


def test_three_kills(run, tmp_path, rng):
    different, in_time = kill_and_resume(run, tmp_path, 3, rng)
    assert not different
    assert in_time == 3


@pytest.mark.slow
def test_fifty_kills(run, tmp_path, rng):
    different, in_time = kill_and_resume(run, tmp_path, 50, rng)
    assert not different
    assert in_time == 50


def test_a_forgotten_part_of_the_state_is_noticed(few_digits, tmp_path, monkeypatch):
    """The check sees a fault: without its moments a resumed run ends elsewhere."""
    from glassnet import checkpoint

    path = tmp_path / "run"
    options = {"epochs": 2, "mini_batch_size": 20, "momentum": 0.5, "learning_rate": 0.5}
    network = glassnet.Network.random((784, 8, 10), rng=np.random.default_rng(0))
    events = glassnet.train(network, few_digits, checkpoint=path, **options)
    next(events)
    events.close()
    whole = checkpoint.gradients_from

    def forgetful(*arguments):
        moment = whole(*arguments)
        return glassnet.Gradients(tuple(w * 0 for w in moment.weights), moment.biases)

    monkeypatch.setattr(checkpoint, "gradients_from", forgetful)
    *_, last = glassnet.resume(path, few_digits)
    *_, straight = glassnet.train(network, few_digits, **options)
    assert (last.network.weights[0] != straight.network.weights[0]).any()
