"""What the studio's server says of wishes, chains and lessons is what the library says, number by number."""

import dataclasses
import re

import numpy as np
import pytest

import glassnet
from glassnet import nudges
from glassnet.backpropagation import backprop
from glassnet.descent import step
from glassnet.model_file import Model, load_model, model_bytes
from glassnet.nudges import Parameter
from glassnet.studio.nudge import many
from studio_server import picture, shades_in, visitor_of

REL = 2e-8  # nine significant digits are told
KINDS = {
    "sigmoid": {"layer_sizes": (784, 7, 5, 10)},
    "tanh": {"layer_sizes": (784, 6, 10), "activation": "tanh", "cost": "cross-entropy"},
    "relu": {
        "layer_sizes": (784, 24, 10),
        "activation": "relu",
        "output_activation": "softmax",
        "cost": "cross-entropy",
    },
    "flat": {"layer_sizes": (784, 10)},
}


client = pytest.fixture(visitor_of, scope="module")
"""One for all tests: what it was given stays there."""


@pytest.fixture(scope="module", params=KINDS)
def given(request, client):
    """A random network, and what the studio calls it."""
    network = glassnet.Network.random(rng=np.random.default_rng(len(request.param)), **KINDS[request.param])
    answer = client.post("/api/runs/load", content=model_bytes(Model(network)))
    assert answer.status_code == 201, answer.text
    return f"run:{answer.json()['id']}", network.astype(np.float64)


def ask(client, path, body, status=200):
    answer = client.post(f"/api/nudge/{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def subject(name, image, wanted):
    return {"picture": picture(image, False), "chosen": {"network": name}, "wanted": wanted}


def traced(network, image, digit):
    """Return inputs, wanted outputs and trace of one image."""
    inputs = glassnet.as_inputs(image[None], dtype=np.float64)
    wanted = np.zeros((1, 10))
    if digit is not None:
        wanted[0, digit] = 1
    return inputs, wanted, glassnet.feedforward(network, inputs)


@pytest.mark.parametrize("wanted", [4, None])
def test_wishes_are_the_librarys(client, given, digits, wanted):
    name, network = given
    image = digits.test_images[33]
    told = ask(client, "wishes", subject(name, image, wanted))
    _, aim, trace = traced(network, image, wanted)
    expected = nudges.output_wishes(network, trace, aim)
    for field in ("outputs", "wanted", "costs", "cost", "wishes", "z_wishes"):
        assert told["outputs"][field] == pytest.approx(np.asarray(getattr(expected, field)).tolist(), rel=REL), field
    assert told["outputs"]["answer"] == trace.outputs[0].argmax()
    assert [table["layer"] for table in told["tables"]] == list(range(len(network.weights) - 1, 0, -1))
    for table in told["tables"]:
        found = nudges.layer_wishes(network, trace, aim, table["layer"])
        cells = np.array(table["table"])
        assert cells == pytest.approx(found.table[np.ix_(table["rows"], table["columns"])], rel=REL)
        assert table["wishes"] == pytest.approx(found.wishes[table["columns"]], rel=REL)
        assert cells.sum(axis=0) + table["rest"] == pytest.approx(found.wishes[table["columns"]], rel=1e-6, abs=1e-12)
        assert table["n_rest"] == found.table.shape[0] - len(table["rows"])
        assert table["activations"] == pytest.approx(found.activations[table["columns"]], rel=REL)
        assert len(table["columns"]) == (table["size"] if table["size"] <= 20 else 16)
        least_shown = np.abs(found.wishes[table["columns"]]).min()
        assert least_shown >= np.sort(np.abs(found.wishes))[-len(table["columns"])], "others are wished for more"
    assert told["pixels"] == pytest.approx(nudges.layer_wishes(network, trace, aim, 0).wishes, rel=REL)
    np.testing.assert_array_equal(shades_in(told["image"]), image)


def test_avenues_are_the_librarys(client, given, digits):
    name, network = given
    image = digits.test_images[8]
    _, aim, trace = traced(network, image, 5)
    for layer in range(1, len(network.weights) + 1):
        told = ask(client, "avenues", subject(name, image, 5) | {"layer": layer, "neuron": 2})
        found = nudges.avenues(network, trace, aim, layer, 2)
        for field in ("wish", "bias", "weights", "activations", "activations_before", "weights_now"):
            assert told[field] == pytest.approx(np.asarray(getattr(found, field)).tolist(), rel=REL), field
        assert told["fall_per_length"] == pytest.approx(found.fall_per_length, rel=REL)
        assert told["cheapest"] == found.cheapest
        assert told["z"] == pytest.approx(trace.zs[layer - 1][0, 2], rel=REL)
        assert told["activation"] == pytest.approx(trace.activations[layer][0, 2], rel=REL)
        assert told["bias_now"] == pytest.approx(network.biases[layer - 1][2], rel=REL)


def test_the_chain_rule_is_the_librarys_and_the_tree_leads_to_the_cost(client, given, digits):
    name, network = given
    image = digits.test_images[3]
    inputs, aim, trace = traced(network, image, 6)
    lit = int(image.argmax())
    for place in (Parameter(1, 1, lit), Parameter(len(network.weights), 6, None)):
        body = subject(name, image, 6) | {"parameter": dataclasses.asdict(place), "learning_rate": 0.25}
        told = ask(client, "chain", body)
        found = nudges.chain_rule(network, inputs, aim, place)
        assert told["name"] == place.name
        assert [(f["name"], f["value"]) for f in told["factors"]] == [
            (factor, pytest.approx(value, rel=REL)) for factor, value in found.factors
        ]
        assert told["product"] == pytest.approx(found.product, rel=REL)
        assert told["measured"] == pytest.approx(found.product, rel=1e-5, abs=1e-10)
        stepped = step(network, backprop(network, trace, aim), 0.25)
        assert told["after"] == pytest.approx(place.of(stepped), rel=1e-7)
        node = told["node"]
        assert (node["layer"], node["neuron"]) == (place.layer, place.neuron)
        while node["paths"]:
            total = sum(path["product"] for path in node["paths"]) + node["sum_of_rest"]
            assert node["dC_da"] == pytest.approx(total, rel=1e-6, abs=1e-12)
            path = max(node["paths"], key=lambda path: abs(path["product"]))
            assert path["product"] == pytest.approx(path["dz_da"] * path["dC_dz"], rel=1e-7)
            assert path["dz_da"] == pytest.approx(
                network.weights[node["layer"]][path["through"], node["neuron"]], rel=REL
            )
            body = subject(name, image, 6) | {"layer": node["layer"] + 1, "neuron": path["through"]}
            node = ask(client, "paths", body)
            assert node["dC_dz"] == pytest.approx(path["dC_dz"], rel=REL)
            assert node["z"] == pytest.approx(trace.zs[node["layer"] - 1][0, node["neuron"]], rel=REL)
        assert node["wanted"] == aim[0, node["neuron"]]
        if network.output_activation == "softmax":
            assert node["da_dz"] is None, "each output depends on every z"
        else:
            assert node["da_dz"] * node["dC_da"] == pytest.approx(node["dC_dz"], rel=1e-6)


def test_without_a_choice_the_steepest_weight_is_told(client, given, digits):
    name, network = given
    image = digits.test_images[12]
    _, aim, trace = traced(network, image, 9)
    told = ask(client, "chain", subject(name, image, 9))
    steepest = max(float(np.abs(w).max()) for w in backprop(network, trace, aim).weights)
    assert told["parameter"]["source"] is not None
    assert abs(told["product"]) == pytest.approx(steepest, rel=REL)


def test_within_a_layer_too(client, given, digits):
    name, network = given
    image = digits.test_images[12]
    _, aim, trace = traced(network, image, 9)
    told = ask(client, "chain", subject(name, image, 9) | {"within": 1})
    assert told["parameter"]["layer"] == 1
    assert abs(told["product"]) == pytest.approx(np.abs(backprop(network, trace, aim).weights[0]).max(), rel=REL)


def test_a_misread_digit_is_the_next_one(client, given, digits):
    name, network = given
    inputs = glassnet.as_inputs(digits.test_images, dtype=np.float64)
    answers = glassnet.feedforward(network, inputs).outputs.argmax(axis=1)
    wrong = np.flatnonzero(answers != digits.test_labels)
    for after, expected in ((-1, wrong[0]), (int(wrong[0]), wrong[1]), (int(wrong[-1]), wrong[0])):
        told = ask(client, "misread", {"chosen": {"network": name}, "after": after})
        label, answer = digits.test_labels[expected], answers[expected]
        assert told == {"index": int(expected), "label": int(label), "answer": int(answer)}


@pytest.mark.parametrize("by", ["slope", "dispute"])
def test_what_many_examples_ask_averages_to_minus_the_gradient(client, given, digits, by):
    name, network = given
    first = {"layer": 1, "neuron": 2, "source": 406}
    body = {"chosen": {"network": name}, "sample": {"n": 30, "seed": 4}, "parameters": [first], "by": by, "k": 5}
    told = ask(client, "examples", body)
    rng = np.random.default_rng(4)
    indices = np.sort(rng.choice(60_000, 30, replace=False))
    assert sorted(told["indices"]) == indices.tolist()
    indices = np.array(told["indices"])
    assert told["labels"] == digits.train_labels[indices].tolist()
    most = np.abs(told["table"]).max(axis=1)
    assert (np.diff(most) <= 0).all(), "those that ask for most come first"
    inputs = glassnet.as_inputs(digits.train_images[indices], dtype=np.float64)
    wanted = glassnet.one_hot(digits.train_labels[indices], dtype=np.float64)
    places = tuple(
        Parameter(c["parameter"]["layer"], c["parameter"]["neuron"], c["parameter"]["source"]) for c in told["columns"]
    )
    assert places[0] == Parameter(1, 2, 406)
    assert len(set(places)) == 5
    found = nudges.asks(network, inputs, wanted, places)
    np.testing.assert_allclose(told["table"], found.table, rtol=REL, atol=1e-300)
    gradients = backprop(network, glassnet.feedforward(network, inputs), wanted)
    for i, column in enumerate(told["columns"]):
        assert column["mean"] == pytest.approx(np.mean([row[i] for row in told["table"]]), rel=1e-6, abs=1e-15)
        assert column["mean"] == pytest.approx(-places[i].of(gradients), rel=1e-6, abs=1e-15)
        assert column["gradient"] == pytest.approx(places[i].of(gradients), rel=REL, abs=1e-300)
        opposite = np.mean([np.sign(row[i]) * np.sign(column["mean"]) < 0 for row in told["table"]])
        assert column["disagreeing"] == pytest.approx(opposite)
        assert column["name"] == places[i].name
    for image, index in zip(told["images"], indices[:10], strict=True):
        np.testing.assert_array_equal(shades_in(image), digits.train_images[index])


def test_one_step_alone_is_the_librarys_step(client, given, digits):
    name, network = given
    image = digits.test_images[33]
    inputs, aim, trace = traced(network, image, 4)
    told = ask(client, "lesson", subject(name, image, 4) | {"learning_rate": 0.2})
    test = (
        glassnet.as_inputs(digits.test_images, dtype=np.float64),
        glassnet.one_hot(digits.test_labels, dtype=np.float64),
    )
    found = nudges.step_effect(network, inputs, aim, 0.2, {"cost": (inputs, aim), "test_cost": test})
    for when, costs in (("before", found.costs_before), ("after", found.costs_after)):
        for key, cost in costs.items():
            assert told[when][key] == pytest.approx(cost, rel=1e-7)
    assert told["length"] == pytest.approx(found.length, rel=1e-7)
    after = glassnet.feedforward(found.network, inputs).outputs[0]
    assert told["before"]["outputs"] == pytest.approx(trace.outputs[0], rel=REL)
    assert told["after"]["outputs"] == pytest.approx(after, rel=1e-7)
    answers = [glassnet.feedforward(n, test[0]).outputs.argmax(axis=1) for n in (network, found.network)]
    right = [a == digits.test_labels for a in answers]
    assert told["before"]["test_accuracy"] == pytest.approx(right[0].mean())
    assert told["after"]["test_accuracy"] == pytest.approx(right[1].mean())
    broken = np.flatnonzero(right[0] & ~right[1])
    assert told["n_broken"] == len(broken)
    assert told["n_mended"] == np.count_nonzero(~right[0] & right[1])
    assert [one["index"] for one in told["broken"]] == broken[:12].tolist()
    gradient = np.abs(0.2 * nudges.as_vector(backprop(network, trace, aim)))
    moved = [abs(move["after"] - move["before"]) for move in told["moves"]]
    assert moved == pytest.approx(np.sort(gradient)[::-1][:12], rel=1e-4, abs=1e-8)
    assert sum(length**2 for length in told["layer_lengths"]) == pytest.approx(told["length"] ** 2, rel=1e-6)


def test_what_a_lesson_changes_is_shown_in_shades(client, given, digits):
    """128 is no change, 1 and 255 the largest one of the first layer; a picture for each of its neurons."""
    name, network = given
    image = digits.test_images[33]
    inputs, aim, _ = traced(network, image, 4)
    told = ask(client, "lesson", subject(name, image, 4) | {"learning_rate": 0.2})
    found = nudges.teach(network, inputs, aim, learning_rate=0.2, n_steps=1)
    changes = found.network.weights[0] - network.weights[0]
    largest = np.abs(changes).max()
    assert told["change_scale"] == pytest.approx(largest, rel=1e-4)
    shown = np.stack([shades_in(row).ravel() for row in told["changes"]])
    np.testing.assert_allclose(shown, 128 + 127 * changes[: len(shown)] / largest, atol=0.51)
    assert len(shown) == min(len(changes), 64)


def test_more_digits_than_a_network_can_be_asked_about_are_refused(client, given, monkeypatch):
    name, network = given
    monkeypatch.setattr(many, "MOST_WORK", 5 * network.n_parameters + 1)
    body = {"chosen": {"network": name}, "sample": {"n": 5, "seed": 4}, "k": 2}
    assert client.post("/api/nudge/examples", json=body).status_code == 200
    answer = client.post("/api/nudge/examples", json=body | {"sample": {"n": 6, "seed": 4}})
    assert answer.status_code == 400
    assert answer.json()["detail"] == "a network as wide as this one can be asked about at most 5 digits at a time."


def test_a_lesson_among_others_is_kept_as_a_run(client, given, digits, tmp_path):
    name, network = given
    image = digits.test_images[33]
    inputs, aim, _ = traced(network, image, 4)
    body = subject(name, image, 4) | {"learning_rate": 0.1, "n_steps": 3, "beside": {"n": 20, "seed": 0}}
    told = ask(client, "lesson", body)
    indices = np.sort(np.random.default_rng(0).choice(60_000, 20, replace=False))
    among = np.concatenate([inputs, glassnet.as_inputs(digits.train_images[indices], dtype=np.float64)])
    wanted = np.concatenate([aim, glassnet.one_hot(digits.train_labels[indices], dtype=np.float64)])
    for _ in range(3):
        network = step(network, backprop(network, glassnet.feedforward(network, among), wanted), 0.1)
    assert told["costs"][-1] == pytest.approx(nudges.mean_cost(network, inputs, aim), rel=1e-6)
    assert told["after"]["cost_beside"] == pytest.approx(nudges.mean_cost(network, among[1:], wanted[1:]), rel=1e-6)
    run = ask(client, "keep", body | {"name": "a lesson"}, status=201)
    assert run["name"] == "a lesson"
    assert run["settings"]["origin"].endswith(
        ", then 3 steps of learning rate 0.1 for one example, a 4 among 20 others"
    )
    page = client.get("/api/share/page", params={"network": f"run:{run['id']}"}).text
    assert "then 3 steps of learning rate 0.1 for one example, a 4 among 20 others" in page
    assert "0 epochs" not in page
    path = tmp_path / "kept.safetensors"
    path.write_bytes(client.get(f"/api/runs/{run['id']}/model").content)
    kept = load_model(path).network
    for mine, other in zip((*kept.weights, *kept.biases), (*network.weights, *network.biases), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-6, atol=1e-7)
    client.delete(f"/api/runs/{run['id']}")


@pytest.mark.parametrize(
    ("path", "change", "status"),
    [
        ("wishes", {"wanted": 10}, 422),
        ("wishes", {"chosen": {"network": "run:00000000"}}, 404),
        ("avenues", {"layer": 9, "neuron": 0}, 400),
        ("avenues", {"layer": 1, "neuron": 2000}, 400),
        ("chain", {"parameter": {"layer": 1, "neuron": 3, "source": 900}}, 400),
        ("chain", {"parameter": {"layer": 8, "neuron": 3, "source": 1}}, 400),
        ("paths", {"layer": 0, "neuron": 3}, 422),
        ("lesson", {"learning_rate": 0}, 422),
        ("lesson", {"n_steps": 101}, 422),
        ("lesson", {"beside": {"n": 20_000}}, 422),
    ],
)
def test_bad_questions_get_one_sentence(client, digits, path, change, status):
    answer = client.post(f"/api/nudge/{path}", json=subject("videos", digits.test_images[0], 7) | change)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"].strip().endswith(".")


@pytest.mark.parametrize("path", ["paths", "avenues"])
@pytest.mark.parametrize(("layer", "neuron"), [(1, 16), (2, 4095), (3, 10), (4, 0), (12, 3)])
def test_neurons_that_are_not_there_are_told_of(client, digits, path, layer, neuron):
    body = subject("videos", digits.test_images[8], 5) | {"layer": layer, "neuron": neuron}
    assert re.search("there is no (layer|neuron)|layers? 1 to 3", ask(client, path, body, status=400)["detail"])
