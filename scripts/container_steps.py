"""Run the Dockerfile where no Docker runs: the same lines, and the container that comes of them.

Run: python scripts/container_steps.py   (as root on Linux; a minute or two the first time, less with its caches)
     python scripts/container_steps.py --docker   (where Docker runs: the same questions to the real thing)

Each stage is a copy of this machine's files that is thrown away (an overlay), in which RUN, COPY, ENV, WORKDIR and
USER do what they say. The command is started as the first process of a machine of its own (namespaces for processes,
network and mounts), as Docker starts it; its HEALTHCHECK is asked inside. A visitor begins a run, the container is
stopped by SIGTERM and started again: the run must be there.

What this does not show: what the base images hold. A stage that starts from one sees this machine's Debian, its
Python and its Node instead (compilers, Node and uv are taken away where the image has none, and every shared library
that the last stage needs is held against what python:slim has). Nor does it show Docker's layers, its limits on
system calls, or a published port.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from container_docker import Image
from container_machine import Machine, as_first_process, mount, visit
from dockerfile import Stage, command_of, context_of, stages_of, with_env

ROOT = Path(__file__).parents[1]
KEPT = re.compile(
    r"(PIP|UV|npm_config|NPM_CONFIG)_.*|.*_(PROXY|proxy)|SSL_CERT_.*|NODE_EXTRA_CA_CERTS|REQUESTS_CA_BUNDLE"
)
"""Of this machine's environment: how the registries are reached, nothing else."""
BUILDS_WHEEL = "uv build --wheel --out-dir dist ."
PLACES = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
NOT_IN_PYTHON = ("node", "npm", "npx", "uv", "uvx", "cmake", "ninja", "glassnet")
NOT_IN_SLIM = ("cc", "c++", "gcc", "g++", "clang", "clang++", "make", "git", "ld", "as", "zig")
IN_SLIM = re.compile(r"(linux-vdso|ld-linux.*|lib(c|m|mvec|dl|rt|util|pthread|gcc_s|stdc\+\+|z|crypt))\.so.*")
"""Libraries that every Debian has, slim or not."""
DEAF_SECONDS = 10.0
"""After so long `docker stop` kills."""


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def prepare_image(image: str, machine: Machine) -> None:
    """Make a copy of this machine look like an image, as far as our lines can tell."""
    absent = [*NOT_IN_PYTHON, *(NOT_IN_SLIM if "slim" in image else ())]
    node, npm = shutil.which("node"), subprocess.run(["npm", "root", "-g"], capture_output=True, text=True, check=True)
    for name in absent:
        for place in PLACES:
            machine.path(f"{place}/{name}").unlink(missing_ok=True)
    binaries = machine.path("/usr/local/bin")
    if image.startswith("node:"):
        shutil.copy(str(node), binaries / "node")
        shutil.copytree(
            npm.stdout.strip(), machine.path("/usr/local/lib/node_modules"), dirs_exist_ok=True, symlinks=True
        )
    elif image.startswith("python:"):
        put_python(machine)
    else:
        raise ValueError(f"nothing here can stand for {image}")


def put_python(machine: Machine) -> None:
    """Put this Python where an image has its own: in /usr/local, with pip and nothing else that is installed here."""
    ours, there, version = Path(sys.base_prefix), "/usr/local", f"python{sys.version_info[0]}.{sys.version_info[1]}"
    if ours == Path(there):
        return
    leave_out = shutil.ignore_patterns("site-packages", "test", "__pycache__")
    for name in (f"lib/{version}", f"include/{version}"):
        shutil.copytree(ours / name, machine.path(f"{there}/{name}"), True, leave_out, dirs_exist_ok=True)
    for path in (ours / "lib").glob("libpython*.so*"):
        shutil.copy(path, machine.path(f"{there}/lib"))
    machine.run("ldconfig", [])
    for path in (ours / "lib" / version / "site-packages").glob("pip*"):
        shutil.copytree(path, machine.path(f"{there}/lib/{version}/site-packages/{path.name}"), True)
    shutil.copy(ours / "bin" / version, machine.path(f"{there}/bin/{version}"))
    for name in ("python", "python3"):
        machine.path(f"{there}/bin/{name}").unlink(missing_ok=True)
        machine.path(f"{there}/bin/{name}").symlink_to(version)


def build(stage: Stage, work: Path, built: dict[str, Machine], wheel: Path | None) -> Machine:
    """Return the machine that a stage makes; a wheel that is there already spares the line that builds one."""
    machine = Machine(work / stage.name, built.get(stage.image))
    if stage.image not in built:
        prepare_image(stage.image, machine)
        machine.network = {name: value for name, value in os.environ.items() if KEPT.fullmatch(name)}
    for name, options, rest in stage.instructions:
        began = time.monotonic()
        if name == "RUN":
            if wheel and BUILDS_WHEEL in rest:
                machine.copy([wheel], f"{machine.folder}/dist/{wheel.name}")
                rest = rest.replace(BUILDS_WHEEL, "true")
            machine.run(rest, options)
        elif name == "COPY":
            *sources, target = rest.split()
            given = dict(option[2:].split("=", 1) for option in options)
            if "from" in given:
                machine.copy([built[given["from"]].path(source) for source in sources], target, given.get("chown"))
            else:
                machine.copy_context(ROOT, context_of(ROOT), sources, target)
        elif name == "ENV":
            machine.env = with_env(rest, machine.env)
        elif name == "WORKDIR":
            machine.folder = rest
            machine.path(rest).mkdir(parents=True, exist_ok=True)
        elif name == "USER":
            machine.user = tuple(int(number) for number in rest.split(":"))  # type: ignore[assignment] - two of them
            machine.env["HOME"] = "/"  # of a user without a name
        elif name == "VOLUME":
            machine.keep(rest)
        elif name == "CMD":
            machine.command = command_of(rest)
        elif name == "HEALTHCHECK":
            machine.health = command_of(rest)
        say(f"  {time.monotonic() - began:6.1f} s  {name} {' '.join(rest.split())[:110]}")
    return machine


def assert_libraries(machine: Machine) -> None:
    """Hold what the last stage's compiled files need against what a slim image has."""
    told = machine.run("find /opt/glassnet -name '*.so*' -type f -exec ldd {} + 2>/dev/null", [], capture=True)
    needed = {line.split()[0] for line in told.splitlines() if line.startswith("\t") and ".so" in line.split()[0]}
    brought = {path.name for path in machine.path("/opt/glassnet").rglob("*.so*")}  # by wheels, for themselves
    missing = sorted(
        name for name in needed if Path(name).name not in brought and not IN_SLIM.fullmatch(Path(name).name)
    )
    assert not missing, f"python:slim does not have {', '.join(missing)}"
    assert "libc.so.6" in needed, "nothing compiled is there"


def prove(machine: Machine | Image) -> None:
    """Start the container, ask its health, begin a run, stop it as `docker stop` does, and find the run again."""
    kept = {}
    for moment in ("begins", "finds"):
        with machine.started() as first:
            began = time.monotonic()
            while first.inside(machine.health).returncode:
                assert time.monotonic() - began < 60, "it does not become healthy"
                assert first.ended() is None, f"it ended with exit code {first.ended()}"
                time.sleep(0.2)
            say(f"  {time.monotonic() - began:6.1f} s  until it is healthy, as user {first.user()}")
            assert first.user() == "10001"
            answer = first.inside(["python", "-c", visit(moment), json.dumps(kept)])
            assert answer.returncode == 0, answer.stderr
            told = json.loads(answer.stdout)
            began = time.monotonic()
            code = first.stop(DEAF_SECONDS)
            say(f"  {time.monotonic() - began:6.1f} s  from SIGTERM to its end, exit code {code}")
            assert code == 128 + 15, f"exit code {code}"
        if kept:
            assert told["moment"] >= kept["moment"] > 0, f"the run was at {kept['moment']} and is at {told['moment']}"
            say(f"          the run was kept at moment {told['moment']}")
        kept = told


def main() -> None:
    """Build all stages and prove the last."""
    parser = argparse.ArgumentParser(description="Run the Dockerfile's lines where no Docker runs.")
    parser.add_argument("--docker", action="store_true", help="Let Docker build and run it, and ask the same of it.")
    parser.add_argument("--wheel", type=Path, help="One built from these files, to spare the line that builds it.")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--first-process", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.first_process:
        as_first_process(json.loads(asked.first_process))
    stages = stages_of((ROOT / "Dockerfile").read_text(encoding="utf-8"))
    if asked.docker:
        health = next(rest for name, _, rest in stages[-1].instructions if name == "HEALTHCHECK")
        image = Image(ROOT, command_of(health))
        try:
            prove(image)
        finally:
            image.throw_away()
        return
    if sys.platform != "linux" or os.geteuid() != 0:
        sys.exit("container_steps: this needs Linux, and root.")
    if asked.inside:
        build_and_prove(stages, asked.inside, asked.wheel)
        return
    # what is mounted is mounted in there, seen by nobody else, and gone with it; then the folder is thrown away
    work = Path(tempfile.mkdtemp(prefix="glassnet-container-"))
    apart = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"]
    given = [] if asked.wheel is None else ["--wheel", asked.wheel.resolve(strict=True)]
    code = subprocess.run([*apart, sys.executable, __file__, "--inside", work, *given], check=False).returncode
    for root in work.glob("*/root"):
        root.rmdir()  # raises if anything is in it: this machine's files must not be thrown away with the folder
    shutil.rmtree(work)
    sys.exit(code)


def build_and_prove(stages: list[Stage], work: Path, wheel: Path | None) -> None:
    """Build all stages in a folder, and prove the last."""
    began = time.monotonic()
    if subprocess.run(["stat", "-f", "-c", "%T", work], capture_output=True, check=True).stdout.strip() == b"overlayfs":
        mount("-t", "tmpfs", "tmpfs", work)  # in a container already: overlays cannot be written to one another
    built: dict[str, Machine] = {}
    for stage in stages:
        say(f"FROM {stage.image} AS {stage.name}")
        built[stage.name] = build(stage, work, built, wheel)
    last = list(built.values())[-1]
    assert_libraries(last)
    prove(last)
    say(f"The container's lines were run, and it serves, in {time.monotonic() - began:.0f} s.")


if __name__ == "__main__":
    main()
