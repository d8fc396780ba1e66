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

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.command = [sys.executable, "-m", "glassnet"]
        # in UTF-8 on every system: what Windows' code page makes of it is a test's of its own
        plain = {"NO_COLOR": "1", "COLUMNS": "100", "PYTHONWARNINGS": "error", "PYTHONIOENCODING": "utf-8"}
        self.environment = os.environ | plain

    def __call__(self, *arguments, stdin=b"", timeout=120, **options):
        return subprocess.run(
            [*self.command, *map(str, arguments)],
            cwd=self.folder,
            input=stdin,
            env=self.environment,
            capture_output=True,
            timeout=timeout,
            check=False,
            **options,
        )

    def start(self, *arguments, **options):
        return subprocess.Popen(
            [*self.command, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )


@pytest.fixture
def run_glassnet(tmp_path):
    return CommandLine(tmp_path)


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
