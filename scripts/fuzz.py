"""Mutate files of every kind for as long as is wanted: ``python scripts/fuzz.py --minutes 30 --seed 1``.

Each goes through a command in a process of its own, forked from a warm one, or to a studio's server. What must not be:
a traceback, a crash, an answer after more than 20 s, more than 1 GiB of memory, a status of 500 or above, or a model
whose numbers were changed and that is taken all the same. Whatever did so is kept in a folder, with what was said.
"""

import argparse
import collections
import contextlib
import importlib.util
import json
import multiprocessing
import os
import pkgutil
import resource
import signal
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import glassnet
from glassnet.digits import write_idx
from glassnet.system import interrupts
from glassnet.tensor_file import unpack

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import samples
from crafted import crafted
from mutations import mutated, remade
from warm_command import LOADED

PATIENCE_SECONDS = 20
MOST_MIB = 1024
STUDIO_SHARE = 0.2
"""Of the mutations that are pictures and models: these go to a server."""
PATHS = ("/api/read", "/api/picture", "/api/judge/file?network=reader&beside=videos")
ENDINGS = {"JPEG": "jpg"}
VIDEOS = ["evaluate", "videos", "--data", "few"]


@dataclass(frozen=True)
class Sample:
    """A kind of file: its name, what is in a good one, and the command that reads it.

    `told` is its header where that is mutated and the checksum then made to fit; `numbers` are those of a file whose
    bytes are mutated, none of which may be taken for another.
    """

    name: str
    whole: bytes
    command: list[str]
    told: Any = None
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    has_checksum: bool = False

    def mutation(self, rng: np.random.Generator) -> bytes:
        """Return one of the ways in which it can be wrong."""
        if self.told is not None:
            with contextlib.suppress(ValueError):  # NaN, of which no checksum can be made
                return crafted(self.arrays, remade(self.told, rng))
        return mutated(self.whole, rng)


def make_samples(folder: Path) -> list[Sample]:
    """Return all kinds, with what their commands need put into a folder."""
    os.chdir(folder)
    crops, labels = samples.crops(), np.arange(6, dtype=np.uint8)
    for name in ("few", "digits", "packed"):
        Path(name).mkdir()
        ending = ".gz" if name == "packed" else ""
        for part in ("train", "t10k"):
            write_idx(f"{name}/{part}-images-idx3-ubyte{ending}", crops)
            write_idx(f"{name}/{part}-labels-idx1-ubyte{ending}", labels)
    Path("pages").mkdir()
    Path("pages/a.png").write_bytes(samples.encoded("PNG"))
    Path("good.png").write_bytes(samples.encoded("PNG"))
    glassnet.save_model(samples.model(), "model")
    digits = glassnet.load_digits("few")
    options: dict[str, Any] = {"optimizer": "adamw", "average": 0.9, "mini_batch_size": 3, "epochs": 3}
    network = glassnet.Network.random((784, 3, 10), rng=np.random.default_rng(0))
    from glassnet.cli.plan import DEFAULTS

    told = DEFAULTS | {"hidden": "3", "learning_rate": 0.003} | options
    events = glassnet.train(network, digits, checkpoint="run", notes={"options": told}, **options)
    next(events)
    events.close()  # pyright: ignore[reportAttributeAccessIssue] - a generator, which the type does not tell
    resumed = ["train", "--data", "few", "--checkpoint", "run", "--resume", "--out", "out"]
    (model_arrays, model_told), (run_arrays, run_told) = unpack(Path("model"), "a model"), unpack(Path("run"), "a run")
    whole = {name: Path(name).read_bytes() for name in ("model", "run")}
    images = "train-images-idx3-ubyte"
    zipped = {"images": crops, "looks_like_a_digit": labels == 3}
    fortran = np.asfortranarray(crops)
    table = b'file,numbers\na.png,"1|2"\n'
    plain, packed = f"digits/{images}", f"packed/{images}.gz"
    stored, deflated = (
        samples.content(lambda f, save=save: save(f, **zipped)) for save in (np.savez, np.savez_compressed)
    )
    judged, with_model = ["evaluate", "model", "--data", "few"], ["read", "--at-least", "0.9", "--model", "told"]
    return [
        Sample("a.npy", samples.content(lambda file: np.save(file, crops)), ["read", "--csv", "a.npy"]),
        Sample("f.npy", samples.content(lambda file: np.save(file, fortran)), ["read", "--csv", "f.npy"]),
        Sample("a.npz", stored, [*VIDEOS, "--not-digits", "a.npz"]),
        Sample("z.npz", deflated, [*VIDEOS, "--not-digits", "z.npz"]),
        Sample(plain, Path(plain).read_bytes(), ["evaluate", "videos", "--data", "digits"]),
        Sample(packed, Path(packed).read_bytes(), ["evaluate", "videos", "--data", "packed"]),
        Sample("a.idx.gz", Path(packed).read_bytes(), ["read", "--csv", "a.idx.gz"]),
        Sample("pages/labels.csv", table, [*VIDEOS, "--pages", "pages"]),
        Sample("model", whole["model"], judged, has_checksum=True),
        Sample("model", whole["model"], judged, model_told, model_arrays),
        Sample("told", whole["model"], [*with_model, "good.png"], model_told, model_arrays),
        Sample("run", whole["run"], resumed, has_checksum=True),
        Sample("run", whole["run"], resumed, run_told, run_arrays),
        *(
            Sample(name, samples.encoded(kind), ["read", name])
            for kind in (*samples.KINDS, "HEIC", "PDF")
            for name in [f"a.{ENDINGS.get(kind, kind.lower())}"]
        ),
    ]


def memory_mib(pid: int | str, what: str) -> float:
    """Return what Linux tells of a process: VmHWM, VmSize."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith(what)).split()[1]) / 1024


def fault_of(command: list[str], said: Path) -> tuple[str | None, str]:
    """Run a command in a fork of this process; return what must not be, None where all is well, and what was said."""
    began, resident = time.monotonic(), memory_mib("self", "VmRSS")
    pid = os.fork()
    if not pid:
        run_here(command, said)
    while True:
        done, status, used = os.wait4(pid, os.WNOHANG)
        if done:
            break
        if time.monotonic() - began > PATIENCE_SECONDS:
            os.kill(pid, signal.SIGKILL)
            os.wait4(pid, 0)
            return "too slow", ""
        time.sleep(0.005)
    code, text = os.waitstatus_to_exitcode(status), said.read_text(encoding="utf-8", errors="replace")
    if "Traceback" in text:
        return "traceback", text
    if code not in (0, 1, 2):
        return f"crash {code}", text
    if "not enough memory" in text or used.ru_maxrss / 1024 - resident > MOST_MIB:
        return "too much memory", text
    errors = [line for line in text.splitlines() if line.startswith("error: ")]
    return ("not one sentence" if code and len(errors) != 1 else None), text if code else ""


def run_here(command: list[str], said: Path) -> None:
    """Be a command, with little memory, to its end."""
    for number in interrupts():
        signal.signal(number, signal.SIG_DFL)
    most = int((memory_mib("self", "VmSize") + 2 * MOST_MIB) * 2**20)  # threads' stacks take their share of it
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    to = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for standard in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY) if standard == 1 else to, standard)
    sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
    sys.argv = ["glassnet", *command]
    code = 0
    try:
        from glassnet.__main__ import main

        main()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def is_taken_wrongly(sample: Sample, data: bytes) -> bool:
    """Return whether a file is taken in which anything but its packing was changed."""
    Path("other").write_bytes(data)
    try:
        arrays, told = unpack(Path("other"), "a file")
    except (glassnet.GlassnetError, OSError):
        return False
    Path("other").write_bytes(sample.whole)
    same_arrays, same_told = unpack(Path("other"), "a file")
    same = arrays.keys() == same_arrays.keys() and told == same_told
    return not same or any(arrays[name].tobytes() != same_arrays[name].tobytes() for name in arrays)


class Studio:
    """A server of our own, in a process of its own, asked as a page asks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.begin()

    def begin(self) -> None:
        """Start it, and be a visitor."""
        import subprocess

        import httpx

        command = [sys.executable, "-m", "glassnet", "studio", "--no-browser", "--port", "0", "--folder", self.folder]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert self.process.stdout
        address = next(word for line in self.process.stdout for word in line.split() if word.startswith("http://"))
        self.client = httpx.Client(base_url=address.rstrip("./"), timeout=PATIENCE_SECONDS)
        self.client.get("/api/welcome").raise_for_status()
        self.at_first = memory_mib(self.process.pid, "VmHWM")

    def fault_of(self, path: str, data: bytes) -> tuple[str | None, str]:
        """Send a file; return what must not be, None where all is well, and what was answered."""
        import httpx

        for pause in (0.2, 0.5, 1, 2, 4, 8, 0):
            try:
                answer = self.client.post(path, content=data)
            except httpx.HTTPError as error:
                said = f"{type(error).__name__} {error}; the server's exit code is {self.process.poll()}"
                self.end()
                self.begin()
                return ("studio crashed" if "is None" not in said else "studio too slow"), said
            if answer.status_code != 429:
                break
            time.sleep(pause)
        text = answer.text
        if answer.status_code == 201:
            self.client.delete(f"/api/runs/{answer.json()['id']}")
        if answer.status_code >= 500:
            return f"studio {answer.status_code}", text
        if answer.status_code >= 400 and "\n" in json.loads(text)["detail"]:
            return "studio: not one sentence", text
        if memory_mib(self.process.pid, "VmHWM") - self.at_first > MOST_MIB:
            self.end()
            self.begin()
            return "studio: too much memory", text
        return None, text

    def end(self) -> None:
        """Stop it."""
        self.client.close()
        self.process.kill()
        self.process.communicate()


def load_everything() -> None:
    """Import whatever a command may need, so that no fork has to."""
    from PIL import Image

    for module in pkgutil.walk_packages(glassnet.__path__, "glassnet."):
        if ".bench.contestants." not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in LOADED:
        if importlib.util.find_spec(name.partition(".")[0]):
            with contextlib.suppress(ModuleNotFoundError):  # an older typer
                importlib.import_module(name)
    for name in ("pillow_heif", "pypdfium2", "httpx"):
        importlib.import_module(name)
    Image.init()
    glassnet.Reader().read(samples.encoded("PNG"))


def work(job: int, seed: int, seconds: float, kept: Path, counts: Any) -> None:
    """Mutate until the time is over."""
    load_everything()
    until = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        made = make_samples(Path(folder))
        studio = Studio(Path(folder) / "runs")
        number = 0
        while time.monotonic() < until:
            rng = np.random.default_rng([seed, job, number])
            sample = made[int(rng.integers(len(made)))]
            data = sample.mutation(rng)
            is_picture = sample.name.startswith("a.") and len(sample.command) == 2
            n_bytes = len(data)
            if (is_picture or "model" in sample.name) and rng.random() < STUDIO_SHARE:
                path = str(rng.choice(PATHS)) if is_picture else "/api/runs/load"
                fault, said = studio.fault_of(path, data)
                command = [path]
            else:
                command = sample.command
                Path(sample.name).write_bytes(data)
                for name in ("out", "out.previous"):
                    Path(name).unlink(missing_ok=True)
                fault, said = fault_of(command, Path(folder) / "said")
                if not fault and not said and sample.has_checksum and is_taken_wrongly(sample, data):
                    fault = "wrongly taken"
            if fault:
                place = kept / f"{job}-{number}-{Path(sample.name).name}"
                place.write_bytes(data)
                place.with_name(f"{place.name}.txt").write_text(f"{fault}\n{command}\n{said}", encoding="utf-8")
            counts.put((sample.name, fault, n_bytes, bool(said)))
            number += 1
        studio.end()


def main() -> int:
    """Mutate with several workers, and tell what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="workers")
    parser.add_argument("--out", type=Path, default=Path("fuzzed"), help="a folder for what did what must not be")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    kept, seconds = given.out.resolve(), 60 * given.minutes
    several = multiprocessing.get_context("spawn")
    counts = several.Queue()
    workers = [several.Process(target=work, args=(job, given.seed, seconds, kept, counts)) for job in range(given.jobs)]
    for worker in workers:
        worker.start()
    files, refused, faults = collections.Counter(), collections.Counter(), collections.Counter()
    while any(worker.is_alive() for worker in workers) or not counts.empty():
        if counts.empty():
            time.sleep(0.05)
            continue
        name, fault, _, has_said = counts.get()
        files[name] += 1
        refused[name] += has_said
        if fault:
            faults[fault] += 1
            print(f"{name}: {fault}", flush=True)
    for name, n in sorted(files.items()):
        print(f"{name:32} {n:6,} files, {refused[name]:6,} refused or answered in words")
    print(f"{files.total():,} files; " + (", ".join(f"{n} {what}" for what, n in faults.items()) or "no faults"))
    return bool(faults) or any(worker.exitcode for worker in workers)


if __name__ == "__main__":
    sys.exit(main())
