"""``glassnet explain`` says the numbers of the library, in JSON and on the screen."""

import json

import numpy as np
import pytest
from PIL import Image

import glassnet
from glassnet import nudges
from glassnet.cli.pictures import arrow
from glassnet.nudges import Parameter

INDEX = 8


@pytest.fixture
def case(trained, digits):
    network = trained.astype(np.float64)
    inputs = glassnet.as_inputs(digits.test_images[INDEX], dtype=np.float64)
    wanted = glassnet.one_hot(digits.test_labels[INDEX : INDEX + 1], dtype=np.float64)
    return network, inputs, wanted, glassnet.feedforward(network, inputs)


@pytest.fixture
def explain(run_glassnet, trained_file):
    def explained(*arguments, as_json=False):
        options = ["--model", trained_file, *(["--json"] if as_json else [])]
        result = run_glassnet("explain", *arguments, *options)
        assert result.returncode == 0, result.stderr.decode()
        assert not result.stderr
        return json.loads(result.stdout) if as_json else result.stdout.decode()

    return explained


def test_outputs(explain, case, digits):
    network, _, wanted, trace = case
    expected = nudges.output_wishes(network, trace, wanted)
    told = explain("outputs", "--test-index", INDEX, as_json=True)
    assert told["example"] == "test digit 8"
    assert told["label"] == digits.test_labels[INDEX]
    assert told["answer"] == trace.outputs.argmax()
    assert told["cost"] == expected.cost
    for name in ("outputs", "wanted", "costs", "wishes", "z_wishes"):
        assert told[name] == getattr(expected, name).tolist()
    text = explain("outputs", "--test-index", INDEX)
    largest = np.abs(expected.wishes).max()
    for j, wish in enumerate(expected.wishes):
        row = f"{j}  {expected.outputs[j]:.4f}       {wanted[0, j]:.0f}  {expected.costs[j]:.4f}  {wish:+.4f}"
        assert f"{row}  {arrow(wish, largest)}".rstrip() in text
    assert f"The cost of this example is {expected.cost:.4f}" in text


@pytest.mark.parametrize(("layer", "j"), [(1, 3), (2, 5), (3, 7)])
def test_neuron(explain, case, layer, j):
    network, _, wanted, trace = case
    expected = nudges.avenues(network, trace, wanted, layer, j)
    told = explain("neuron", layer, j, "--test-index", INDEX, as_json=True)
    assert told["neuron"]["weights"] == expected.weights.tolist()
    assert told["neuron"]["activations"] == expected.activations.tolist()
    assert told["neuron"]["bias"] == expected.bias
    assert told["neuron"]["fall_per_length"] == expected.fall_per_length
    assert sum(told["terms"]) + told["bias"] == pytest.approx(told["z"], rel=1e-10)
    assert told["z"] == trace.zs[layer - 1][0, j]
    assert told["activation"] == trace.activations[layer][0, j]
    if layer < 3:
        assert sum(told["wishes_of_the_next_layer"]) == pytest.approx(expected.wish, rel=1e-10)
    else:
        assert told["wishes_of_the_next_layer"] is None
    text = explain("neuron", layer, j, "--test-index", INDEX)
    shown = [line.split() for line in text.splitlines()]
    products = [float(row[-1]) for row in shown if len(row) == 4 and row[0].isdigit()]
    rest = [float(row[-1]) for row in shown if row[1:2] == ["more"]]
    assert len(products) == 8
    assert sum(products) + sum(rest) + told["bias"] == pytest.approx(told["z"], abs=1e-3)
    assert f"{told['z']:+.4f}" in text


@pytest.mark.parametrize("place", [(0, 3, 400), (2, 5, 7), (1, 4, None)])
def test_weight(explain, case, place):
    network, inputs, wanted, _ = case
    expected = nudges.chain_rule(network, inputs, wanted, Parameter(*place))
    arguments = [n for n in place if n is not None]
    told = explain("weight", *arguments, "--test-index", INDEX, as_json=True)
    assert told["name"] == expected.name
    assert told["factors"] == [list(factor) for factor in expected.factors]
    assert told["product"] == expected.product
    assert told["measured"] == expected.measured
    assert [path["product"] for path in told["paths"]] == [path.product for path in expected.paths]
    text = explain("weight", *arguments, "--test-index", INDEX)
    for _, factor in expected.factors:
        assert f"{factor:+.6e}" in text
    assert f"{expected.product:+.6e}  the product" in text
    for path in expected.paths:
        assert f"{path.product:+.4e}" in text


def test_gradient(explain, case):
    network, inputs, wanted, trace = case
    gradients = glassnet.backprop(network, trace, wanted)
    ranked = nudges.ranked_gradient(gradients)
    told = explain("gradient", "--test-index", INDEX, "--top", 3, "--amount", 0.001, as_json=True)
    assert told["slopes"] == ranked.slopes.tolist()
    assert len(told["slopes"]) == 13_002
    for entry, (parameter, slope) in zip(told["nudges"], nudges.largest_entries(network, ranked, 3), strict=True):
        effect = nudges.nudge_effect(network, inputs, wanted, parameter, 0.001)
        assert entry["name"] == parameter.name
        assert entry["slope"] == slope
        assert entry["actual"] == effect.actual
    text = explain("gradient", "--test-index", INDEX)
    for parameter, slope in nudges.largest_entries(network, ranked, 10):
        assert f"{parameter.name}  {slope:+.4f}" in text


def test_an_image_of_ones_own(explain, run_glassnet, digits, case):
    picture = Image.fromarray(255 - digits.test_images[INDEX]).resize((112, 112), Image.Resampling.NEAREST)
    picture.save(run_glassnet.folder / "five.png")
    told = explain("outputs", "--image", "five.png", "--label", 5, as_json=True)
    assert told["example"] == "five.png"
    reading = glassnet.read_digit(case[0], run_glassnet.folder / "five.png")
    assert told["outputs"] == reading.outputs.tolist()


def test_arrows_are_as_long_as_their_numbers():
    assert arrow(1.0, 1.0) == "───────────▶"
    assert arrow(-1.0, 1.0) == "◀───────────"
    assert arrow(0.5, 1.0) == "─────▶"
    assert arrow(-0.01, 1.0) == "·"
    assert arrow(0.0, 0.0) == "·"
    assert arrow(float("nan"), 1.0) == "·"


@pytest.mark.parametrize(
    ("arguments", "exit_code", "sentence"),
    [
        (["neuron", "7", "0"], 2, "there is no layer 7"),
        (["neuron", "2", "16"], 2, "there is no neuron 16 in layer 2"),
        (["neuron", "0", "5"], 2, "pixels have no bias"),
        (["weight", "0", "0", "784"], 2, "there is no neuron 784 in layer 0"),
        (["weight", "9", "0"], 2, "there are no weights[9]"),
        (["outputs", "--label", "12"], 2, "the right answer must be from 0 to 9, not 12"),
        (["outputs", "--test-index", "10000"], 2, "there is no test digit 10000"),
        (["outputs", "--test-index", "-1"], 2, "there is no test digit -1"),
        (["outputs", "--image", "blank.png", "--label", "3"], 1, "there is no digit in the picture"),
        (["outputs", "--image", "blank.png"], 2, "give it with --label"),
        (["outputs", "--image", "blank.png", "--test-index", "3"], 2, "choose one"),
        (["gradient", "--top", "0"], 2, "--top must be at least 1"),
        (["gradient", "--amount", "nan"], 2, "--amount a finite number"),
    ],
)
def test_what_cannot_be_explained_is_told_in_one_sentence(run_glassnet, trained_file, arguments, exit_code, sentence):
    Image.new("L", (50, 50), 255).save(run_glassnet.folder / "blank.png")
    result = run_glassnet("explain", *arguments, "--model", trained_file)
    message = result.stderr.decode()
    assert result.returncode == exit_code, message
    assert sentence in message
    assert message.count("\n") == 1
    assert not result.stdout
