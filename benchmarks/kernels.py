"""Race builds of the kernel: of two compilers, or of before and after a change; laps in turn, medians, ratios.

python benchmarks/kernels.py NAME=MODULE NAME=MODULE ... [--rounds 15] [--case CASE ...] [--json]

MODULE is a built ``_kernel`` or the folder that it was built in:
cmake -S kernel -B FOLDER -G Ninja -D CMAKE_CXX_COMPILER=clang++-14 -D Python_EXECUTABLE=$(which python)
cmake --build FOLDER
The cases are those of ``glassnet bench``, each with one thread and with as many as there are processors; a build's
figure is its better one. A ratio is the median over the rounds of a lap over the first build's lap of that round.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from glassnet.bench.cases import CASES, Case
from glassnet.bench.race import threads_of

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
from kernel_tests import laid_over


class Build:
    """A build of the kernel in a process of its own, for one case and number of threads."""

    def __init__(self, environment: dict[str, str], case: Case, threads: int) -> None:
        self.threads, self.laps = threads, []
        command = [sys.executable, "-m", "glassnet.bench.worker", "fused", case.name, str(threads)]
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.answer()

    def answer(self) -> dict:
        """Return the next line of the process."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def lap(self, number: int) -> None:
        """Run a lap."""
        assert self.process.stdin is not None
        print(number, file=self.process.stdin, flush=True)
        self.laps.append(self.answer()["seconds"])


def raced(case: Case, environments: dict[str, dict[str, str]], rounds: int) -> dict[str, Build]:
    """Return each build after its laps, with the number of threads that suits it."""
    builds = {
        (name, threads): Build(environment, case, threads)
        for name, environment in environments.items()
        for threads in threads_of(case)
    }
    for number in range(1, rounds + 1):
        for build in builds.values():
            build.lap(number)
    for build in builds.values():
        build.process.kill()
        build.process.communicate()
    return {
        name: min((build for (other, _), build in builds.items() if other == name), key=lambda b: median(b.laps))
        for name in environments
    }


def main() -> None:
    """Race all builds in all cases and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("builds", nargs="+", metavar="NAME=MODULE")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--case", action="append", choices=[case.name for case in CASES])
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    told = []
    with tempfile.TemporaryDirectory() as folder:
        environments = {}
        for build in given.builds:
            name, _, place = build.partition("=")
            module = Path(place)
            if module.is_dir():
                (module,) = (path for path in module.glob("_kernel*") if path.suffix in (".so", ".pyd"))
            environments[name] = laid_over(module, Path(folder) / name)
        for case in CASES:
            if given.case and case.name not in given.case:
                continue
            builds = raced(case, environments, given.rounds)
            first = next(iter(builds.values()))
            for name, build in builds.items():
                ratios = [ours / theirs for ours, theirs in zip(build.laps, first.laps, strict=True)]
                line = {"case": case.name, "build": name, "threads": build.threads, "seconds": median(build.laps)}
                told.append(line | {"ratio": median(ratios), "laps": build.laps})
                if not given.json:
                    print(
                        f"{case.name:11} {name:12} {build.threads} thread{'s' if build.threads > 1 else ' '} "
                        f"{1000 * median(build.laps):10.4f} ms   {median(ratios):6.3f}",
                        flush=True,
                    )
    about = {"processor": platform.processor() or platform.machine(), "cores": os.cpu_count(), "rounds": given.rounds}
    print(json.dumps({"machine": about, "results": told}) if given.json else about)


if __name__ == "__main__":
    main()
