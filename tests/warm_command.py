"""The command line in a process that has imported it once, and forks for each command: 0.05 s of a processor, not 0.6.

What is forked ends as an interpreter of its own does: it says what it says, and has an exit code, a folder and limits.
Where there is no fork (Windows), and where a test changes what is read while Python starts, a new process is started.
"""

import importlib.util
import json
import os
import select
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

LOADED = ["glassnet.cli", "typer._adapters", "numpy", "PIL.Image", "safetensors.numpy", "glassnet.training"]
CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"  # whose own libraries do not bear it


class Warm:
    """A process that forks for commands; one at a time."""

    def __init__(self, environment):
        self.folder = tempfile.TemporaryDirectory(prefix="warm-")
        self.process = subprocess.Popen(
            [sys.executable, __file__], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )

    def __call__(self, arguments, folder, *, timeout, is_confined):
        """Run a command there to its end; return what `subprocess.run` would."""
        said = [Path(self.folder.name) / name for name in ("stdout", "stderr")]
        order = {"arguments": arguments, "folder": str(folder), "said": [*map(str, said)], "is_confined": is_confined}
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        pid = int(self.process.stdout.readline())
        if not select.select([self.process.stdout], [], [], timeout)[0]:
            os.kill(pid, 9)
            self.process.stdout.readline()
            raise subprocess.TimeoutExpired(arguments, timeout)
        code = int(self.process.stdout.readline())
        return subprocess.CompletedProcess(arguments, code, *(path.read_bytes() for path in said))

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.folder.cleanup()


def forked():
    """Fork for every order that comes; return what a child shall do, with its orders."""
    orders, tell = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):
        os.dup2(nowhere, standard)
    for line in orders:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that numpy has threads: they wait, and start again in the child
            pid = os.fork()
        if not pid:
            orders.close()
            tell.close()
            return json.loads(line)
        print(pid, file=tell, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), file=tell, flush=True)
    os._exit(0)


def main():
    for name in LOADED:
        if importlib.util.find_spec(name.partition(".")[0]):
            try:
                importlib.import_module(name)
            except ModuleNotFoundError:  # an older typer
                continue
    order = forked()
    end, other_end = os.pipe()
    os.close(other_end)
    os.dup2(end, 0)
    for standard, path in enumerate(order["said"], start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), standard)
    os.chdir(order["folder"])
    if order["is_confined"]:
        from small_room import in_a_small_room

        in_a_small_room()
    sys.argv = ["glassnet", *order["arguments"]]
    from glassnet.__main__ import main

    main()


if __name__ == "__main__":
    main()
