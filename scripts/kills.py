"""Kill what works, at any moment: ``python scripts/kills.py --train 1000 --studio 100 --read 100 --seed 1``.

A run of `train` that is killed and resumed must end with the very bytes of one that was left alone, by each engine. A
studio must find all its runs again, the finished one as it was, the going one no older than when it was last found or
than it had told 7 s before, and go on with it. Of a collection that is read, the rows that came must be the first of
all rows, and each picture that is annotated whole.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image

import glassnet
from glassnet.digits import write_idx

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from warm_command import CommandLine, Warm

OFTEN = "import glassnet.training as t; t.CHUNK_SECONDS, t.CHECKPOINT_SECONDS = 0.002, 0.004"
"""Checkpoints come every few milliseconds, so that kills hit their writing too."""
TRAIN = ["train", "--data", "../../few", "--hidden", "8", "--checkpoint", "run.checkpoint", "--resume"]
TRAIN += ["--out", "final.safetensors", "--mini-batch-size", "20"]
WAYS = {
    "fused, momentum": ["--epochs", "12", "--momentum", "0.5", "--average", "0.9", "--learning-rate", "0.5"],
    "fused, AdamW": ["--epochs", "12", "--optimizer", "adamw", "--learning-rate", "0.001", "--weight-decay", "0.1"],
    "reference": ["--epochs", "3", "--engine", "reference", "--momentum", "0.5", "--learning-rate", "0.5"],
}
KILLED = -9
LOST_SECONDS = 7.0


class Faults:
    """What went wrong, and how often it was looked.

    Parameters
    ----------
    what : str
        That is killed.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self.n_kills = 0
        self.found: list[str] = []

    def told(self) -> str:
        """Return both in a line."""
        return f"{self.what}: {self.n_kills} kills in time, {len(self.found)} faults {self.found[:3]}"


def kill_train(way: str, n: int, folder: Path, warm: Warm, rng: np.random.Generator) -> Faults:
    """Kill a training and resume it, so many times."""
    faults = Faults(f"train, {way}")
    folder.mkdir()

    def run(name: str, **kill: Any) -> Any:
        place = folder / name
        place.mkdir(exist_ok=True)
        return CommandLine(place, lambda _: warm)(*TRAIN, *WAYS[way], before=OFTEN, **kill)

    began = time.monotonic()
    alone = run("alone")
    seconds = time.monotonic() - began
    assert alone.returncode == 0, alone.stderr.decode()
    expected = (folder / "alone" / "final.safetensors").read_bytes()
    while faults.n_kills < n:
        name = f"{faults.n_kills}-{rng.integers(1 << 30)}"
        is_in_time = run(name, kill_after=rng.uniform(0, seconds)).returncode == KILLED
        faults.n_kills += is_in_time
        seconds *= 1.0 if is_in_time else 0.99
        final = folder / name / "final.safetensors"
        if final.exists() and final.read_bytes() != expected:
            faults.found.append(f"{name}: half a model under its final name")
        resumed = run(name)
        if resumed.returncode or final.read_bytes() != expected:
            faults.found.append(f"{name}: {resumed.returncode} {resumed.stderr.decode()[-200:]}")
        for path in (folder / name).iterdir():
            path.unlink()
    return faults


def kill_studio(n: int, folder: Path, rng: np.random.Generator) -> Faults:
    """Kill a studio in which a run goes on, and start it again, so many times."""
    faults = Faults("studio")
    command = [sys.executable, "-m", "glassnet", "studio", "--no-browser", "--port", "0", "--folder", str(folder)]
    cookies: dict[str, str] = {}
    finished: dict[str, object] = {}
    kept = going = ""
    moments: list[tuple[float, int]] = []
    while True:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
        )
        assert process.stdout is not None
        address = process.stdout.readline().split("studio is at ")[1].split()[0]
        with httpx.Client(base_url=address, timeout=60, cookies=cookies) as client:
            while True:
                try:
                    client.get("/api/welcome").raise_for_status()
                    break
                except httpx.TransportError:
                    time.sleep(0.05)
            cookies = cookies or dict(client.cookies)  # it is renewed at every visit
            if not kept:
                kept = client.post("/api/runs", json={"n_training": 1000, "epochs": 2}).json()["id"]
                client.post(f"/api/runs/{kept}/do", json={"action": "start"})
                while client.get(f"/api/runs/{kept}").json()["run"]["state"] != "finished":
                    time.sleep(0.1)
                finished = client.get(f"/api/runs/{kept}").json()
                going = client.post("/api/runs", json={"epochs": 1000}).json()["id"]
                client.patch(f"/api/runs/{going}", json={"steps_per_second": 200})
            else:
                faults.n_kills += 1
                again = client.get(f"/api/runs/{kept}")
                if again.status_code != 200 or any(again.json()[name] != finished[name] for name in ("run", "moments")):
                    faults.found.append(f"{faults.n_kills}: the finished run is another")
                told = client.get(f"/api/runs/{going}")
                least = max(moment for at, moment in moments if at < moments[-1][0] - LOST_SECONDS or at == 0)
                if told.status_code != 200 or told.json()["run"]["moment"] < least:
                    faults.found.append(f"{faults.n_kills}: {told.text[:200]}, at least {least}")
            if faults.n_kills >= n:
                process.kill()
                process.wait()
                return faults
            client.post(f"/api/runs/{going}/do", json={"action": "start"}).raise_for_status()
            moments = [(0.0, client.get(f"/api/runs/{going}").json()["run"]["moment"])]
            until = time.monotonic() + rng.uniform(0, 12)
            while time.monotonic() < until:
                moments.append((time.monotonic(), client.get(f"/api/runs/{going}").json()["run"]["moment"]))
                time.sleep(0.1)
        process.kill()
        process.wait()
        process.stdout.close()


def kill_read(n: int, folder: Path, warm: Warm, digits: glassnet.Digits, rng: np.random.Generator) -> Faults:
    """Kill the reading of a folder of pages, so many times."""
    faults = Faults("read")
    pages = folder / "pages"
    pages.mkdir(parents=True)
    for page in range(20):
        sheet = np.full((400, 700), 255, dtype=np.uint8)
        for row in range(4):
            for column in range(9):
                image = digits.test_images[page * 36 + row * 9 + column]
                sheet[30 + 90 * row :, 30 + 70 * column :][:56, :56] -= np.kron(image, np.ones((2, 2), np.uint8))
        Image.fromarray(sheet).save(pages / f"{page:02}.png")
    run: Any = CommandLine(folder, lambda _: warm)
    began = time.monotonic()
    whole = run("read", "--csv", "--annotate", "whole", "pages")
    seconds = time.monotonic() - began
    assert whole.returncode == 0, whole.stderr.decode()
    expected = {path.name: path.read_bytes() for path in (folder / "whole").iterdir()}
    while faults.n_kills < n:
        result = run("read", "--csv", "--annotate", "some", "pages", kill_after=rng.uniform(0, seconds))
        if result.returncode != KILLED:
            seconds *= 0.99
            continue
        faults.n_kills += 1
        rows = result.stdout[: result.stdout.rfind(b"\n") + 1]
        if not whole.stdout.startswith(rows):
            faults.found.append(f"{faults.n_kills}: other rows")
        for path in (folder / "some").iterdir() if (folder / "some").exists() else ():
            if not path.name.endswith(".partial") and path.read_bytes() != expected.get(path.name):
                faults.found.append(f"{faults.n_kills}: {path.name} is not whole")
            path.unlink()
    return faults


def main() -> int:
    """Kill as often as is asked; the exit code is 1 if anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in (("train", 1000), ("studio", 100), ("read", 100), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    given = parser.parse_args()
    rng, digits = np.random.default_rng(given.seed), glassnet.load_digits()
    all_faults = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "few").mkdir()
        for name, images, labels, n in (
            ("train", digits.train_images, digits.train_labels, 1000),
            ("t10k", digits.test_images, digits.test_labels, 200),
        ):
            write_idx(folder / "few" / f"{name}-images-idx3-ubyte", images[:n])
            write_idx(folder / "few" / f"{name}-labels-idx1-ubyte", labels[:n])
        warm = Warm(os.environ | {"NO_COLOR": "1"})
        for place, way in enumerate(WAYS if given.train else ()):
            n = given.train // len(WAYS) + (place < given.train % len(WAYS))
            all_faults.append(kill_train(way, n, folder / f"way-{place}", warm, rng))
            print(all_faults[-1].told(), flush=True)
        if given.read:
            all_faults.append(kill_read(given.read, folder / "read", warm, digits, rng))
            print(all_faults[-1].told(), flush=True)
        warm.close()
        if given.studio:
            all_faults.append(kill_studio(given.studio, folder / "studio", rng))
            print(all_faults[-1].told(), flush=True)
    return int(any(faults.found for faults in all_faults))


if __name__ == "__main__":
    sys.exit(main())
