"""Systems: what tests do in another way on each of them, and what some of them do not have."""

import os
import signal
import subprocess
import sys

import pytest

IS_WINDOWS = sys.platform == "win32"
needs_posix_signals = pytest.mark.skipif(
    IS_WINDOWS, reason="Windows has no signal that one process sends another, but to a whole console"
)
needs_posix_files = pytest.mark.skipif(IS_WINDOWS, reason="Windows has no such pipes, devices or permission bits")

# a shell that starts the tests in the background has them, and whatever they start, ignore Ctrl-C
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Ctrl-Break goes to a group of processes: without one of its own, the tests themselves would be interrupted too
INTERRUPTIBLE = {"creationflags": 0x00000200} if IS_WINDOWS else {}
"""Options of Popen for a process that will be interrupted."""


KILLED = 1 if IS_WINDOWS else -9
"""What a process returns that was killed."""


def interrupt(process):
    """Press Ctrl-C for a process that was started with `INTERRUPTIBLE`; on Windows Ctrl-Break, which can be sent."""
    process.send_signal(signal.CTRL_BREAK_EVENT if IS_WINDOWS else signal.SIGINT)


def in_the_background(command):
    """Return a command that starts as a shell's ``command &`` does, ignoring Ctrl-C."""
    code = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    return [sys.executable, "-c", code, *command]


def shown_on_a_terminal(command, folder, environment):
    """Return the bytes that a command draws on a terminal of its own; it must end well."""
    import pty

    leader, follower = pty.openpty()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=follower, stderr=follower)
    os.close(follower)
    shown = b""
    try:
        while some := os.read(leader, 65536):
            shown += some
    except OSError:  # the other end of a terminal that is gone
        pass
    os.close(leader)
    assert process.wait() == 0
    return shown


def needs_links(folder):
    """Skip where this user may make no symbolic links: Windows allows them to administrators and developers."""
    try:
        (folder / "link-tried").symlink_to("nowhere")
    except OSError as error:
        pytest.skip(f"this user may make no symbolic links here: {error}")
    (folder / "link-tried").unlink()
