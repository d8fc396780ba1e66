"""A command that is forked does what one that starts anew does: the tests that fork it prove as much."""

import os
import signal
import subprocess

import pytest

from warm_command import CAN_FORK, CommandLine

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="there is no fork: every command starts anew")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        [],
        ["read", "-h"],
        ["read", "gone.png"],
        ["evaluate", "--no-such-option"],
        ["explain", "outputs", "--test-index", "8", "--model", "videos", "--json"],
        ["explain", "gradient", "--test-index", "8", "--model", "videos"],
        ["read", "-"],
    ],
    ids=" ".join,
)
def test_a_forked_command_says_what_a_new_one_says(tmp_path, warm, arguments):
    forked, new = (CommandLine(tmp_path, how)(*arguments) for how in (warm, None))
    assert (forked.returncode, forked.stdout, forked.stderr) == (new.returncode, new.stdout, new.stderr)


def test_a_command_is_in_its_folder_and_leaves_its_file_there(tmp_path, warm):
    result = CommandLine(tmp_path, warm)("export", "videos")
    assert result.returncode == 0, result.stderr.decode()
    assert [path.suffix for path in tmp_path.iterdir()] == [".html"]


def test_nothing_of_one_command_is_left_in_the_next(tmp_path, warm):
    run = CommandLine(tmp_path, warm)
    first, between, again = run("--version"), run("read", "gone.png"), run("--version")
    assert first.stdout == again.stdout
    assert (between.returncode, again.returncode) == (1, 0)
    assert not again.stderr


def test_a_command_that_takes_too_long_is_ended_and_the_next_one_runs(tmp_path, warm):
    run = CommandLine(tmp_path, warm)
    with pytest.raises(subprocess.TimeoutExpired):
        run("train", "--epochs", "99999", timeout=1)
    assert run("--version").returncode == 0


@pytest.mark.parametrize("how", ["forked", "anew"])
def test_a_command_can_be_killed_on_its_way_and_begin_with_something_else(tmp_path, warm, how):
    run = CommandLine(tmp_path, warm if how == "forked" else None)
    killed = run("train", "--epochs", "99999", kill_after=0.5)
    assert killed.returncode == -signal.SIGKILL
    assert run("--version", kill_after=600).returncode == 0
    assert run("--version", before="print('before all else')").stdout.startswith(b"before all else\nglassnet ")


def test_interrupts_are_heeded_wherever_the_tests_were_started(tmp_path):
    """What a shell starts with "&" ignores them, and so does all that it starts."""
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    process = CommandLine(tmp_path).start("train", "--epochs", "99999")
    assert process.stdout.readline()
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=600)
    assert process.returncode == 130
