"""What all tests share: random numbers of their own, real digits, and the command line as a user starts it."""

import os
import pickle
from dataclasses import replace

import hypothesis
import numpy as np
import pytest

import glassnet
import systems  # noqa: F401 - which lets whatever the tests start heed Ctrl-C
from warm_command import CAN_FORK, CommandLine, Warm

# a busy machine is no fault of ours: neither slow tests nor slow making of examples fail
PATIENT = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile("default", deadline=None, print_blob=True, suppress_health_check=PATIENT)
# for an emulated processor, for a kernel under watch, and for what another compiler made of the same source
hypothesis.settings.register_profile("fewer", hypothesis.settings.get_profile("default"), max_examples=25)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


# by what they take of a processor, most first, so that no worker is left with a long one in the end
LONG = [
    *("sanitizers", "damaged_inputs", "studio_page", "docs", "kill", "studio_descend", "explain", "studio_nudge_page"),
    *("studio_tour_page", "one_file_page", "studio_judge_page", "studio_descend_page", "reading", "cli"),
]


@pytest.hookimpl(tryfirst=True)  # before -m chooses by the marks
def pytest_collection_modifyitems(items):
    """Begin with the modules that take longest; within one, nothing changes its place. Mark what needs Chromium."""
    places = {f"test_{name}": place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


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
def readers_page(digits, tmp_path_factory):
    """The reader as one file. To round it takes a quarter of a minute: all workers share one."""
    from filelock import FileLock

    from glassnet.export import one_file
    from glassnet.reading import shipped_model

    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "readers-page"
    with FileLock(f"{shared}.lock"):
        if not shared.exists():
            page = one_file(shipped_model("reader"), digits, title="a network called reader")
            shared.write_bytes(pickle.dumps(page))
    return pickle.loads(shared.read_bytes())


@pytest.fixture(scope="session")
def trained_file(trained, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "trained.safetensors"
    glassnet.save_model(glassnet.Model(trained), path)
    return path


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


@pytest.fixture(scope="session")
def reader():
    """The reader that comes with glassnet."""
    return glassnet.Reader()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A studio that really listens, one for each module."""
    from studio_server import running

    with running(tmp_path_factory.mktemp("runs")) as served:
        yield served


@pytest.fixture
def client(server):
    """A new visitor of the module's `server` for each test."""
    with server.client() as visitor:
        yield visitor


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests; each visit has a context of its own."""
    from playwright.sync_api import expect, sync_playwright

    from studio_page import CHROMIUM, PATIENCE_MS

    assert CHROMIUM, "these tests need Chromium: install it, or name it in CHROMIUM"
    expect.set_options(timeout=PATIENCE_MS)
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
