"""What the server says of how good a network is, is what the library says: number by number."""

import functools
import io
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import glassnet
from glassnet.digits.damage import DAMAGES, turned
from glassnet.digits.normalise import normalise
from glassnet.evaluation import calibration_bins, evaluate, expected_calibration_error
from glassnet.layer_map import layer_map
from glassnet.model_file import Model, model_bytes
from glassnet.reading import Calibration, shipped_model
from glassnet.rejection import choices, rejection
from glassnet.studio.judge import spoilt
from glassnet.studio.judge.judged import affordable
from glassnet.studio.shown.kept import key_of
from glassnet.studio.shown.seeing import Held
from studio_server import patiently, shades_in, visitor_of

REL = 2e-8  # nine significant digits are told
THRESHOLDS = tuple(i / 100 for i in range(101))
SIZES = ((784, 9, 10), (784, 24, 12, 10))


client = pytest.fixture(visitor_of, scope="module")
"""One for all tests: what it was given stays there."""


@pytest.fixture(scope="module", params=range(4), ids=["random-9", "random-24-12", "videos", "reader"])
def subject(request, client):
    """A network's name, itself in float64, and its calibration; tests of one network follow one another."""
    if request.param >= 2:
        name = ("videos", "reader")[request.param - 2]
        model = shipped_model(name)
        return name, model.network.astype(np.float64), Calibration.from_header(model.results)
    network = glassnet.Network.random(SIZES[request.param], rng=np.random.default_rng(request.param))
    run = client.post("/api/runs/load", content=model_bytes(Model(network)), params={"name": "random"}).json()["id"]
    return f"run:{run}", network.astype(np.float32).astype(np.float64), None


def ask(client, path, name, changes=(), **asked):
    body = {"chosen": {"network": name, "changes": list(changes)}, **asked}
    answer = patiently(lambda: client.post(f"/api/judge/{path}", json=body))
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def on_test_digits(subject, digits):
    """The network's answers to all test digits, and its confidences."""
    _, network, calibration = subject
    return read(network, calibration, digits.test_images)


def read(network, calibration, images):
    """Return answers and confidences, from the trace itself."""
    outputs = np.asarray(glassnet.feedforward(network, glassnet.as_inputs(images, dtype=np.float64)).outputs)
    return outputs.argmax(axis=1), outputs.max(axis=1) if calibration is None else calibration.confidences(outputs)


def assert_choices(told, confidences, right, thresholds):
    for one, expected in zip(told, choices(confidences, right, thresholds), strict=True):
        assert one["at_least"] == expected.at_least
        assert one["coverage"] == pytest.approx(expected.coverage, rel=REL)
        if np.isnan(expected.accuracy):
            assert one["accuracy"] is None
        else:
            assert one["accuracy"] == pytest.approx(expected.accuracy, rel=REL)


def assert_pictures(told, images, labels, answers, confidences):
    assert told, "there are no pictures"
    for one in told:
        index = one["index"]
        np.testing.assert_array_equal(shades_in(one["image"]), images[index])
        assert one["label"] == (None if labels is None else labels[index])
        assert one["answer"] == answers[index]
        assert one["confidence"] == pytest.approx(confidences[index], rel=REL, abs=1e-12)
    shown = [one["confidence"] for one in told]
    assert shown == sorted(shown, reverse=True)


def test_test_digits_are_judged_as_the_library_does(client, digits, subject, on_test_digits):
    name, network, calibration = subject
    told = ask(client, "test", name)
    expected = evaluate(network, digits.test_images, digits.test_labels)
    answers, confidences = on_test_digits
    right = answers == digits.test_labels
    assert (told["network"], told["rejects"], told["n"]) == (name, calibration is not None, 10_000)
    assert told["accuracy"] == expected.accuracy
    assert told["cost"] == pytest.approx(expected.cost, rel=REL)
    assert told["confusion"] == expected.confusion.tolist()
    assert told["digit_accuracies"] == pytest.approx(expected.digit_accuracies, rel=REL)
    bins = calibration_bins(confidences, right)
    for one, bin_ in zip(told["calibration"], bins, strict=True):
        assert (one["low"], one["high"], one["n"]) == (bin_.low, bin_.high, bin_.n)
        assert [one["confidence"], one["accuracy"]] == pytest.approx([bin_.confidence, bin_.accuracy], rel=REL)
    assert told["calibration_error"] == pytest.approx(expected_calibration_error(bins), rel=REL)
    if calibration is None:
        assert told["calibration_error"] == pytest.approx(expected.calibration_error, rel=REL)
    assert_choices(told["choices"], confidences, right, THRESHOLDS)
    assert_choices([told["own"]], confidences, right, (0.0 if calibration is None else calibration.at_least,))
    assert_pictures(told["mistakes"], digits.test_images, digits.test_labels, answers, confidences)
    assert len(told["mistakes"]) == 16
    assert told["mistakes"][0]["confidence"] == pytest.approx(confidences[~right].max(), rel=REL)
    assert not any(right[one["index"]] for one in told["mistakes"])


def test_a_cell_holds_its_own_digits(client, digits, subject, on_test_digits):
    answers, confidences = on_test_digits
    name = subject[0]
    confusion = np.zeros((10, 10), dtype=int)
    np.add.at(confusion, (digits.test_labels, answers), 1)
    wrong = confusion * (1 - np.eye(10, dtype=int))
    label, answer = (int(i) for i in np.unravel_index(wrong.argmax(), wrong.shape))
    told = ask(client, "cell", name, label=label, answer=answer)
    there = np.flatnonzero((digits.test_labels == label) & (answers == answer))
    assert told["n"] == len(there) == confusion[label, answer]
    assert_pictures(told["digits"], digits.test_images, digits.test_labels, answers, confidences)
    indices = [one["index"] for one in told["digits"]]
    assert len(indices) == min(48, len(there))
    assert set(indices) <= set(there.tolist())
    assert confidences[indices].min() >= np.sort(confidences[there])[::-1][: len(indices)].min() - 1e-12
    label, answer = (int(i) for i in np.unravel_index(confusion.argmin(), confusion.shape))
    assert ask(client, "cell", name, label=label, answer=answer)["n"] == confusion[label, answer]


@pytest.fixture(scope="module")
def sets(client, digits):
    """The sets by their kind, each made when it is first asked for."""
    return functools.cache(lambda kind: others(client, digits, kind))


def others(client, digits, kind):
    """Return a set, its labels and whether those count; what Draw gives is asked of Draw."""
    some = digits.test_images[:300]
    if kind == "inverted":
        return 255 - some, None
    if kind == "turned":
        return turned(some, np.random.default_rng(0).choice([-45.0, 45.0], 300)), digits.test_labels[:300]
    images = []
    for index in range(300):
        told = patiently(functools.partial(client.get, f"/api/examples/{kind}", params={"index": index})).json()
        shades = shades_in(told["ink"], told["height"], told["width"])
        images.append(normalise(255 - shades).image if told["normalise"] else shades)
    return np.stack(images), digits.test_labels[:300] if kind == "shifted" else None


@pytest.mark.parametrize("kind", ["noise", "scribble", "letter", "inverted", "shifted", "turned"])
def test_what_is_no_digit_or_lies_askew(client, subject, sets, on_test_digits, kind):
    name, network, calibration = subject
    images, labels = sets(kind)
    told = ask(client, "others", name, kind=kind)
    answers, confidences = read(network, calibration, images)
    right = np.zeros(300, dtype=bool) if labels is None else answers == labels
    assert (told["n"], told["is_labelled"]) == (300, labels is not None)
    assert told["accepted"] == pytest.approx([float(np.mean(confidences >= t)) for t in THRESHOLDS], rel=REL)
    assert told["n_rejected"] == [int(np.sum(confidences < t)) for t in THRESHOLDS]
    assert told["n_right"] == [int(np.sum(right[confidences >= t])) for t in THRESHOLDS]
    own = 0.0 if calibration is None else calibration.at_least
    assert_choices([told["own"]], confidences, right, (own,))
    assert told["own_n_rejected"] == np.sum(confidences < own)
    assert told["own_n_right"] == np.sum(right[confidences >= own])
    assert told["n_confidently_wrong"] == np.sum(confidences[~right] > 0.9)
    expected = rejection(on_test_digits[1], confidences, (0.95,))
    assert told["auroc"] == pytest.approx(expected.auroc, rel=REL)
    assert told["accepted_at_95"] == pytest.approx(expected.false_acceptance[0.95], rel=REL)
    assert_pictures(told["most_confident"], images, labels, answers, confidences)
    assert len(told["most_confident"]) == 10
    assert told["most_confident"][0]["confidence"] == pytest.approx(confidences[~right].max(), rel=REL, abs=1e-12)


def test_confidences_of_files_are_judged_like_those_of_a_set(client, digits):
    confidences = np.random.default_rng(4).random(77)
    told = ask(client, "scores", "videos", confidences=confidences.tolist())
    assert told["n_rejected"] == [int(np.sum(confidences < t)) for t in THRESHOLDS]
    assert told["n_confidently_wrong"] == np.sum(confidences > 0.9)
    of_digits = evaluate(shipped_model("videos").network.astype(np.float64), digits.test_images, digits.test_labels)
    assert told["auroc"] == pytest.approx(rejection(of_digits.confidences, confidences).auroc, rel=REL)


def png(image):
    file = io.BytesIO()
    Image.fromarray(image).save(file, format="PNG")
    return file.getvalue()


def test_a_file_is_judged_as_the_reader_reads_it(client, digits):
    reader, videos = glassnet.Reader(), shipped_model("videos").network.astype(np.float64)
    sheets = [255 - np.kron(image, np.ones((3, 3), dtype=np.uint8)) for image in digits.test_images[:3]]
    cross = np.full((90, 90), 255, dtype=np.uint8)
    cross[40:50, 10:80] = cross[10:80, 40:50] = 0
    for sheet in (*sheets, cross):
        told = client.post(
            "/api/judge/file", content=png(sheet), params={"network": "reader", "beside": "videos"}
        ).json()
        verdict = reader.classify(sheet)
        by_reader, by_videos = told["verdicts"]
        assert (by_reader["digit"], by_reader["reason"]) == (verdict.digit, verdict.reason)
        assert by_reader["confidence"] == pytest.approx(verdict.confidence, abs=1e-3)  # the page's shades are whole
        drawn = client.post("/api/picture", content=png(sheet)).json()
        picture = {key: drawn[key] for key in ("width", "height", "ink", "normalise")}
        seen = client.post("/api/see", json={"picture": picture, "networks": [{"network": "reader"}]}).json()
        answer = seen["networks"][0]["answer"]
        assert by_reader["confidence"] == pytest.approx(answer["confidence"], rel=REL), "as where Draw opens it"
        assert told["image"] == seen["steps"]["image"]
        inputs = glassnet.as_inputs(shades_in(told["image"])[None], dtype=np.float64)
        outputs = glassnet.feedforward(videos, inputs).outputs[0]
        assert by_videos["digit"] == by_videos["answer"] == outputs.argmax()
        assert by_videos["confidence"] == pytest.approx(outputs.max(), rel=REL)
    changes = "3_7_b_9.5*1_2_300_-1e-3"
    told = client.post(
        "/api/judge/file",
        content=png(sheets[0]),
        params={"network": "videos", "beside": "videos", "beside_changes": changes},
    ).json()
    weights, biases = [w.copy() for w in videos.weights], [b.copy() for b in videos.biases]
    biases[2][7], weights[0][2, 300] = 9.5, -1e-3
    inputs = glassnet.as_inputs(shades_in(told["image"])[None], dtype=np.float64)
    outputs = glassnet.feedforward(videos.with_parameters(tuple(weights), tuple(biases)), inputs).outputs[0]
    assert told["verdicts"][1]["confidence"] == pytest.approx(outputs.max(), rel=REL)
    assert told["verdicts"][1]["confidence"] != told["verdicts"][0]["confidence"]


@pytest.mark.parametrize("kind", DAMAGES)
def test_damage_is_measured_at_exactly_the_amount_that_is_asked(client, digits, subject, kind):
    name, network, calibration = subject
    damage = DAMAGES[kind]
    for amount in (damage.amounts[0], 0.37 * damage.amounts[-1]):
        told = ask(client, "damage", name, kind=kind, amount=amount)
        n = told["n"]
        assert n == 1_000
        images = damage.damaged(digits.test_images[:n], amount, np.random.default_rng(0))
        answers, confidences = read(network, calibration, images)
        assert told["amount"] == amount
        assert told["accuracy"] == pytest.approx(np.mean(answers == digits.test_labels[:n]), rel=REL)
        shown = sorted(told["digits"], key=lambda one: -one["confidence"])
        assert_pictures(shown, images, digits.test_labels, answers, confidences)
        assert [one["label"] for one in told["digits"]] == list(range(10))
        first = [int(np.argmax(digits.test_labels == digit)) for digit in range(10)]
        assert [one["index"] for one in told["digits"]] == first


@pytest.mark.parametrize("kind", ["shift", "noise"])
def test_the_curve_of_a_damage(client, digits, subject, kind):
    name, network, _ = subject
    damage = DAMAGES[kind]
    told = ask(client, "damage/curve", name, kind=kind)
    n = told["n"]
    assert n == 1_000
    assert told["amounts"] == list(damage.amounts)
    for amount, accuracy in zip(told["amounts"], told["accuracies"], strict=True):
        images = damage.damaged(digits.test_images[:n], amount, np.random.default_rng(0))
        assert accuracy == pytest.approx(np.mean(read(network, None, images)[0] == digits.test_labels[:n]), rel=REL)


def test_the_map_of_every_layer(client, digits, subject):
    name, network, _ = subject
    for layer, width in enumerate(network.layer_sizes):
        if name == "reader" and layer in (0, 2):  # seconds, for what the others show as well
            continue
        told = ask(client, "map", name, layer=layer)
        n = told["n"]
        assert (n, told["width"]) == (2_000, width)
        expected = layer_map(network, digits.test_images[:n], layer)
        size = np.abs(expected.plane.places).max()
        places = np.stack([told["x"], told["y"]], axis=1)
        np.testing.assert_allclose(places, expected.plane.places, rtol=1e-6, atol=1e-8 * size)
        assert told["shares"] == pytest.approx(expected.plane.shares, rel=1e-7)
        assert told["labels"] == digits.test_labels[:n].tolist()
        assert told["answers"] == expected.answers.tolist()


def test_numbers_changed_by_hand_count_and_the_kept_answer_is_not_taken_for_them(client, digits):
    plain = ask(client, "test", "videos")
    network = shipped_model("videos").network.astype(np.float64)
    for value in (30.0, -30.0):
        told = ask(client, "test", "videos", [{"layer": 3, "neuron": 4, "source": None, "value": value}])
        biases = [b.copy() for b in network.biases]
        biases[2][4] = value
        by_hand = network.with_parameters(network.weights, tuple(biases))
        expected = evaluate(by_hand, digits.test_images, digits.test_labels)
        assert told["accuracy"] == expected.accuracy < plain["accuracy"]
        assert told["confusion"] == expected.confusion.tolist()
    assert ask(client, "test", "videos") == plain


def test_what_cannot_be_answered_is_refused_in_one_sentence(client):
    chosen = {"network": "videos"}
    for path, body, status in (
        ("map", {"layer": 4}, 400),
        ("damage", {"kind": "scale", "amount": 3}, 400),
        ("damage", {"kind": "melting", "amount": 3}, 422),
        ("cell", {"label": 4, "answer": 10}, 422),
        ("scores", {"confidences": []}, 422),
    ):
        answer = client.post(f"/api/judge/{path}", json={"chosen": chosen, **body})
        assert answer.status_code == status, answer.text
        assert answer.json()["detail"].endswith(".")
    gone = client.post("/api/judge/test", json={"chosen": {"network": "run:aaaaaaaa"}})
    assert (gone.status_code, gone.json()["detail"]) == (404, "there is no run aaaaaaaa.")
    both = {"network": "videos", "beside": "reader"}
    for content, extra, status in (
        (b"no image at all", {}, 400),
        (png(np.full((40, 40), 255, dtype=np.uint8)), {}, 400),
        (png(np.zeros((40, 2), dtype=np.uint8)), {}, 400),
        (png(np.zeros((40, 40), dtype=np.uint8)), {"changes": "1_2_x_3"}, 400),
        (png(np.zeros((40, 40), dtype=np.uint8)), {"changes": "1_2_3_inf"}, 400),
    ):
        answer = client.post("/api/judge/file", content=content, params=both | extra)
        assert answer.status_code == status, (answer.text, extra)
        assert "\n" not in answer.json()["detail"]


@pytest.mark.parametrize(("height", "width"), [(40, 2), (2, 40)])
def test_an_image_with_a_side_too_short_is_told_so(client, height, width):
    content = png(np.zeros((height, width), dtype=np.uint8))
    answer = client.post("/api/judge/file", content=content, params={"network": "videos", "beside": "reader"})
    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        f"a picture of {width} x {height} pixels is too small for a digit.",
    )


def test_what_can_be_afforded_is_shared_among_the_amounts_of_a_damage(client, monkeypatch):
    """Of a network that nobody has judged before, or what was measured then would be told."""
    network = glassnet.Network.random((784, 3, 10), rng=np.random.default_rng(99))
    name = f"run:{client.post('/api/runs/load', content=model_bytes(Model(network))).json()['id']}"
    monkeypatch.setattr(spoilt, "affordable", lambda held, n: 99)
    for kind in DAMAGES:
        told = ask(client, "damage/curve", name, kind=kind)
        assert told["n"] == 99 // len(DAMAGES[kind].amounts)
    assert ask(client, "damage", name, kind="scale", amount=0.9)["n"] == 99


def test_a_network_is_known_by_its_numbers(rng):
    network = glassnet.Network.random((784, 5, 10), rng=rng).astype(np.float64)
    key = key_of(Held("run:aaaaaaaa", network))
    assert key == key_of(Held("run:bbbbbbbb", network.with_parameters(network.weights, network.biases)))
    weights = [w.copy() for w in network.weights]
    weights[0][3, 400] = np.nextafter(weights[0][3, 400], 1)
    biases = [b.copy() for b in network.biases]
    biases[1][9] += 1e-9
    assert key != key_of(Held("run:aaaaaaaa", network.with_parameters(network.weights, tuple(biases))))
    assert key != key_of(Held("run:aaaaaaaa", network.with_parameters(tuple(weights), network.biases)))
    assert key != key_of(Held("run:aaaaaaaa", network, Calibration.from_header(shipped_model("reader").results)))


@pytest.mark.parametrize(
    ("n_weights", "n"), [(12_960, 10_000), (3_000_001, 9_999), (3e8, 100), (3e8 + 1e6, 100), (1e12, 100)]
)
def test_a_wide_network_is_judged_on_fewer_digits_and_a_hundred_at_least(n_weights, n):
    """Up to thirty thousand million multiplications."""
    held = SimpleNamespace(network=SimpleNamespace(weights=[SimpleNamespace(size=n_weights)]))
    assert affordable(held, 10_000) == n
