import html
import json
import re
import sys

import numpy as np
import pytest

import glassnet
from glassnet import Model, Network
from glassnet.evaluation import accuracy
from glassnet.export import one_file, rounded, rounded_to_fit
from glassnet.export.packing import deflated_bytes, in_fewest_bytes, packed
from glassnet.export.rounding import LARGEST
from glassnet.reading import shipped_model

TEMPLATE = "<!--glassnet:title--><h1><!--glassnet:heading--></h1><dl><!--glassnet:facts--></dl>" + (
    "<script id=network><!--glassnet:network--></script><script id=numbers><!--glassnet:numbers--></script>"
)


@pytest.fixture(scope="module")
def wide(digits):
    """A network with so many weights that they must be rounded, which has learned a little."""
    network = Network.random((784, 300, 10), rng=np.random.default_rng(3), activation="relu")
    *_, last = glassnet.train(network, digits, epochs=1, learning_rate=0.5, mini_batch_size=50)
    return last.network


def facts_in(page):
    text = page.data.decode()
    return {name: html.unescape(value) for name, value in re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text)}


def test_weights_are_whole_multiples_of_a_step_and_the_network_is_of_them(wide, digits):
    found = rounded(wide, digits.train_images[:2000], 0.7)
    for w, b, integers, step, before in zip(
        found.network.weights, found.network.biases, found.integers, found.steps, wide.weights, strict=True
    ):
        assert integers.dtype == np.int8
        assert np.abs(integers).max() <= LARGEST
        np.testing.assert_array_equal(w, integers.astype(np.float64) * step)  # in float32, and nothing is lost
        assert w.dtype == b.dtype == np.float32
        # no column can have been made up for by more than a few steps
        assert np.sqrt(np.mean((w - before) ** 2)) < step
    assert found.steps[0] == pytest.approx(0.7 * wide.weights[0].std(), rel=1e-4)


def test_later_weights_make_up_for_the_rounding_of_earlier_ones(wide, digits):
    """Outputs on digits that the rounding was not fitted to are nearer to the network's than by rounding alone."""
    found = rounded(wide, digits.train_images[:2000], 0.7)
    steps = found.steps
    alone = wide.with_parameters(
        tuple((np.rint(w / s) * s).astype(np.float32) for w, s in zip(wide.weights, steps, strict=True)), wide.biases
    )
    x = glassnet.as_inputs(digits.train_images[50_000:52_000])
    wanted = glassnet.feedforward(wide, x).outputs
    off = [np.sqrt(np.mean((glassnet.feedforward(n, x).outputs - wanted) ** 2)) for n in (found.network, alone)]
    assert off[0] < 0.6 * off[1]


def test_a_network_is_rounded_as_finely_as_fits(wide, digits):
    most = 150_000
    found = rounded_to_fit(wide, digits.train_images[:2000], most)
    size = len(deflated_bytes(found.network, found.integers))
    assert 0.995 * most < size <= most
    finer = rounded(wide, digits.train_images[:2000], 0.98 * found.coarseness)
    assert len(deflated_bytes(finer.network, finer.integers)) > most
    with pytest.raises(glassnet.GlassnetError, match="too many for a page"):
        rounded_to_fit(wide, digits.train_images[:2000], 40_000)


def test_more_room_than_bytes_can_use_is_no_endless_search(wide, digits):
    found = rounded_to_fit(wide, digits.train_images[:500], 10_000_000)
    assert max(int(np.abs(i).max()) for i in found.integers) == LARGEST


def test_numbers_that_float32_does_not_hold_are_kept_in_float64(rng):
    network = Network.random((784, 4, 10), rng=rng, dtype=np.float64)
    assert in_fewest_bytes(network).dtype == np.float64
    assert in_fewest_bytes(network.astype(np.float32).astype(np.float64)).dtype == np.float32
    assert packed(network)[0] == [{"weights": "float64", "biases": "float64"}] * 2


def test_each_array_is_told_of_as_it_is_packed(wide, digits):
    """Rounded weights are bytes, their biases are not: what took one for the other would read nonsense."""
    found = rounded(wide, digits.train_images[:500], 0.7)
    layers, _ = packed(found.network, found.integers, found.steps)
    assert layers == [{"weights": "int8", "biases": "float32", "step": step} for step in found.steps]


def test_the_readers_file_has_at_most_a_million_bytes_and_reads_as_well(digits, readers_page):
    model, page = shipped_model("reader"), readers_page
    assert 990_000 < len(page.data) <= 1_000_000
    assert page.rounding is not None
    assert page.accuracy == accuracy(page.network, digits.test_images, digits.test_labels)
    assert page.accuracy_before == accuracy(model.network, digits.test_images, digits.test_labels)
    assert page.accuracy > page.accuracy_before - 0.0005
    assert page.agreement > 0.999
    told = facts_in(page)["Accuracy"]
    assert told == (
        f"It reads {100 * page.accuracy:.2f} % of 10,000 test digits (MNIST) correctly. Unrounded, it reads "
        f"{100 * page.accuracy_before:.2f} %; both give the same answer to {100 * page.agreement:.2f} % of them."
    )


def test_the_videos_file_is_small_and_exact(digits):
    model = shipped_model("videos")
    page = one_file(model, digits, title="the videos' network")
    assert len(page.data) <= 200_000
    assert page.rounding is None
    assert page.network.dtype == np.float32
    for a, b in zip(page.network.weights, model.network.weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_just_fits_is_not_rounded(few_digits, monkeypatch):
    """The room that is left for the weights is what the page around them leaves, and 40 bytes a layer less."""
    module = sys.modules["glassnet.export.one_file"]
    model = Model(Network.random((784, 4, 10), rng=np.random.default_rng(0)))

    class TooLarge(Exception):
        pass

    def refused(*_):
        raise TooLarge

    monkeypatch.setattr(module, "rounded_to_fit", refused)

    def fits(most):
        try:
            one_file(model, few_digits, title="four", most_bytes=most, template=TEMPLATE)
        except TooLarge:
            return False
        return True

    layers, text = packed(in_fewest_bytes(model.network))
    around = module.filled(
        TEMPLATE, model, "four", layers, "", module.facts_of(model, few_digits, (1.234e-05,) * 2, 0, 0, 0)
    )
    just = len(around) + 2 * 40 + len(text)
    assert [fits(just - 1), fits(just)] == [False, True]
    page = one_file(model, few_digits, title="four", most_bytes=just, template=TEMPLATE)
    assert len(page.data) <= just


def test_what_files_and_users_call_things_is_shown_and_not_obeyed(few_digits):
    nasty = "</script><img src=x onerror=alert(1)>\"'<!--"
    network = Network.random((784, 4, 10), rng=np.random.default_rng(0))
    about = {"name": nasty, "licence": nasty * 50}
    model = Model(network, training={"seed": nasty, "epochs_done": 3}, data=about)
    text = one_file(model, few_digits, title=nasty, template=TEMPLATE).data.decode()
    assert "<img" not in text
    assert "</script><" not in text.replace("</script><script id=numbers>", "")
    assert html.unescape(re.search(r"<h1>(.*?)</h1>", text)[1]) == nasty


@pytest.mark.parametrize(
    ("results", "calibration"),
    [
        ({"test_accuracy": 0.5}, None),
        ({"calibration": None}, None),
        (
            {"calibration": {"slope": 1, "offset": -0.5, "at_least": 0.7, "choices": []}},
            {"slope": 1.0, "offset": -0.5, "at_least": 0.7},
        ),
    ],
)
def test_the_page_is_told_of_the_calibration_what_it_needs(few_digits, results, calibration):
    network = Network.random((784, 4, 10), rng=np.random.default_rng(0))
    text = one_file(Model(network, results=results), few_digits, title="", template=TEMPLATE).data.decode()
    told = json.loads(re.search(r"<script id=network>(.*?)</script>", text)[1])
    assert told["calibration"] == calibration


def test_only_texts_and_numbers_of_a_header_are_facts(few_digits):
    network = Network.random((784, 4, 10), rng=np.random.default_rng(0))
    training = {"epochs_done": [3], "seed": None, "optimizer": "sgd", "learning_rate": 0.25, "changed_by_hand": {}}
    model = Model(network, training=training, data={"name": None, "licence": "CC0"})
    facts = facts_in(one_file(model, few_digits, title="", template=TEMPLATE))
    assert facts["Trained"] == "learning rate 0.25, sgd, quadratic cost"
    assert "On" not in facts


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (Model(Network((np.ones((10, 4)),), (np.zeros(10),))), "needs 784 inputs and 10 outputs"),
        (Model(Network((np.full((10, 784), np.nan),), (np.zeros(10),))), "not finite"),
        (
            Model(Network((np.ones((10, 784)),), (np.zeros(10),)), results={"calibration": {"slope": 1.5}}),
            r"its results.calibration.offset is missing; a number is expected\.",
        ),
    ],
)
def test_what_cannot_be_a_page_is_refused(few_digits, model, says):
    with pytest.raises(glassnet.GlassnetError, match=says):
        one_file(model, few_digits, title="", template=TEMPLATE)


def test_the_command_says_what_it_saved(run_glassnet, digits):
    done = run_glassnet("export", "videos", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    data = (run_glassnet.folder / "videos.html").read_bytes()
    assert (told["file"], told["bytes"], told["rounding"]) == ("videos.html", len(data), None)
    videos = shipped_model("videos").network
    assert told["accuracy"] == accuracy(videos, digits.test_images, digits.test_labels)
    again = run_glassnet("export", "videos", "--out", "videos.html")  # its own page may be written over
    assert again.returncode == 0
    assert f"{len(data):,} bytes" in again.stdout.decode()
    assert sorted(path.name for path in run_glassnet.folder.iterdir()) == ["videos.html"]


def test_the_command_writes_over_nothing_that_is_not_its_own(run_glassnet):
    mine = run_glassnet.folder / "mine.html"
    mine.write_text("mine", encoding="utf-8")
    refused = run_glassnet("export", "videos", "--out", "mine.html")
    assert refused.returncode == 2
    assert b"not a page of glassnet's" in refused.stderr
    assert mine.read_text(encoding="utf-8") == "mine"
    missing = run_glassnet("export", "none.safetensors")
    assert missing.returncode == 1
    assert b"none.safetensors" in missing.stderr
