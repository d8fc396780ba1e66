"""The container in Docker itself, where there is one; for container_steps.py --docker."""

import contextlib
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path


def docker(*words: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Call docker."""
    return subprocess.run(["docker", *map(str, words)], stdout=subprocess.PIPE, text=True, check=check)


class Image:
    """The image that Docker builds of a folder.

    Parameters
    ----------
    root : Path
        The folder.
    health : list of str
        What its HEALTHCHECK asks.
    """

    def __init__(self, root: Path, health: list[str]) -> None:
        self.name = f"glassnet-{uuid.uuid4().hex[:8]}"  # of the image, the container and the volume
        self.health = health
        docker("build", "--tag", self.name, root)

    @contextlib.contextmanager
    def started(self) -> Iterator["Container"]:
        """Give a container of it; its volume lasts from one to the next."""
        docker("run", "--detach", "--name", self.name, "--volume", f"{self.name}:/runs", self.name)
        try:
            yield Container(self.name)
        finally:
            docker("rm", "--force", self.name)

    def throw_away(self) -> None:
        """Leave nothing behind."""
        docker("volume", "rm", "--force", self.name, check=False)
        docker("image", "rm", "--force", self.name, check=False)


class Container:
    """A container that was started."""

    def __init__(self, name: str) -> None:
        self.name = name

    def ended(self) -> int | None:
        """Return its exit code, or None while it runs."""
        told = docker("inspect", "--format", "{{.State.Running}} {{.State.ExitCode}}", self.name).stdout.split()
        return None if told[0] == "true" else int(told[1])

    def user(self) -> str:
        """Return whose its first process is."""
        return self.inside(["sh", "-c", "stat -c %u /proc/1"]).stdout.strip()

    def inside(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a command beside it."""
        words = ["docker", "exec", self.name, *command]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    def stop(self, seconds: float) -> int:
        """Terminate it and return its exit code: 137 if it had to be killed."""
        docker("stop", "-t", str(int(seconds)), self.name)
        code = self.ended()
        assert code is not None
        return code
