"""What the studio's server says of a picture is what the library says, number by number."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

import glassnet
from glassnet.digits.normalise import normalise
from glassnet.features import exciting_input, most_exciting_digits
from glassnet.reading import shipped_model
from glassnet.studio.draw import seeing
from glassnet.studio.draw.seeing import likes
from glassnet.studio.shown.kept import Kept
from studio_server import picture, shades_in, visitor_of

REL = 2e-8  # nine significant digits are told


client = pytest.fixture(visitor_of, scope="module")
"""One for all tests: what it was given stays there."""


@pytest.fixture(scope="module")
def drawing():
    """A 7 in one corner of a sheet of 140 x 140."""
    sheet = np.zeros((140, 140), dtype=np.uint8)
    sheet[10:17, 8:50] = 255
    for row in range(17, 80):
        column = 46 - (row - 17) // 2
        sheet[row, column : column + 6] = 255
    return sheet


def see(client, sheet, *chosen, normalised=True):
    answer = client.post("/api/see", json={"picture": picture(sheet, normalised), "networks": list(chosen)})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_drawing_is_seen_as_the_library_sees_it(client, drawing):
    told = see(client, drawing, {"network": "videos"}, {"network": "reader"})
    expected = normalise(255 - drawing)
    np.testing.assert_array_equal(shades_in(told["steps"]["image"]), expected.image)
    assert told["steps"]["box"] == list(expected.box)
    assert told["steps"]["scale"] == expected.scale
    inputs = glassnet.as_inputs(expected.image[None], dtype=np.float64)
    for seen, name in zip(told["networks"], ("videos", "reader"), strict=True):
        network = shipped_model(name).network.astype(np.float64)
        trace = glassnet.feedforward(network, inputs)
        assert seen["outputs"] == pytest.approx(trace.outputs[0], rel=REL)
        for place, layer in enumerate(seen["layers"]):
            assert layer["size"] == network.layer_sizes[place]
            assert layer["activations"] == pytest.approx(trace.activations[place][0, layer["shown"]], rel=REL)
            if place:
                assert layer["z"] == pytest.approx(trace.zs[place - 1][0, layer["shown"]], rel=REL)
                assert layer["biases"] == pytest.approx(network.biases[place - 1][layer["shown"]], rel=REL)
                edges, before = seen["edges"][place - 1], seen["layers"][place - 1]["shown"]
                weights = network.weights[place - 1][np.ix_(layer["shown"], before)]
                np.testing.assert_allclose(edges["weights"], weights, rtol=REL)
                products = weights * trace.activations[place - 1][0, before]
                np.testing.assert_allclose(edges["products"], products, rtol=REL)


def test_the_steps_to_the_image_fit_together(client, drawing):
    steps = see(client, drawing, {"network": "videos"})["steps"]
    image = shades_in(steps["image"])
    small = shades_in(steps["small"], steps["small_height"], steps["small_width"])
    assert max(small.shape) == 20
    left, top = steps["corner"]
    np.testing.assert_array_equal(image[top : top + small.shape[0], left : left + small.shape[1]], small)
    assert int(image.sum()) == int(small.sum())
    assert steps["centre"] == pytest.approx([14, 14], abs=0.51)


def test_without_centring_the_picture_is_only_made_small(client, drawing):
    steps = see(client, drawing, {"network": "videos"}, normalised=False)["steps"]
    means = drawing.reshape(28, 5, 28, 5).mean(axis=(1, 3))
    np.testing.assert_allclose(shades_in(steps["image"]), means, atol=0.51)
    assert steps["box"] is None


@pytest.mark.parametrize("shape", [(112, 56), (56, 112), (112, 84), (28, 84)])
def test_a_picture_that_is_no_square_is_made_small_in_the_middle_of_one(client, shape):
    sheet = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    steps = see(client, sheet, {"network": "videos"}, normalised=False)["steps"]
    side = max(shape)
    square = np.pad(sheet, [((side - length) // 2,) * 2 for length in shape])
    means = square.reshape(28, side // 28, 28, side // 28).mean(axis=(1, 3))
    np.testing.assert_allclose(shades_in(steps["image"]), means, atol=1.01)  # Pillow rounds across, then down


def test_the_answer_is_the_readers(client, digits):
    reader = glassnet.Reader()
    rng = np.random.default_rng(0)
    sheets = [
        *(np.kron(image, np.ones((4, 4), dtype=np.uint8)) for image in digits.test_images[:4]),
        np.zeros((60, 60), dtype=np.uint8),
        rng.integers(0, 256, (56, 56), dtype=np.uint8),
    ]
    for sheet in sheets:
        answer = see(client, sheet, {"network": "reader"})["networks"][0]["answer"]
        verdict = reader.classify(255 - sheet)
        assert (answer["digit"], answer["reason"]) == (verdict.digit, verdict.reason)
        assert answer["confidence"] == pytest.approx(verdict.confidence, abs=1e-4)
    assert answer["digit"] is None
    videos = see(client, sheets[-1], {"network": "videos"})["networks"][0]["answer"]
    assert videos["digit"] is not None, "the videos' kind of network cannot say that it is no digit"


def test_a_neurons_sum_is_written_out(client, drawing):
    network = shipped_model("videos").network.astype(np.float64)
    inputs = glassnet.as_inputs(normalise(255 - drawing).image[None], dtype=np.float64)
    trace = glassnet.feedforward(network, inputs)
    for layer, neuron in ((1, 3), (2, 15), (3, 7)):
        asked = {"picture": picture(drawing), "chosen": {"network": "videos"}, "layer": layer, "neuron": neuron}
        told = client.post("/api/neuron", json=asked).json()
        weights, before = network.weights[layer - 1][neuron], trace.activations[layer - 1][0]
        np.testing.assert_allclose(told["weights"], weights, rtol=REL)
        np.testing.assert_allclose(told["products"], weights * before, rtol=REL)
        assert told["weighted_sum"] == pytest.approx(weights @ before, rel=1e-7)
        assert told["threshold"] == pytest.approx(-network.biases[layer - 1][neuron], rel=REL)
        assert told["z"] == pytest.approx(trace.zs[layer - 1][0, neuron], rel=REL)
        activation = trace.activations[layer][0, neuron]
        assert told["activation"] == pytest.approx(activation, rel=REL)
        assert told["slope"] == pytest.approx(activation * (1 - activation), rel=1e-7)
        largest = [term["product"] for term in told["largest"]]
        np.testing.assert_allclose(np.abs(largest), np.sort(np.abs(weights * before))[::-1][:10], rtol=REL)
        assert sum(largest) + told["sum_of_rest"] == pytest.approx(told["weighted_sum"], abs=1e-6)
        assert told["n_rest"] + len(largest) == told["n_inputs"] == len(weights)
        curve = dict(zip(told["curve"]["x"], told["curve"]["y"], strict=True))
        assert all(y == pytest.approx(1 / (1 + np.exp(-x)), abs=1e-7) for x, y in curve.items())


def test_what_a_neuron_likes(client, digits):
    network = shipped_model("videos").network.astype(np.float64)
    told = client.post("/api/likes", json={"chosen": {"network": "videos"}, "layer": 1, "neuron": 5}).json()
    found = most_exciting_digits(network, digits.test_images, 1, 5, 12)
    assert told["indices"] == found.indices.tolist()
    assert told["activations"] == pytest.approx(found.activations, rel=REL)
    np.testing.assert_array_equal(shades_in(told["images"][0]), digits.test_images[told["indices"][0]])
    best = exciting_input(network, 1, 5)
    assert told["best_z"] == pytest.approx(best.z, rel=REL)
    np.testing.assert_allclose(shades_in(told["best_image"]).ravel() / 255, best.inputs, atol=0.5 / 255 + 1e-9)


def test_of_a_wide_network_fewer_digits_and_steps_are_looked_at(client, digits, monkeypatch):
    monkeypatch.setattr(seeing, "WIDE", 12_959)  # the videos' network has a weight more
    network = shipped_model("videos").network.astype(np.float32)
    told = client.post("/api/likes", json={"chosen": {"network": "videos"}, "layer": 2, "neuron": 5}).json()
    assert told["n_searched"] == 2000
    found = most_exciting_digits(network, digits.test_images[:2000], 2, 5, 12)
    assert told["indices"] == found.indices.tolist()
    fewer, right, more = (exciting_input(network, 2, 5, n_steps=n).z for n in (39, 40, 41))
    assert more - right > 0.01 < right - fewer, "of this neuron one cannot tell how many steps were taken"
    assert told["best_z"] == pytest.approx(right, rel=1e-6)


def test_what_was_asked_for_last_is_known_without_looking_again(client, server, monkeypatch):
    searched = []

    def counted(held, images, labels, layer, neuron):
        searched.append(neuron)
        return likes(held, images, labels, layer, neuron)

    def ask(neuron, *changes):
        chosen = {"network": "videos", "changes": list(changes)}
        return client.post("/api/likes", json={"chosen": chosen, "layer": 1, "neuron": neuron}).json()

    monkeypatch.setattr("glassnet.studio.draw.routes.likes", counted)
    monkeypatch.setattr(server.studio, "liked", Kept(most=2))
    first, second, first_again, third, *_, second_again = (ask(neuron) for neuron in (1, 2, 1, 3, 1, 2))
    assert (first, second) == (first_again, second_again)
    assert first["indices"] != third["indices"]
    assert searched == [1, 2, 3, 2]
    by_hand = {"layer": 1, "neuron": 2, "source": None, "value": -3.5}
    assert ask(2, by_hand) == ask(2, by_hand) != second
    assert searched == [1, 2, 3, 2, 2, 2]


def test_a_number_changed_by_hand_counts(client, drawing):
    network = shipped_model("videos").network.astype(np.float64)
    weights, biases = [w.copy() for w in network.weights], [b.copy() for b in network.biases]
    biases[0][2], weights[1][4, 6] = -3.5, 2.25
    by_hand = network.with_parameters(tuple(weights), tuple(biases))
    changes = [
        {"layer": 1, "neuron": 2, "source": None, "value": -3.5},
        {"layer": 2, "neuron": 4, "source": 6, "value": 2.25},
    ]
    told = see(client, drawing, {"network": "videos", "changes": changes}, {"network": "videos"})
    inputs = glassnet.as_inputs(normalise(255 - drawing).image[None], dtype=np.float64)
    expected = glassnet.feedforward(by_hand, inputs)
    assert told["networks"][0]["outputs"] == pytest.approx(expected.outputs[0], rel=REL)
    untouched = glassnet.feedforward(network, inputs)
    assert told["networks"][1]["outputs"] == pytest.approx(untouched.outputs[0], rel=REL)


@pytest.mark.parametrize("kind", ["test", "noise", "scribble", "letter", "shifted"])
def test_examples_are_the_same_for_the_same_index(client, digits, kind):
    told = client.get(f"/api/examples/{kind}", params={"index": 12}).json()
    assert told == client.get(f"/api/examples/{kind}", params={"index": 12}).json()
    assert told != client.get(f"/api/examples/{kind}", params={"index": 13}).json()
    shades = shades_in(told["ink"], told["height"], told["width"])
    if kind == "test":
        np.testing.assert_array_equal(shades, digits.test_images[12])
        assert told["label"] == digits.test_labels[12]
    if kind == "shifted":
        down, right = (4 if word in told["about"] else -4 for word in ("down", "right"))
        expected = np.pad(digits.test_images[12], 4)[4 - down : 32 - down, 4 - right : 32 - right]
        np.testing.assert_array_equal(shades, expected)


def test_noise_has_every_shade(client):
    told = [client.get("/api/examples/noise", params={"index": index}).json()["ink"] for index in range(20)]
    assert {shade for ink in told for shade in shades_in(ink).flat} == set(range(256))


@pytest.mark.parametrize("sides", [(3000, 30), (30, 3000), (400, 7)])
def test_what_is_thin_stays_a_picture_that_can_be_seen(client, sides):
    """Three pixels a side are the least that may be shown to a network."""
    sheet = np.full(sides, 250, dtype=np.uint8)
    sheet[sides[0] // 4 : -(sides[0] // 4), sides[1] // 4 : -(sides[1] // 4)] = 20
    file = io.BytesIO()
    Image.fromarray(sheet).save(file, format="PNG")
    drawn = client.post("/api/picture", content=file.getvalue()).json()
    assert (max(drawn["width"], drawn["height"]), min(drawn["width"], drawn["height"])) == (140, 3)
    shown = {name: drawn[name] for name in ("width", "height", "ink")} | {"normalise": True}
    answer = client.post("/api/see", json={"picture": shown, "networks": [{"network": "videos"}]})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("at", [4, 400, -1])
@pytest.mark.parametrize("letter", ["\n", "!", "é"])
def test_ink_that_is_not_base64_is_refused(client, digits, at, letter):
    """A letter that is none of its letters, too much: nobody knows what it was to say."""
    asked = picture(digits.test_images[0])
    spoilt = asked | {"ink": asked["ink"][:at] + letter + asked["ink"][at:]}
    answer = client.post("/api/see", json={"picture": spoilt, "networks": [{"network": "videos"}]})
    assert (answer.status_code, answer.json()["detail"]) == (400, "the picture's ink is not base64.")


def test_a_page_is_read_as_the_reader_reads_it(client, tmp_path, digits):
    from PIL import Image

    sheet = np.full((200, 400), 250, dtype=np.uint8)
    for place, image in enumerate(digits.test_images[:4]):
        sheet[60:116, 40 + 80 * place : 96 + 80 * place] -= (np.kron(image, np.ones((2, 2))) * 0.9).astype(np.uint8)
    Image.fromarray(sheet).save(tmp_path / "page.png")
    told = client.post("/api/read", content=(tmp_path / "page.png").read_bytes()).json()
    page = glassnet.Reader().read(tmp_path / "page.png")
    assert told["text"] == page.text == "7210"
    assert (told["width"], told["height"]) == (400, 200)
    assert [tuple(mark["box"]) for line in told["lines"] for mark in line["marks"]] == [
        mark.box for line in page.lines for mark in line.marks
    ]
    drawn = client.post("/api/picture", content=(tmp_path / "page.png").read_bytes()).json()
    assert (drawn["width"], drawn["height"]) == (140, 70)


def test_every_page_of_a_document_is_there(client, digits):
    from PIL import Image

    sheets = []
    for first in (0, 4):
        sheet = np.full((200, 400), 250, dtype=np.uint8)
        for place, image in enumerate(digits.test_images[first : first + 4]):
            sheet[60:116, 40 + 80 * place : 96 + 80 * place] -= (np.kron(image, np.ones((2, 2))) * 0.9).astype(np.uint8)
        sheets.append(Image.fromarray(sheet))
    file = io.BytesIO()
    sheets[0].save(file, "TIFF", save_all=True, append_images=sheets[1:])
    first, second = (client.post(f"/api/read{query}", content=file.getvalue()).json() for query in ("", "?page=2"))
    assert (first["text"], first["number"], first["has_more"]) == ("7210", 1, True)
    assert (second["text"], second["number"], second["has_more"]) == ("4149", 2, False)
    for told in (first, second):  # no browser shows a TIFF
        shown = Image.open(io.BytesIO(base64.b64decode(told["picture"])))
        assert (shown.format, shown.size) == ("JPEG", (400, 200))
    answer = client.post("/api/read?page=3", content=file.getvalue())
    assert (answer.status_code, answer.json()["detail"]) == (400, "the file has no page 3.")
    assert client.post("/api/read?page=0", content=file.getvalue()).status_code == 422
    png = io.BytesIO()
    sheets[0].save(png, "PNG")
    alone = client.post("/api/read", content=png.getvalue()).json()
    assert (alone["picture"], alone["has_more"], alone["turned"]) == (None, False, 0)
    upside_down = io.BytesIO()
    sheets[1].rotate(180).save(upside_down, "PNG")
    assert client.post("/api/read", content=upside_down.getvalue()).json()["number"] == 1


def test_parts_of_a_page_are_read_by_name(client, digits):
    from PIL import Image

    sheet = np.full((200, 400), 250, dtype=np.uint8)
    for place, image in enumerate(digits.test_images[:4]):
        sheet[60:116, 40 + 80 * place : 96 + 80 * place] -= (np.kron(image, np.ones((2, 2))) * 0.9).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(sheet).save(file, "PNG")
    parts = {"region": ["b=190,40,200,100", "a=20,40,160,100"]}
    told = client.post("/api/read", content=file.getvalue(), params=parts).json()
    assert [(line["region"], line["text"]) for line in told["lines"]] == [("b", "10"), ("a", "72")]
    assert told["is_sheet"] is False
    assert client.post("/api/read", content=file.getvalue()).json()["lines"][0]["region"] == ""
    for region, status in (("a=400,0,10,10", 400), ("a=1,2,3", 400), ("a=0,0,0,5", 400)):
        answer = client.post("/api/read", content=file.getvalue(), params={"region": region})
        assert answer.status_code == status
        assert "region" in answer.json()["detail"]
    many = {"region": [f"{n}=0,0,100,100" for n in range(51)]}
    assert client.post("/api/read", content=file.getvalue(), params=many).status_code == 422


def test_signs_and_things_of_a_page(client, digits):
    from PIL import Image

    sheet = np.full((200, 400), 250, dtype=np.uint8)
    for place, image in enumerate(digits.test_images[:4]):
        sheet[60:116, 40 + 80 * place : 96 + 80 * place] -= (np.kron(image, np.ones((2, 2))) * 0.9).astype(np.uint8)
    sheet[98:106, 186:194] = 20
    sheet[:, :12] = 30
    file = io.BytesIO()
    Image.fromarray(sheet).save(file, "PNG")
    told = client.post("/api/read", content=file.getvalue()).json()
    assert told["text"] == "72.10"
    assert [mark["sign"] for mark in told["lines"][0]["marks"]] == [None, None, ".", None, None]
    assert [thing["kind"] for thing in told["things"]] == ["edge"]


def test_the_api_explains_itself(client):
    told = client.get("/api/openapi.json").json()
    for path, name in (("see", "See"), ("neuron", "AskNeuron"), ("likes", "AskLikes"), ("runs", "RunSettings")):
        examples = told["components"]["schemas"][name]["examples"]
        assert all(client.post(f"/api/{path}", json=example).is_success for example in examples)
    assert {"/api/see", "/api/read", "/api/runs", "/api/runs/{name}/events"} <= set(told["paths"])
    for path, methods in told["paths"].items():
        for method, about in methods.items():
            assert about.get("summary"), (path, method)
            assert about.get("description"), (path, method)
