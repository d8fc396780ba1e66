"""``glassnet explain`` says the numbers of the library, in JSON and on the screen."""

import csv
import itertools
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import glassnet
from crafted import crafted
from glassnet import features, landscape, nudges, tensor_file
from glassnet.backpropagation import cost_of_examples
from glassnet.cli.explain import explanation
from glassnet.cli.explain.example import Example
from glassnet.cli.explain.one_digit import Weight
from glassnet.cli.pictures import arrow
from glassnet.descent import step
from glassnet.digits.image_file import read_grey
from glassnet.digits.normalise import normalise
from glassnet.errors import SettingError
from glassnet.nudges import Parameter
from systems import INTERRUPTIBLE, interrupt

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


def test_an_explanation_is_shown_without_a_process(capsys):
    """Results that nobody computed, so that each number can be told apart from all others."""
    network = glassnet.Network((np.ones((2, 3)), np.ones((2, 2))), (np.zeros(2), np.zeros(2)))
    trace = glassnet.feedforward(network, np.zeros((1, 3)))
    image, wanted = np.zeros((1, 3), np.uint8), np.array([[0.0, 1.0]])
    example = Example("a drawing", network, image, np.zeros((1, 3)), trace, 1, True, None, wanted)
    factors = (("dz/dw", 0.5), ("da/dz", 0.25), ("dC/da", -3.0))
    rule = nudges.ChainRule("weights[0][1, 2]", 1.5, factors, -0.375, (nudges.Path(1, 2.5, -4.0, -10.0),), -0.3749)
    explained = Weight(example, Parameter(1, 1, 2), rule)
    explained.show()
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "a drawing is read as 0, and should be 1."
    assert shown[2] == "weights[0][1, 2] is +1.500000. How the cost of this example changes with it:"
    assert [line.split()[:4] for line in shown[3:8]] == [
        ["dz/dw", "+5.000000e-01"],
        ["da/dz", "+2.500000e-01"],
        ["dC/da", "-3.000000e+00"],
        ["dC/dw", "-3.750000e-01", "the", "product"],
        ["measured", "-3.749000e-01", "from", "the"],
    ]
    assert ["1", "+2.5000", "-4.0000e+00", "-1.0000e+01"] in [line.split() for line in shown]
    assert list(explained.rows()) == [
        ("quantity", "number"),
        *factors,
        ("product", -0.375),
        ("measured", -0.3749),
        ("path through 1", -10.0),
    ]
    assert explained.numbers()["paths"] == [{"through": 1, "dz_da": 2.5, "dC_dz": -4.0, "product": -10.0}]
    Weight(example, Parameter(1, 1), rule).show()
    assert "dC/db" in capsys.readouterr().out


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
        row += f"    {expected.z_wishes[j]:+.4f}"
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


@pytest.mark.parametrize("place", [(1, 3, 400), (3, 5, 7), (2, 4, None)])
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


def test_what_a_neuron_looks_for(explain, case, digits):
    network = case[0]
    told = explain("neuron", 1, 3, "--test-index", INDEX, as_json=True)["looks_for"]
    exciting = features.most_exciting_digits(network, digits.test_images, 1, 3, 4)
    assert told["test_indices"] == exciting.indices.tolist()
    assert told["activations"] == exciting.activations.tolist()
    assert told["labels"] == digits.test_labels[exciting.indices].tolist()
    assert told["input"] == features.exciting_input(network, 1, 3).inputs.tolist()
    text = explain("neuron", 1, 3, "--test-index", INDEX)
    picture = text.split("░▒▓█ are above 0")[1].splitlines()[1:15]
    weights = network.weights[0][3].reshape(28, 28)
    mean = (weights[0::2] + weights[1::2]) / 2 / np.abs(weights).max()
    for line, row in zip(picture, mean, strict=True):
        for character, share in zip(line[:28].ljust(28), row, strict=True):
            assert character in (" ░▒▓█" if share > 0 else " ·-=#")
            assert (character != " ") == (abs(share) >= 0.1)
    assert f"its weights, up to {np.abs(weights).max():.2f}" in text


def test_a_step(explain, case, digits):
    network, inputs, wanted, _ = case
    options = ("step", "--test-index", INDEX, "--learning-rate", 0.5, "--mini-batch-size", 4, "--seed", 3)
    told = explain(*options, as_json=True)
    others = told["others_of_the_mini_batch"]
    assert len(set(others)) == 3
    batch = (
        np.concatenate([inputs, glassnet.as_inputs(digits.train_images[others], dtype=np.float64)]),
        np.concatenate([wanted, glassnet.one_hot(digits.train_labels[others], dtype=np.float64)]),
    )
    tests = (
        glassnet.as_inputs(digits.test_images, dtype=np.float64),
        glassnet.one_hot(digits.test_labels, dtype=np.float64),
    )
    sets = {"the digit": (inputs, wanted), "its mini-batch": batch, "the test digits": tests}
    for name, examples in {"the digit alone": (inputs, wanted), "its mini-batch": batch}.items():
        effect = nudges.step_effect(network, *examples, 0.5, sets)
        assert told["costs_before"] == pytest.approx(effect.costs_before, rel=1e-12)
        assert told["steps"][name]["costs_after"] == pytest.approx(effect.costs_after, rel=1e-12)
        answer = glassnet.feedforward(effect.network, inputs).outputs.argmax()
        assert told["steps"][name]["answer_after"] == answer
    text = explain(*options)
    for cost in (*effect.costs_before.values(), *effect.costs_after.values()):
        assert f"{cost:.6f}" in text


def test_examples(explain, case, digits):
    network = case[0]
    options = (
        "examples",
        "--digits",
        30,
        "--seed",
        5,
        "--parameter",
        "weights[2][5, 7]",
        "--parameter",
        "biases[0][3]",
    )
    told = explain(*options, "--random", 2, "--disputed", 1, as_json=True)
    assert told["parameters"][:2] == ["weights[2][5, 7]", "biases[0][3]"]
    assert len(told["parameters"]) == 5
    inputs = glassnet.as_inputs(digits.train_images[told["indices"]], dtype=np.float64)
    wanted = glassnet.one_hot(digits.train_labels[told["indices"]], dtype=np.float64)
    assert told["labels"] == digits.train_labels[told["indices"]].tolist()
    chosen = (Parameter(3, 5, 7), Parameter(1, 3))
    found = nudges.asks(network, inputs, wanted, chosen)
    np.testing.assert_allclose(np.array(told["table"])[:, :2], found.table, rtol=1e-12)
    np.testing.assert_allclose(told["means"], -np.array(told["gradient"]), rtol=1e-9, atol=1e-18)
    assert told["parameters"][4] == nudges.most_disputed(network, inputs, wanted, 1)[0].name
    text = explain(*options)
    assert "20 more" in text
    for mean, share in zip(found.means, found.disagreeing, strict=True):
        assert f"{mean:+.2e}" in text
        assert f"{100 * share:.2f} %" in text


def sample_of(digits, told, n):
    indices = np.sort(np.random.default_rng(0).choice(60_000, n, replace=False))
    assert told["n_digits"] == n
    inputs = glassnet.as_inputs(digits.train_images[indices], dtype=np.float64)
    return inputs, glassnet.one_hot(digits.train_labels[indices], dtype=np.float64)


@pytest.mark.parametrize("line", [["--parameter", "weights[2][5, 7]"], [], ["--random"]])
def test_a_slice(explain, case, digits, line):
    network = case[0]
    told = explain("slice", *line, "--digits", 500, "--points", 7, "--steps", 3, "--start", -2, as_json=True)
    inputs, wanted = sample_of(digits, told, 500)
    trace = glassnet.feedforward(network, inputs)
    here = cost_of_examples(network, trace, wanted).mean()
    assert told["cost_here"] == pytest.approx(here, rel=1e-12)
    assert told["costs"][3] == pytest.approx(here, rel=1e-12)
    if line[:1] == ["--parameter"]:
        parameter = Parameter(3, 5, 7)
        there = nudges.nudged(network, parameter, told["distances"][5])
        assert told["slope_here"] == pytest.approx(parameter.of(glassnet.backprop(network, trace, wanted)), rel=1e-9)
        assert told["costs"][5] == pytest.approx(nudges.mean_cost(there, inputs, wanted), rel=1e-12)
    if not line:  # down the gradient, a distance is a learning rate
        gradients = glassnet.backprop(network, trace, wanted)
        there = step(network, gradients, told["distances"][5])
        assert told["costs"][5] == pytest.approx(nudges.mean_cost(there, inputs, wanted), rel=1e-12)
        assert told["slope_here"] == pytest.approx(-np.sum(nudges.as_vector(gradients) ** 2), rel=1e-9)
    if line == ["--random"]:
        rng = np.random.default_rng(0)
        rng.choice(60_000, 500, replace=False)
        direction = landscape.scaled_random_direction(network, rng)
        expected = landscape.cost_slice(network, inputs, wanted, direction, np.array(told["distances"]))
        np.testing.assert_allclose(told["costs"], expected.costs, rtol=1e-9)
        np.testing.assert_allclose(told["slopes"], expected.slopes, rtol=1e-9)
    (way,) = told["descents"]
    assert [point["n_steps"] for point in way] == [0, 1, 2, 3]
    assert way[0]["distance"] == -2
    for before, after in itertools.pairwise(way):
        assert after["distance"] == pytest.approx(before["distance"] - told["learning_rate"] * before["slope"])
    text = explain("slice", *line, "--digits", 500, "--points", 7, "--steps", 3, "--start", -2)
    for point in way:
        assert f"{point['distance']:+.4f}  {point['cost']:.6f}  {point['slope']:+.6f}" in text


def test_how_far_and_how_fast(explain):
    """Reach, learning rate and number of digits are what they were chosen to be."""
    few = ("--digits", 50, "--points", 3, "--steps", 2)
    told = explain("slice", *few, "--reach", 2.5, "--learning-rate", 0.75, as_json=True)
    assert told["distances"] == [-2.5, 0.0, 2.5]
    assert told["learning_rate"] == 0.75
    first, second, _ = told["descents"][0]
    assert second["distance"] == pytest.approx(first["distance"] - 0.75 * first["slope"])
    assert [way[0]["distance"] for way in told["descents"]] == [-2.5, 2.5]
    assert explain("surface", "--digits", 50, "--points", 3, "--reach", 0.25, as_json=True)["xs"] == [-0.25, 0.0, 0.25]
    lengths = {}
    for rate in (0.1, 0.2):
        for command in (["paths"], ["surface", "--along", "descent", "--points", 3]):
            told = explain(*command, "--digits", 150, "--steps", 2, "--learning-rate", rate, as_json=True)
            lengths[command[0], rate] = told["descents"]["full gradient"]["length"][1]
    assert lengths["paths", 0.2] == pytest.approx(2 * lengths["paths", 0.1])
    assert lengths["surface", 0.2] == pytest.approx(2 * lengths["surface", 0.1])
    assert lengths["surface", 0.1] == pytest.approx(lengths["paths", 0.1])


def test_all_digits(explain, few_digits_folder):
    told = explain("examples", "--digits", 0, "--data", few_digits_folder, as_json=True)
    assert told["indices"] == list(range(1000))
    assert told["digits"] == "all 1,000 training digits"
    assert explain("slice", "--points", 2, "--data", few_digits_folder, as_json=True)["n_digits"] == 1000


def test_a_surface_at_random(explain, case, digits):
    network = case[0]
    told = explain("surface", "--digits", 300, "--points", 5, as_json=True)
    inputs, wanted = sample_of(digits, told, 300)
    rng = np.random.default_rng(0)
    rng.choice(60_000, 300, replace=False)
    first, second = (landscape.scaled_random_direction(network, rng) for _ in "xy")
    assert told["xs"] == told["ys"] == [-1, -0.5, 0, 0.5, 1]
    for j, i in itertools.product((0, 2, 4), (1, 2)):
        there = landscape.moved(network, (told["xs"][i], first), (told["ys"][j], second))
        assert told["costs"][j][i] == pytest.approx(nudges.mean_cost(there, inputs, wanted), rel=1e-9)
    text = explain("surface", "--digits", 300, "--points", 5)
    picture = text.split("\n\n")[1].splitlines()
    assert [len(line) for line in picture] == [5, 5, 5]
    assert picture[1][2] == "+", "the network is not in the middle"
    assert "+ is the network." in text


def test_a_surface_with_descents_on_it(explain, case, digits):
    network = case[0]
    options = ("surface", "--along", "descent", "--digits", 300, "--points", 9, "--steps", 6)
    told = explain(*options, as_json=True)
    inputs, wanted = sample_of(digits, told, 300)
    assert set(told["descents"]) == {"full gradient", "mini-batches of 100"}
    for way in told["descents"].values():
        assert way["n_steps"] == list(range(7))
        assert way["cost"][0] == pytest.approx(nudges.mean_cost(network, inputs, wanted), rel=1e-12)
        for x, y in way["places"]:
            assert told["xs"][0] < x < told["xs"][-1]
            assert told["ys"][0] < y < told["ys"][-1]
    full, stochastic = told["descents"].values()
    assert full["places"][0] == pytest.approx(stochastic["places"][0]), "they do not start together"
    assert stochastic["places"][-1] == pytest.approx([0, 0], abs=1e-9), "the plane goes through the last network"
    assert full["cosine"] == pytest.approx([1] * 7)
    text = explain(*options)
    assert {"o", "x"} <= set(text.split("\n\n")[1])
    assert "is the network" not in text, "it is where a way ends"


def test_paths(explain, case, digits):
    options = ("paths", "--digits", 400, "--steps", 5, "--mini-batch-size", 50, "--mini-batch-size", 1)
    told = explain(*options, as_json=True)
    inputs, wanted = sample_of(digits, told, 400)
    rng = np.random.default_rng(0)
    rng.choice(60_000, 400, replace=False)
    for way, size in zip(told["descents"].values(), (None, 50, 1), strict=True):
        path = landscape.descent_path(
            case[0], inputs, wanted, learning_rate=1.0, mini_batch_size=size, n_steps=5, rng=rng
        )
        for i, step_ in enumerate(path):
            found = [way["cost"][i], way["length"][i], way["cosine"][i], way["n_examples"][i]]
            assert found == pytest.approx([step_.cost, step_.length, step_.cosine, step_.n_examples], rel=1e-9)
    assert list(told["descents"]) == ["full gradient", "mini-batches of 50", "mini-batches of 1"]
    used = {name: way["n_examples"][-1] for name, way in told["descents"].items()}
    assert used == {"full gradient": 2000, "mini-batches of 50": 250, "mini-batches of 1": 5}
    text = explain(*options)
    for name, way in told["descents"].items():
        row = next(line for line in text.splitlines() if line.strip().startswith(name))
        assert f"{way['cost'][0]:.4f} → {way['cost'][-1]:.4f}" in row
        assert f"{np.mean(way['length'][1:]):.4f}  {np.mean(way['cosine'][1:]):+.3f}" in row
    untrained = explain(*options, "--untrained", as_json=True)
    assert np.mean(untrained["descents"]["mini-batches of 50"]["cosine"][1:]) > 0.95, "at a random start they agree"


@pytest.mark.parametrize(("n", "sizes"), [(9, [1]), (10, [10, 1]), (99, [10, 1]), (100, [100, 10, 1])])
def test_customary_descents_take_mini_batches_that_there_are_digits_for(explain, n, sizes):
    told = explain("paths", "--digits", n, "--steps", 1, as_json=True)
    assert list(told["descents"]) == ["full gradient", *(f"mini-batches of {size}" for size in sizes)]


COMMANDS = {
    "outputs": (["outputs"], 10),
    "neuron": (["neuron", "2", "5"], 16),
    "gradient": (["gradient"], 13_002),
    "step": (["step"], 3),
    "examples": (["examples", "--digits", "20"], 20),
    "slice": (["slice", "--digits", "20", "--points", "6"], 6),
    "surface": (["surface", "--digits", "20", "--points", "3"], 9),
    "descent": (["surface", "--along", "descent", "--digits", "200", "--points", "3", "--steps", "3"], 9),
    "paths": (["paths", "--digits", "20", "--steps", "2", "--mini-batch-size", "5"], 6),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_tables_and_pictures_as_files(explain, run_glassnet, name):
    arguments, n_rows = COMMANDS[name]
    told = explain(*arguments, "--csv", "table.csv", "--png", "picture.png", as_json=True)
    header, *rows = csv.reader((run_glassnet.folder / "table.csv").read_text(encoding="utf-8").splitlines())
    assert len(rows) == n_rows
    assert all(len(row) == len(header) for row in rows)
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    expected = {
        "outputs": lambda: (columns["wish"], told["wishes"]),
        "neuron": lambda: (columns["wish_of_weight"], told["neuron"]["weights"]),
        "gradient": lambda: (columns["slope"], told["slopes"]),
        "step": lambda: (columns["before"], list(told["costs_before"].values())),
        "examples": lambda: (columns[told["parameters"][2]], [row[2] for row in told["table"]]),
        "slice": lambda: (columns["slope"], told["slopes"]),
        "surface": lambda: (columns["cost"], np.ravel(told["costs"])),
        "descent": lambda: (columns["cost"], np.ravel(told["costs"])),
        "paths": lambda: (columns["length"], [n for way in told["descents"].values() for n in way["length"]]),
    }[name]()
    np.testing.assert_allclose(np.array(expected[0], dtype=float), expected[1], rtol=1e-15)
    with Image.open(run_glassnet.folder / "picture.png") as picture:
        pixels = np.asarray(picture.convert("L"))
    assert pixels.shape == (900, 1200)
    assert np.mean(pixels < 200) > 0.005, "the picture is empty"


def test_a_picture_of_lines(explain, run_glassnet):
    explain("outputs", "--png", "picture.svg")
    assert b"<svg" in (run_glassnet.folder / "picture.svg").read_bytes()


def test_matplotlib_is_asked_for_by_name(monkeypatch):
    monkeypatch.setattr(explanation, "find_spec", lambda name: None)
    with pytest.raises(SettingError, match=r"not installed: pip install 'glassnet\[plot\]'"):
        explanation.check_outlets("outputs", as_json=False, csv=None, png=Path("a.png"))


def test_progress_is_shown_on_a_terminal_alone(explain):
    """The results' fixture refuses anything on standard error."""
    assert "Looking" not in explain("surface", "--digits", 20, "--points", 3)


def test_softmax_is_told_by_its_weighted_inputs(run_glassnet):
    network = glassnet.Network.random(
        (784, 6, 10), rng=np.random.default_rng(3), output_activation="softmax", cost="cross-entropy"
    )
    glassnet.save_model(glassnet.Model(network), run_glassnet.folder / "softmax.safetensors")
    options = ("--model", "softmax.safetensors", "--test-index", INDEX)
    told = json.loads(run_glassnet("explain", "outputs", *options, "--json").stdout)
    wrong = next(j for j in range(10) if j != told["label"])
    text = run_glassnet("explain", "outputs", *options).stdout.decode()
    largest = np.abs(told["z_wishes"]).max()
    assert f"{told['z_wishes'][wrong]:+.4f}  {arrow(told['z_wishes'][wrong], largest)}" in text
    text = run_glassnet("explain", "neuron", 2, wrong, *options).stdout.decode()
    assert f"wishes its weighted input down ({told['z_wishes'][wrong]:+.4f})" in text


def test_a_dead_neuron_is_said_to_be_one(run_glassnet):
    network = glassnet.Network.random((784, 3, 10), rng=np.random.default_rng(3), activation="relu")
    dead = network.with_parameters(network.weights, (network.biases[0] - 1e3, network.biases[1]))
    glassnet.save_model(glassnet.Model(dead), run_glassnet.folder / "dead.safetensors")
    text = run_glassnet("explain", "neuron", 1, 0, "--model", "dead.safetensors").stdout.decode()
    assert "No small nudge does that: the neuron is flat here" in text
    assert "No test digit excites it" in text


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["paths", "--learning-rate", "1e300"], "try a smaller --learning-rate"),
        (["paths", "--learning-rate", "1e300", "--json"], "try a smaller --learning-rate"),
        (["step", "--learning-rate", "1e308", "--json"], "try a smaller --learning-rate"),
        (["surface", "--along", "descent", "--learning-rate", "1e200"], "try a smaller --learning-rate"),
        (["surface", "--reach", "1e300"], "try a smaller --reach"),
        (["slice", "--reach", "1e300"], "try a smaller --reach"),
        (["slice", "--reach", "1e308", "--png", "picture.png"], "try a smaller --reach"),
        (["slice", "--start", "1e308"], "try a smaller --start"),
        (["gradient", "--amount", "1e308"], "try a smaller --amount"),
    ],
)
def test_what_overflows_is_refused_by_name(run_glassnet, arguments, remedy):
    network = glassnet.Network.random((784, 5, 10), rng=np.random.default_rng(3), activation="relu")
    relu = glassnet.Network(network.weights, network.biases, "relu", "relu")
    glassnet.save_model(glassnet.Model(relu), run_glassnet.folder / "relu.safetensors")
    few = [] if arguments[0] in ("step", "gradient") else ["--digits", "150"]
    few += ["--points", "4"] if arguments[0] in ("slice", "surface") else []
    result = run_glassnet("explain", *arguments, *few, "--model", "relu.safetensors")
    message = result.stderr.decode()
    assert result.returncode == 1, message
    assert remedy in message
    assert message.count("\n") == 1
    assert not result.stdout
    assert [path.name for path in run_glassnet.folder.iterdir()] == ["relu.safetensors"]


def test_no_digit_is_lost_in_a_narrow_terminal(explain):
    options = [part for start in range(6) for part in ("--start", start)]
    text = explain("slice", "--digits", 20, "--points", 3, "--steps", 2, *options)
    assert "…" not in text
    assert "+5.0000" in text


def test_networks_are_not_written_over(run_glassnet, trained_file):
    before = trained_file.read_bytes()
    result = run_glassnet("explain", "outputs", "--model", trained_file, "--csv", trained_file)
    assert result.returncode == 2
    assert "is a network or a checkpoint, which would be lost" in result.stderr.decode()
    assert trained_file.read_bytes() == before


@pytest.mark.slow
def test_ctrl_c_stops_a_surface(run_glassnet, trained_file):
    options = ("--digits", 0, "--points", 500, "--csv", "surface.csv", "--model", trained_file)
    with run_glassnet.start("explain", "surface", *options, **INTERRUPTIBLE) as process:
        try:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(5)
            interrupt(process)
            assert process.wait(600) == 130
            assert not process.stderr.read()
        finally:
            process.kill()
    assert not list(run_glassnet.folder.iterdir())


def test_an_image_without_its_right_answer(explain, run_glassnet, digits):
    Image.fromarray(255 - digits.test_images[0]).save(run_glassnet.folder / "seven.png")
    told = explain("outputs", "--image", "seven.png", as_json=True)
    assert told["label"] == told["answer"] == 7
    assert told["label_is_known"] is False
    assert "taken to be right, as no --label says otherwise" in explain("outputs", "--image", "seven.png")


def test_an_image_of_ones_own(explain, run_glassnet, digits, case):
    picture = Image.fromarray(255 - digits.test_images[INDEX]).resize((112, 112), Image.Resampling.NEAREST)
    picture.save(run_glassnet.folder / "five.png")
    told = explain("outputs", "--image", "five.png", "--label", 5, as_json=True)
    assert told["example"] == "five.png"
    image = normalise(read_grey(run_glassnet.folder / "five.png")).image
    trace = glassnet.feedforward(case[0].astype(np.float64), glassnet.as_inputs(image, dtype=np.float64))
    assert told["outputs"] == trace.outputs[0].tolist()


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
        (["weight", "1", "0", "784"], 2, "there is no neuron 784 in layer 0"),
        (["weight", "0", "0", "784"], 2, "layer 0 is the inputs: no weights lead into them"),
        (["weight", "9", "0"], 2, "there is no layer 9"),
        (["outputs", "--label", "12"], 2, "the right answer must be from 0 to 9, not 12"),
        (["outputs", "--test-index", "10000"], 2, "there is no test digit 10000"),
        (["outputs", "--test-index", "-1"], 2, "there is no test digit -1"),
        (["outputs", "--image", "blank.png", "--label", "3"], 1, "there is no digit in the picture"),
        (["outputs", "--image", "blank.png"], 1, "there is no digit in the picture"),
        (["outputs", "--image", "blank.png", "--label", "12"], 1, "there is no digit in the picture"),
        (["outputs", "--image", "blank.png", "--test-index", "3"], 2, "choose one"),
        (["gradient", "--top", "0"], 2, "--top must be at least 1"),
        (["gradient", "--amount", "nan"], 2, "--amount a finite number"),
        (["step", "--learning-rate", "nan"], 2, "a step needs a --learning-rate"),
        (["step", "--mini-batch-size", "1"], 2, "from 2 to 60000 (1)"),
        (["examples", "--digits", "60001"], 2, "--digits must be from 1 to 60000, or 0 for all"),
        (["examples", "--digits", "-1"], 2, "--digits must be"),
        (["examples", "--seed", "-1"], 2, "--seed must be 0 or more"),
        (["examples", "--parameter", "weights[2]"], 2, '"weights[2]" is no weight or bias'),
        (["examples", "--parameter", "weights[2][10, 3]"], 2, "there is no neuron 10 in layer 3"),
        (["examples", "--random", "13003"], 2, "from 0 to 13002"),
        (["slice", "--parameter", "biases[3][0]"], 2, "there is no layer 4"),
        (["slice", "--random", "--parameter", "biases[0][0]"], 2, "two directions; choose one"),
        (["slice", "--reach", "0"], 2, "--reach must be"),
        (["slice", "--start", "inf"], 2, "--start must be a finite number"),
        (["slice", "--learning-rate", "-1"], 2, "--learning-rate must be"),
        (["surface", "--points", "1"], 2, "--points must be from 2"),
        (["surface", "--along", "nowhere"], 2, "--along is random or descent, not nowhere"),
        (["surface", "--along", "descent", "--reach", "2"], 2, "--reach is for random directions"),
        (["surface", "--along", "descent", "--steps", "1"], 2, "at least three networks"),
        (["paths", "--steps", "0"], 2, "--steps must be at least 1"),
        (["paths", "--digits", "50", "--mini-batch-size", "51"], 2, "--mini-batch-size must be from 1 to 50"),
        (["outputs", "--png", "picture.gif"], 2, "draws .png, .svg, .pdf files"),
        (["surface", "--csv", "."], 2, ". is a folder; name a file"),
        (["outputs", "--csv", "same.png", "--png", "same.png"], 2, "two files; give them two names"),
        (["surface", "--along", "descent", "--digits", "100"], 2, "take more --digits"),
        (["examples", "--parameter", "weights[\u0662][3, 7]"], 2, "is no weight or bias"),
        (["outputs", "--csv", "nowhere/table.csv"], 2, "there is no folder nowhere"),
        (["weight", "1", "1", "--png", "picture.png"], 2, "there is no picture of a weight"),
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
    assert [path.name for path in run_glassnet.folder.iterdir()] == ["blank.png"]


@pytest.mark.parametrize("amount", [np.nan, np.inf])
@pytest.mark.parametrize("arguments", [["outputs"], ["neuron", "1", "3"], ["examples"], ["slice"], ["paths"]])
def test_a_network_whose_numbers_are_not_finite(run_glassnet, trained, arguments, amount):
    arrays = {f"weights.{i}": w.copy() for i, w in enumerate(trained.weights)}
    arrays |= {f"biases.{i}": b for i, b in enumerate(trained.biases)}
    whole = run_glassnet.folder / "whole.safetensors"
    glassnet.save_model(glassnet.Model(trained), whole)
    stored, header = tensor_file.unpack(whole, "model")
    assert set(stored) == set(arrays)
    arrays["weights.1"][2, 3] = amount
    (run_glassnet.folder / "spoilt.safetensors").write_bytes(crafted(arrays, header))
    result = run_glassnet("explain", *arguments, "--model", "spoilt.safetensors")
    assert result.returncode == 1
    assert "numbers that are not finite" in result.stderr.decode()
    assert result.stderr.count(b"\n") == 1
