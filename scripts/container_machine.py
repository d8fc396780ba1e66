"""A machine out of this one: its files as an overlay, its processes and network in namespaces.

Its files reach nothing of this machine's that could be written to: /dev is made anew, /sys is not there. All mounts are
in the namespace of who runs this; whoever throws the folders away does so outside of it, where nothing is mounted.
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CACHES = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "glassnet-container"
DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9)}

VISIT = """
import http.cookiejar, json, sys, time, urllib.request
BASE = "http://localhost:8000"
kept = json.loads(sys.argv[1])
def ask(path, body=None):
    headers = {"content-type": "application/json", "cookie": kept.get("cookie", "")}
    data = None if body is None else json.dumps(body).encode()
    answer = urllib.request.urlopen(urllib.request.Request(BASE + path, data, headers), timeout=30)
    if answer.headers.get("set-cookie"):
        kept["cookie"] = answer.headers["set-cookie"].partition(";")[0]
    return answer.read()
assert b"<html" in ask("/").lower(), "the page is missing"
ask("/api/welcome")
if ACTION == "begins":
    kept["run"] = json.loads(ask("/api/runs", {"epochs": 1000}))["id"]
    ask(f"/api/runs/{kept['run']}/do", {"action": "start"})
for _ in range(200):
    kept["moment"] = json.loads(ask(f"/api/runs/{kept['run']}"))["run"]["moment"]
    if kept["moment"]:
        break
    time.sleep(0.1)
print(json.dumps(kept))
"""
"""What a visitor does, inside: begin a run and leave it running, or find it."""


def visit(action: str) -> str:
    """Return the visitor's program."""
    return f"ACTION = {action!r}\n{VISIT}"


def mount(*words: str | Path) -> None:
    """Call mount."""
    subprocess.run(["mount", *map(str, words)], check=True)


class Machine:
    """Files that are this machine's, or another's, and what is written over them; with what a Dockerfile says of it.

    Parameters
    ----------
    work : Path
        A folder for it.
    before : Machine or None
        What it starts from; None is this machine.
    """

    def __init__(self, work: Path, before: "Machine | None") -> None:
        self.written = work / "written"
        self.root = work / "root"
        self.volume = work / "volume"
        self.env = dict(before.env) if before else {"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8"}
        self.network = (
            dict(before.network) if before else {}
        )  # how lines that build reach registries; no part of an image
        self.folder = before.folder if before else "/"
        self.user = before.user if before else (0, 0)
        self.command = list(before.command) if before else []
        self.health: list[str] = []
        self.kept = ""
        for folder in (self.root, work / "work", work / "tmp"):
            folder.mkdir(parents=True)
        # what was written over this machine's files is copied: overlays do not lie over what lies in one another
        if before:
            subprocess.run(["cp", "--archive", before.written, self.written], check=True)
        else:
            self.written.mkdir()
        mount(
            "-t", "overlay", "overlay", "-o", f"lowerdir=/,upperdir={self.written},workdir={work / 'work'}", self.root
        )
        mount("-t", "proc", "proc", self.root / "proc")
        mount("-t", "tmpfs", "tmpfs", self.root / "dev")
        for name, (major, minor) in DEVICES.items():
            os.mknod(self.root / "dev" / name, 0o020666, os.makedev(major, minor))
            (self.root / "dev" / name).chmod(0o666)
        (self.root / "dev" / "fd").symlink_to("/proc/self/fd")
        (self.root / "dev" / "shm").mkdir()
        (self.root / "dev" / "shm").chmod(0o1777)
        (work / "tmp").chmod(0o1777)
        mount("--bind", work / "tmp", self.root / "tmp")

    def path(self, inside: str) -> Path:
        """Return where one of its files is."""
        return self.root / inside.lstrip("/")

    def enter(self) -> None:
        """Make its files a process's own, and its user the process's."""
        os.chroot(self.root)
        os.chdir(self.folder)
        os.setgroups([])
        os.setgid(self.user[1])
        os.setuid(self.user[0])

    def run(self, command: str, options: list[str], *, capture: bool = False) -> str:
        """Run a line in its shell; a cache that the line names lasts from one build to the next."""
        mounted = []
        for option in options:
            given = dict(part.split("=", 1) for part in option.removeprefix("--mount=").split(","))
            if given.keys() != {"type", "target"} or given["type"] != "cache":
                raise ValueError(f"cannot run with {option}")
            cache, target = CACHES / given["target"].strip("/").replace("/", "-"), self.path(given["target"])
            for folder in (cache, target):
                folder.mkdir(parents=True, exist_ok=True)
            mount("--bind", cache, target)
            mounted.append(target)
        try:
            done = subprocess.run(
                ["/bin/sh", "-c", command],
                env=self.env | self.network,
                preexec_fn=self.enter,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if capture else None,
                text=True,
                check=not capture,
            )
        finally:
            for target in mounted:
                subprocess.run(["umount", target], check=True)
        return done.stdout or ""

    def copy(self, sources: list[Path], target: str, owner: str | None = None) -> None:
        """Copy files, or what is in folders, from another machine; they are root's unless somebody else is named."""
        to = self.path(target)
        user, group = (int(number) for number in (owner or "0:0").split(":"))
        for source in sources:
            if source.is_dir():
                shutil.copytree(source, to, symlinks=True, dirs_exist_ok=True)
                paths = [to, *to.rglob("*")]
            else:
                to.parent.mkdir(parents=True, exist_ok=True)
                paths = [Path(shutil.copy(source, to))]
            for path in paths:
                os.chown(path, user, group, follow_symlinks=False)

    def copy_context(self, root: Path, names: list[str], sources: list[str], target: str) -> None:
        """Copy what a build is sent, as far as the sources name it."""
        to = self.path(f"{self.folder}/{target}" if not target.startswith("/") else target)
        n_copied = 0
        for name in names:
            for source in sources:
                if source == "." or name == source or name.startswith(f"{source}/"):
                    # a folder's content is copied, a file by its name
                    place = to / (name if source == "." else name.removeprefix(f"{source}/").rpartition("/")[2])
                    place.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(root / name, place)
                    n_copied += 1
        assert n_copied >= len(sources), f"COPY finds too little: {sources}"

    def keep(self, inside: str) -> None:
        """Keep a folder apart, with what is in it, as a new volume does."""
        shutil.copytree(self.path(inside), self.volume)
        owner = self.path(inside).stat()
        os.chown(self.volume, owner.st_uid, owner.st_gid)
        mount("--bind", self.volume, self.path(inside))

    @contextlib.contextmanager
    def started(self) -> Iterator["FirstProcess"]:
        """Give its command, started as the first process of a machine of its own."""
        told = {"root": str(self.root)} | {name: getattr(self, name) for name in ("folder", "user", "command", "env")}
        apart = ["unshare", "--pid", "--net", "--ipc", "--uts", "--mount", "--fork", "--kill-child"]
        script = Path(__file__).with_name("container_steps.py")
        process = subprocess.Popen([*apart, sys.executable, script, "--first-process", json.dumps(told)])
        first = FirstProcess(process, self)
        try:
            yield first
        finally:
            process.kill()
            process.wait()


class FirstProcess:
    """A command that was started."""

    def __init__(self, process: subprocess.Popen[bytes], machine: Machine) -> None:
        self.process = process
        self.machine = machine

    @property
    def number(self) -> int:
        """Its number here; it takes itself for 1."""
        told = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii").split()
        return int(told[0]) if told else 0

    def ended(self) -> int | None:
        """Return its exit code, or None while it runs."""
        return self.process.poll()

    def user(self) -> str:
        """Return whose it is."""
        status = Path(f"/proc/{self.number}/status").read_text(encoding="utf-8")
        return next(line.split()[1] for line in status.splitlines() if line.startswith("Uid:"))

    def inside(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a command beside it, as `docker exec` does."""
        user, group = map(str, self.machine.user)
        enter = ["/usr/bin/nsenter", f"--target={self.number}", "--pid", "--net", "--ipc", "--uts", "--mount", "--root"]
        enter += [f"--setgid={group}", f"--setuid={user}", "--", *command]
        return subprocess.run(enter, env=self.machine.env, capture_output=True, text=True, check=False)

    def stop(self, seconds: float) -> int:
        """Terminate it and return its exit code; TimeoutExpired if it is not gone in time."""
        os.kill(self.number, signal.SIGTERM)
        return self.process.wait(seconds)


def as_first_process(told: dict) -> None:
    """Become a command: with processes of its own to see, a network that reaches only itself, and as its user."""
    mount("-t", "proc", "proc", Path(told["root"]) / "proc")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        up_and_running = struct.pack("16sh", b"lo", 0x1 | 0x40)
        fcntl.ioctl(any_socket, 0x8914, up_and_running)  # SIOCSIFFLAGS
    os.chroot(told["root"])
    os.chdir(told["folder"])
    os.setgroups([])
    user, group = told["user"]
    os.setgid(group)
    os.setuid(user)
    os.environ["PATH"] = told["env"]["PATH"]  # by which the program is found
    os.execvpe(told["command"][0], told["command"], told["env"])
