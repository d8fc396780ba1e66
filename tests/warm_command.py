"""The command line in a process that has imported it once, and forks for each command: 0.05 s of a processor, not 0.6.

What is forked ends as an interpreter of its own does, but for the taking apart of what it has imported, which is six
times the work: it says what it says, and has an exit code, a folder and limits.
Where there is no fork (Windows), and where a test changes what is read while Python starts, a new process is started.
"""

import atexit
import importlib.util
import json
import os
import select
import subprocess
import sys
import tempfile
import threading
import warnings
from dataclasses import replace
from pathlib import Path

from small_room import in_a_small_room

LOADED = ["glassnet.cli", "typer._adapters", "numpy", "PIL.Image", "safetensors.numpy", "glassnet.training"]
LOADED += [f"glassnet.cli.{name}" for name in ("bench", "evaluate", "export", "explain", "read", "studio", "train")]
LOADED += ["cv2", "matplotlib.figure", "matplotlib.backends.backend_svg", "matplotlib.backends.backend_agg"]
CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"  # whose own libraries do not bear it


class Warm:
    """A process that forks for commands; one at a time."""

    def __init__(self, environment):
        self.folder = tempfile.TemporaryDirectory(prefix="warm-")
        self.process = subprocess.Popen(
            [sys.executable, __file__], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )

    def __call__(self, arguments, folder, *, timeout, is_confined, before, kill_after):
        """Run a command there to its end; return what `subprocess.run` would."""
        said = [Path(self.folder.name) / name for name in ("stdout", "stderr")]
        order = {"arguments": arguments, "folder": str(folder), "said": [*map(str, said)]}
        order |= {"is_confined": is_confined, "before": before}
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        pid = int(self.process.stdout.readline())
        if kill_after is not None and not select.select([self.process.stdout], [], [], kill_after)[0]:
            os.kill(pid, 9)
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


class CommandLine:
    """Starts ``glassnet`` in a folder of its own, as a user would."""

    def __init__(self, folder: Path, warm=None) -> None:
        self.folder = folder
        self.warm = warm
        self.command = [sys.executable, "-m", "glassnet"]
        # in UTF-8 on every system: what Windows' code page makes of it is a test's of its own
        plain = {"NO_COLOR": "1", "COLUMNS": "100", "PYTHONWARNINGS": "error", "PYTHONIOENCODING": "utf-8"}
        self.usual = os.environ | plain
        self.environment = dict(self.usual)

    def __call__(self, *arguments, stdin=b"", timeout=600, is_confined=False, before="", kill_after=None, **options):
        """Run a command to its end: forked, where nothing is asked for that has to be there when Python starts.

        `before` is Python that its process runs first; `kill_after` so many seconds it is killed outright.
        """
        arguments = [*map(str, arguments)]
        its_own = dict(self.environment.items() - self.usual.items())
        is_usual = self.command == [sys.executable, "-m", "glassnet"]
        if self.warm and is_usual and not stdin and not options and its_own.keys() <= {"OPENBLAS_NUM_THREADS"}:
            asked = {"is_confined": is_confined, "before": before, "kill_after": kill_after}
            return self.warm(self.environment)(arguments, self.folder, timeout=timeout, **asked)
        command = (
            [sys.executable, "-c", f"{before}\nfrom glassnet.__main__ import main\nmain()"] if before else self.command
        )
        with subprocess.Popen(
            [*command, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=in_a_small_room if is_confined else None,
            **options,
        ) as process:
            try:
                said = process.communicate(stdin, timeout=timeout if kill_after is None else kill_after)
            except subprocess.TimeoutExpired:
                process.kill()
                said = process.communicate()
                if kill_after is None:
                    raise
        return subprocess.CompletedProcess(arguments, process.returncode, *said)

    def start(self, *arguments, **options):
        """Begin a command, always in a process that starts anew."""
        return subprocess.Popen(
            [*self.command, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )


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


def load_mnist_once():
    """Unpack MNIST before anything is forked: half of what a short command takes. Other folders are read as ever."""
    from glassnet.digits import dataset

    read, held = dataset.load_idx_folder, dataset.load_digits()
    bundled = (held.name, held.source, held.licence)
    dataset.load_idx_folder = lambda folder, *told: replace(held) if told == bundled else read(folder, *told)


def load_decoders_once():
    """Import the modules of all of Pillow's kinds of image, as it does itself where an image is of none that it has."""
    from PIL import Image

    Image.init()


def ended(code):
    """End as an interpreter does: what is to be done at its end, and what is still to be said; then at once."""
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def main():
    for name in LOADED:
        if importlib.util.find_spec(name.partition(".")[0]):
            try:
                importlib.import_module(name)
            except ModuleNotFoundError:  # an older typer
                continue
    load_mnist_once()
    load_decoders_once()
    order = forked()
    end, other_end = os.pipe()
    os.close(other_end)
    os.dup2(end, 0)
    for standard, path in enumerate(order["said"], start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), standard)
    os.chdir(order["folder"])
    if order["is_confined"]:
        in_a_small_room()
    sys.argv = ["glassnet", *order["arguments"]]
    exec(order["before"])
    from glassnet.__main__ import main

    try:
        main()
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            ended(error.code or 0)
        raise
    ended(0)


if __name__ == "__main__":
    main()
