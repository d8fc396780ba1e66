"""What all tests share: random numbers of their own, real digits, and the command line as a user starts it."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import hypothesis
import numpy as np
import pytest

import glassnet
from small_room import in_a_small_room
from warm_command import CAN_FORK, Warm

# a busy machine is no fault of ours: neither slow tests nor slow making of examples fail
PATIENT = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile("default", deadline=None, print_blob=True, suppress_health_check=PATIENT)
hypothesis.settings.load_profile("default")


@pytest.fixture
def rng(request):
    """A generator of the test's own, the same at each run."""
    return np.random.default_rng(list(request.node.nodeid.encode()))


@pytest.fixture(scope="session")
def digits():
    return glassnet.load_digits()


@pytest.fixture(scope="session")
def few_digits(digits):
    """The first 1,000 training and 300 test digits of MNIST."""
    return replace(
        digits,
        train_images=digits.train_images[:1000],
        train_labels=digits.train_labels[:1000],
        test_images=digits.test_images[:300],
        test_labels=digits.test_labels[:300],
    )


@pytest.fixture(scope="session")
def few_digits_folder(few_digits, tmp_path_factory):
    """The same as IDX files, for the command line."""
    from glassnet.digits import write_idx

    folder = tmp_path_factory.mktemp("few-digits")
    write_idx(folder / "train-images-idx3-ubyte.gz", few_digits.train_images)
    write_idx(folder / "train-labels-idx1-ubyte.gz", few_digits.train_labels)
    write_idx(folder / "t10k-images-idx3-ubyte", few_digits.test_images)
    write_idx(folder / "t10k-labels-idx1-ubyte", few_digits.test_labels)
    return folder


@pytest.fixture(scope="session")
def trained(digits):
    """The videos' network after three epochs: good enough to tell right from wrong."""
    network = glassnet.Network.random((784, 16, 16, 10), rng=np.random.default_rng(1))
    # the reference engine's last bits do not depend on the processor's instruction sets
    *_, last = glassnet.train(network, digits, epochs=3, mini_batch_size=10, engine="reference")
    return last.network


@pytest.fixture(scope="session")
def trained_file(trained, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "trained.safetensors"
    glassnet.save_model(glassnet.Model(trained), path)
    return path


class CommandLine:
    """Starts ``glassnet`` in a folder of its own, as a user would."""

    def __init__(self, folder: Path, warm=None) -> None:
        self.folder = folder
        self.warm = warm
        self.command = [sys.executable, "-m", "glassnet"]
        self.usual = os.environ | {"NO_COLOR": "1", "COLUMNS": "100", "PYTHONWARNINGS": "error"}
        self.environment = dict(self.usual)

    def __call__(self, *arguments, stdin=b"", timeout=600, is_confined=False, **options):
        """Run a command to its end: forked, where nothing is asked for that has to be there when Python starts."""
        arguments = [*map(str, arguments)]
        its_own = dict(self.environment.items() - self.usual.items())
        if self.warm and not stdin and not options and its_own.keys() <= {"OPENBLAS_NUM_THREADS"}:
            process = self.warm(self.environment)
            return process(arguments, self.folder, timeout=timeout, is_confined=is_confined)
        return subprocess.run(
            [*self.command, *arguments],
            cwd=self.folder,
            input=stdin,
            env=self.environment,
            capture_output=True,
            timeout=timeout,
            check=False,
            preexec_fn=in_a_small_room if is_confined else None,
            **options,
        )

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


@pytest.fixture(scope="session")
def warm():
    """Processes that have the command line loaded and fork for each command, one for each environment."""
    processes = {}

    def for_an(environment):
        # which test is running is told in the environment too
        key = frozenset(pair for pair in environment.items() if not pair[0].startswith("PYTEST_"))
        if key not in processes:
            processes[key] = Warm(environment)
        return processes[key]

    yield for_an
    for process in processes.values():
        process.close()


@pytest.fixture
def run_glassnet(tmp_path, warm):
    return CommandLine(tmp_path, warm if CAN_FORK else None)


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    from studio_page import CHROMIUM

    assert CHROMIUM, "these tests need Chromium: install it, or name it in CHROMIUM"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def visit(server, browser):
    """Begin visits to the module's `server`; at the end none of them may have complained or asked elsewhere."""
    from studio_page import Visit

    visits = []

    def begin(fragment="#/draw", size="desk", scheme="light", **options):
        one = Visit(server, browser, size, scheme, **options)
        visits.append(one)
        one.page.goto(f"/{fragment}")
        return one

    yield begin
    for one in visits:
        one.close()
