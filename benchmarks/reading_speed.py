"""How fast photos and crops are read, and in how much memory; and how fast images are deformed.

Run: python benchmarks/reading_speed.py [--rounds 5] [--crops 1000000]
"""

import argparse
import io
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

import glassnet
from glassnet.reading import edit_distance
from glassnet.recipes.deform import deformed
from glassnet.recipes.knobs import STRONG, draw, draw_fields
from glassnet.recipes.reader import fine_of_mnist


def photo(digits: glassnet.Digits, rng: np.random.Generator) -> bytes:
    """Return a photo of a page of 12 megapixels with 200 digits on it, as a phone saves it."""
    from PIL import Image

    height, width = 3000, 4000
    light = 1 - 0.4 * np.linspace(0, 1, width, dtype=np.float32)[None, :]
    ink = np.zeros((height, width), dtype=np.float32)
    for i in range(200):
        top, left = 120 + 280 * (i // 20), 100 + 190 * (i % 20)
        large = Image.fromarray(digits.test_images[i]).resize((140, 140), Image.Resampling.BICUBIC)
        ink[top : top + 140, left : left + 140] = np.asarray(large, dtype=np.float32) / 255
    page = 235 * light * (1 - 0.8 * ink) + rng.normal(0, 3, (height, width))
    data = io.BytesIO()
    Image.fromarray(np.rint(page).clip(0, 255).astype(np.uint8)).convert("RGB").save(data, "JPEG", quality=90)
    return data.getvalue()


def peak_mib() -> float:
    """Return the most memory that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--crops", type=int, default=1_000_000)
    given = parser.parse_args()
    digits, rng = glassnet.load_digits(), np.random.default_rng(0)
    reader = glassnet.Reader()
    data = photo(digits, rng)
    seconds, text = [], ""
    for _ in range(given.rounds):
        began = time.perf_counter()
        text = reader.read(data).text
        seconds.append(time.perf_counter() - began)
    wanted = "".join(map(str, digits.test_labels[:200]))
    errors = edit_distance(text.replace("\n", ""), wanted)
    print(f"photo of 12 megapixels, {len(data) / 1e6:.1f} MB, 200 digits: {median(seconds):.2f} s, {errors} errors")
    print(f"  at most {peak_mib():.0f} MiB, MNIST and making the photo included")

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "crops.npy"
        crops = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=(given.crops, 28, 28))
        for start in range(0, given.crops, 10_000):
            crops[start : start + 10_000] = digits.test_images[: min(10_000, given.crops - start)]
        del crops
        for options in ([], ["--csv"]):
            code = (
                "import re, sys; from glassnet.__main__ import main\n"
                "try:\n    main()\nexcept SystemExit:\n    pass\n"
                "told = open('/proc/self/status').read()\n"  # not getrusage, which remembers the parent's memory
                "print(int(re.search(r'VmHWM: *\\s*(\\d+)', told)[1]) / 1024, file=sys.stderr)"
            )
            began = time.perf_counter()
            command = [sys.executable, "-c", code, "read", *options, str(path)]
            result = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
            took = time.perf_counter() - began
            name = f"{given.crops:,} crops {' '.join(options) or 'as text'}"
            print(f"{name}: {took:.1f} s ({given.crops / took:,.0f} a second), at most {float(result.stderr):.0f} MiB")
        images = np.load(path, mmap_mode="r")[:100_000]
        took = median(timed(lambda: reader.outputs(np.ascontiguousarray(images))) for _ in range(given.rounds))
        print(f"outputs alone: {len(images) / took:,.0f} a second")

    fine = fine_of_mnist(digits.train_images[:20_000])
    n = 50_000
    knobs, fields, which = draw(n, STRONG, rng), draw_fields(n, rng), rng.integers(0, len(fine), n)
    took = median(timed(lambda: deformed(fine, which, knobs, fields)) for _ in range(given.rounds))
    print(f"deformed: {n / took:,.0f} images a second")


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds some work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
