"""Tests in a process that has imported whatever they need, but nothing of glassnet: it forks for each run of them.

Imports are some four of the five seconds that a run takes until its first test. Orders come as lines of JSON, with the
copy's folder, the test files, the environment and where to write what is said; each is answered by an exit code.
"""

import importlib
import json
import os
import signal
import sys
import warnings

LOADED = [
    "numpy",
    "pytest",
    "hypothesis",
    "hypothesis.extra.numpy",
    "fastapi.testclient",
    "httpx",
    "uvicorn",
    "PIL.Image",
]
LOADED += ["safetensors.numpy", "typer", "rich.console", "rich.table", "pypdfium2", "matplotlib.pyplot"]


def main() -> None:
    """Fork for every order."""
    warnings.simplefilter("ignore")
    for name in LOADED:
        importlib.import_module(name)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if not pid:
            os._exit(tested(**order))
        signal.signal(signal.SIGALRM, lambda *_, pid=pid: os.killpg(pid, signal.SIGKILL))
        signal.alarm(order["patience_seconds"])
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        signal.alarm(0)
        print(code, flush=True)


def tested(folder: str, files: list[str], environment: dict[str, str], said: str, patience_seconds: int) -> int:
    """Run tests in a copy, in this process."""
    os.setsid()
    output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for standard, to in enumerate((os.open(os.devnull, os.O_RDONLY), output, output)):
        os.dup2(to, standard)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = environment["PYTHONPATH"].split(os.pathsep)
    import pytest

    options = ["-x", "-q", "-m", "not slow", "-p", "no:cacheprovider", "--tb=no"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # for what is imported already
    code = pytest.main([*options, *files])
    sys.stdout.flush()
    return int(code)


if __name__ == "__main__":
    main()
