"""Nudge in a real Chromium: every number on it is the library's, every arrow as long as its number."""

import numpy as np
import pytest
from playwright.sync_api import expect

import glassnet
from glassnet import nudges
from glassnet.backpropagation import backprop
from glassnet.nudges import Parameter
from studio_page import (
    SEVEN,
    arrows_on,
    assert_in_proportion,
    assert_nothing_hinders,
    assert_numbers,
    in_address,
    load_network,
    numbers_on,
    paper,
    settled,
    stroke_with_mouse,
)
from studio_server import shades_in

KINDS = {
    "videos' kind": {"layer_sizes": (784, 16, 16, 10)},
    "one layer of tanh": {"layer_sizes": (784, 9, 10), "activation": "tanh", "cost": "cross-entropy"},
    "wide relu": {"layer_sizes": (784, 30, 10), "activation": "relu"},
}


def at_rest(one):
    """Wait until all panels have their answers."""
    one.page.get_by_role("heading", name="Take the step, or teach it").wait_for()
    one.rest(300)


class Expected:
    """All numbers of the view, by their names, from the library alone."""

    def __init__(self, network, image, digit, digits, *, neuron, parameter, rate=1.0, n_many=100):
        self.network, self.neuron, self.parameter = network, neuron, parameter
        self.inputs = glassnet.as_inputs(image[None], dtype=np.float64)
        self.aim = np.zeros((1, 10))
        if digit is not None:
            self.aim[0, digit] = 1
        self.trace = glassnet.feedforward(network, self.inputs)
        self.numbers = {}
        self.of_outputs()
        self.of_avenues()
        self.of_tables()
        self.of_chain()
        self.of_many(digits, n_many)
        self.of_lesson(digits, rate)

    def put(self, name, values):
        for i, value in enumerate(np.atleast_1d(values)):
            self.numbers[f"{name}.{i}"] = float(value)

    def of_outputs(self):
        found = nudges.output_wishes(self.network, self.trace, self.aim)
        self.numbers["cost"] = found.cost
        for name in ("outputs", "costs", "wishes", "z_wishes"):
            self.put(name, getattr(found, name))

    def of_avenues(self):
        layer, neuron = self.neuron
        found = nudges.avenues(self.network, self.trace, self.aim, layer, neuron)
        for name in ("weights", "activations", "activations_before", "weights_now"):
            self.put(f"avenues.{name}", getattr(found, name))
        fall = {f"avenues.fall_per_length.{way}": size for way, size in found.fall_per_length.items()}
        self.numbers |= fall | {
            "avenues.wish": found.wish,
            "avenues.bias": found.bias,
            "avenues.bias_now": float(self.network.biases[layer - 1][neuron]),
            "avenues.activation": float(self.trace.activations[layer][0, neuron]),
        }

    def of_tables(self):
        for layer in range(1, len(self.network.weights)):
            found = nudges.layer_wishes(self.network, self.trace, self.aim, layer)
            self.put(f"layer_wishes.{layer}", found.wishes)
            for j, row in enumerate(found.table):
                self.put(f"table.{layer}.{j}", row)
            sizes = np.abs(found.table).sum(axis=1)
            if len(sizes) > 20:
                rest = np.argsort(-sizes, kind="stable")[16:]
                self.put(f"rest.{layer}", found.table[rest].sum(axis=0))

    def of_chain(self):
        found = nudges.chain_rule(self.network, self.inputs, self.aim, self.parameter)
        self.numbers |= {f"chain.{name}": value for name, value in found.factors}
        self.numbers |= {
            "chain.value": found.value,
            "chain.product": found.product,
            "chain.measured": found.product,  # the page has to show the two alike
            "chain.after": found.value - found.product,
        }
        self.of_node("node", self.parameter.layer, self.parameter.neuron)

    def of_node(self, name, layer, neuron):
        """The neuron and all that can be opened below it."""
        z, a = self.trace.zs[layer - 1], self.trace.activations[layer]
        errors = [d[0] for d in deltas_of(self.network, self.trace, self.aim)]
        kind = self.network.output_activation if layer == len(self.network.weights) else self.network.activation
        slope = {"sigmoid": lambda v: v * (1 - v), "tanh": lambda v: 1 - v * v, "relu": lambda v: float(v > 0)}[kind]
        self.numbers |= {
            f"{name}.z": float(z[0, neuron]),
            f"{name}.activation": float(a[0, neuron]),
            f"{name}.da_dz": float(slope(a[0, neuron])),
            f"{name}.dC_dz": float(errors[layer - 1][neuron]),
        }
        if layer == len(self.network.weights):
            self.numbers[f"{name}.dC_da"] = -float(
                nudges.output_wishes(self.network, self.trace, self.aim).wishes[neuron]
            )
            return
        weights = self.network.weights[layer][:, neuron]
        products = weights * errors[layer]
        self.numbers[f"{name}.dC_da"] = float(products.sum())
        order = np.argsort(-np.abs(products), kind="stable")
        self.numbers[f"{name}.sum_of_rest"] = float(products[order[16:]].sum())
        for i, (weight, error) in enumerate(zip(weights, errors[layer], strict=True)):
            self.numbers |= {
                f"{name}.path.{i}.dz_da": float(weight),
                f"{name}.path.{i}.dC_dz": float(error),
                f"{name}.path.{i}.product": float(weight * error),
            }
            self.of_node(f"{name}>{i}", layer + 1, i)

    def of_many(self, digits, n):
        indices = np.sort(np.random.default_rng(0).choice(60_000, n, replace=False))
        inputs = glassnet.as_inputs(digits.train_images[indices], dtype=np.float64)
        wanted = glassnet.one_hot(digits.train_labels[indices], dtype=np.float64)
        gradients = backprop(self.network, glassnet.feedforward(self.network, inputs), wanted)
        ranked = nudges.largest_entries(self.network, nudges.ranked_gradient(gradients), 9)
        places = tuple(dict.fromkeys([self.parameter, *(place for place, _ in ranked)]))[:8]
        found = nudges.asks(self.network, inputs, wanted, places)
        self.put("means", found.means)
        self.put("gradient", found.gradient)
        self.put("disagreeing", 100 * found.disagreeing)
        order = np.argsort(-np.abs(found.table).max(axis=1), kind="stable")
        for r in range(min(n, 10)):
            self.put(f"asks.{r}", found.table[order[r]])

    def of_lesson(self, digits, rate):
        lesson = nudges.teach(self.network, self.inputs, self.aim, learning_rate=rate, n_steps=1)
        for when, network in (("before", self.network), ("after", lesson.network)):
            tested = glassnet.evaluate(network, digits.test_images, digits.test_labels)
            self.put(f"{when}.outputs", glassnet.feedforward(network, self.inputs).outputs[0])
            self.put(f"{when}.digit_accuracies", 100 * tested.digit_accuracies)
            self.numbers |= {
                f"{when}.cost": nudges.mean_cost(network, self.inputs, self.aim),
                f"{when}.test_cost": tested.cost,
                f"{when}.test_accuracy": 100 * tested.accuracy,
            }
        move = nudges.as_vector(lesson.network) - nudges.as_vector(self.network)
        self.numbers["length"] = float(np.linalg.norm(move))
        self.numbers["change_scale"] = float(np.abs(lesson.network.weights[0] - self.network.weights[0]).max())
        pairs = zip(
            zip(self.network.weights, self.network.biases, strict=True),
            zip(lesson.network.weights, lesson.network.biases, strict=True),
            strict=True,
        )
        for i, ((w, b), (v, c)) in enumerate(pairs):
            self.numbers[f"layer_lengths.{i}"] = float(np.sqrt(((v - w) ** 2).sum() + ((c - b) ** 2).sum()))
        for i, place in enumerate(nudges.largest_moves(self.network, lesson.network, 12)):
            self.numbers |= {
                f"moves.{i}.before": place.of(self.network),
                f"moves.{i}.after": place.of(lesson.network),
            }


def deltas_of(network, trace, aim):
    from glassnet.backpropagation import deltas

    return deltas(network, trace, aim)


EVERYWHERE = [
    "cost",
    *(f"{name}.{i}" for name in ("wishes", "outputs", "costs") for i in range(10)),
    "avenues.bias",
    "avenues.fall_per_length.weights",
    "chain.product",
    "chain.measured",
    "node.dC_dz",
    "means.0",
    "gradient.7",
    "disagreeing.0",
    "before.test_cost",
    "after.test_cost",
]


@pytest.mark.parametrize(
    ("kind", "case"),
    [
        *(("videos' kind", case) for case in ("a misread 4", "a well-read 7", "noise")),
        ("one layer of tanh", "a misread 4"),
        ("one layer of tanh", "noise"),
        ("wide relu", "a misread 4"),
        ("wide relu", "a well-read 7"),
    ],
)
def test_every_number_is_the_librarys(visit, digits, rng, kind, case):
    network = glassnet.Network.random(rng=rng, **KINDS[kind])
    one = visit("#/learn")
    name = load_network(one, network)
    network = network.astype(np.float64)
    sizes = network.layer_sizes
    layer = int(rng.integers(1, len(sizes)))
    neuron = layer, int(rng.integers(sizes[layer]))
    place = Parameter(1, int(rng.integers(sizes[1])), int(rng.integers(250, 500)))
    example, digit = {"a misread 4": ("test.33", 4), "a well-read 7": ("test.0", 7), "noise": ("noise.0", None)}[case]
    if digit is None:
        image = shades_in(one.context.request.get("/api/examples/noise?index=0").json()["ink"])
    else:
        image = digits.test_images[int(example.removeprefix("test."))]
    one.page.goto(
        f"/#/nudge?network={name}&example={example}&neuron={neuron[0]}.{neuron[1]}&weight=w{place.layer}.{place.neuron}.{place.source}"
    )
    at_rest(one)
    one.page.get_by_text("Which weights move?").click()
    # the tree, down to an output by way of each layer's first path
    for _ in range(len(sizes) - 2):
        one.page.locator("details:not([open]) > summary", has_text="through").first.click()
        one.rest(250)
    expected = Expected(network, image, digit, digits, neuron=neuron, parameter=place).numbers
    names = assert_numbers(one.page, expected, EVERYWHERE)
    assert sum(name.startswith("layer_wishes.1.") for name in names) == min(sizes[1], 16)
    assert sum(name.startswith("table.1.") for name in names) >= 90
    assert sum(name.startswith("node>") for name in names) >= 3, "the tree was opened"
    found = dict(numbers_on(one.page))
    assert found["chain.product"] == found["chain.measured"]
    for i in range(8):  # the means are minus the gradient
        assert found[f"means.{i}"].lstrip("+−") == found[f"gradient.{i}"].lstrip("+−")
    in_group = [(n, length) for n, length in arrows_on(one.page, "main") if n.split(".")[0] == "wishes"]
    assert_in_proportion(in_group, expected)
    assert_in_proportion([a for a in arrows_on(one.page, "main") if a[0].startswith("avenues.")], expected)
    for layer in range(1, len(sizes) - 1):
        for kind_of in (f"table.{layer}.", f"layer_wishes.{layer}."):
            assert_in_proportion([a for a in arrows_on(one.page, "main") if a[0].startswith(kind_of)], expected)
    assert_in_proportion([a for a in arrows_on(one.page, "main") if a[0].startswith("asks.")], expected)


def test_a_drawing_is_asked_what_it_should_be_and_taught(visit, digits):
    one = visit()
    paper(one.page).wait_for()
    stroke_with_mouse(one.page, SEVEN)
    seen = settled(one)
    image = shades_in(seen["steps"]["image"])
    one.page.get_by_role("link", name="Nudge").click()
    one.page.get_by_role("heading", name="What should your drawing be?").wait_for()
    one.page.get_by_role("button", name="3", exact=True).click()
    at_rest(one)
    in_address(one.page, "wanted=3")
    from glassnet.reading import shipped_model

    network = shipped_model("videos").network.astype(np.float64)
    inputs = glassnet.as_inputs(image[None], dtype=np.float64)
    aim = glassnet.one_hot(np.array([3]), dtype=np.float64)
    found = nudges.output_wishes(network, glassnet.feedforward(network, inputs), aim)
    shown = dict(numbers_on(one.page))
    assert float(shown["wishes.3"].replace("−", "-")) == pytest.approx(found.wishes[3], abs=6e-4)
    panel = one.page.get_by_role("region", name="Take the step, or teach it")
    for label, bad in (("Steps", "0"), ("Learning rate", "-1")):
        field = panel.get_by_role("spinbutton", name=label, exact=True)
        field.fill(bad)
        field.press("Enter")
        expect(panel.get_by_role("alert")).to_contain_text("stay")
        expect(field).to_have_value("1")
    panel.get_by_role("button", name="Find steps that teach it").click()
    expect(panel).to_contain_text("teach it and move the network least")
    expect(panel).to_contain_text("the network takes this for a 3; before")
    in_address(one.page, "lesson=")
    one.rest(250)
    panel.get_by_role("textbox", name="Name").fill("my three")
    panel.get_by_role("button", name="Keep it as a network of yours").click()
    expect(panel).to_contain_text("“my three” is in hand now")
    in_address(one.page, r"network=run:\w{8}")
    one.page.get_by_role("link", name="Draw").click()
    expect(one.page.get_by_role("region", name="Answer of my three").locator(".digit")).to_have_text("3")


def test_a_weight_in_draw_opens_in_nudge(visit):
    one = visit("#/draw?example=test.8&neuron=1.3")
    panel = one.page.get_by_role("region", name="The chosen neuron")
    panel.wait_for()
    settled(one)
    source = one.newest("/api/neuron")["largest"][0]["source"]
    panel.get_by_role("button", name="why would it change").first.click()
    at_rest(one)
    in_address(one.page, rf"weight=w1\.3\.{source}\b")
    expect(one.page.get_by_role("main")).to_contain_text(f"weights[0][3, {source}]")


def test_the_wishes_are_walked_through_with_keys(visit):
    one = visit("#/nudge?example=test.33")
    at_rest(one)
    outputs = one.page.get_by_role("group", name="What the example wishes of the ten outputs")
    outputs.get_by_role("button", name="output 4").focus()
    one.page.keyboard.press("ArrowRight")
    one.page.keyboard.press("Enter")
    expect(one.page.get_by_role("heading", name="Three ways to change output 5")).to_be_visible()
    first = one.page.get_by_role("region", name="Three ways to change output 5").locator("button.line").nth(1)
    first.focus()
    one.page.keyboard.press("Enter")
    one.rest(250)
    in_address(one.page, r"weight=w3\.5\.\d+")
    summary = one.page.get_by_role("table", name="wishes of outputs for hidden layer 2").get_by_role("button").first
    summary.focus()
    one.page.keyboard.press("Enter")
    expect(one.page.get_by_role("heading", name="Three ways to change hidden layer 2, neuron 0")).to_be_visible()


def test_links_that_cannot_be_followed_say_so(visit):
    one = visit("#/nudge?network=run:0a1b2c3d&example=test.33&weight=w9.99.9999")
    at_rest(one)
    expect(one.page.get_by_role("status").first).to_contain_text("names a network of another browser")
    one.page.goto("/#/nudge?example=test.33&weight=w9.99.9999")
    at_rest(one)
    expect(one.page.get_by_role("main")).to_contain_text("This network has no weight or bias w9.99.9999")
    one.page.goto("/#/nudge?example=test.33&weight=1.3.2")  # an old link, with the index of the array
    at_rest(one)
    expect(one.page.get_by_role("main")).to_contain_text(
        "weights[1][3, 2], the weight from hidden layer 1, neuron 2 to"
    )
    one.page.goto("/#/nowhere?network=nonsense")
    expect(one.page.get_by_role("status").first).to_contain_text("not understood: nowhere, network=nonsense")
    paper(one.page).wait_for()


def test_a_list_that_comes_late_does_not_undo_a_newer_link(visit, rng):
    one = visit("#/learn")
    held = []
    one.page.route("**/api/welcome", lambda route: held.append((route, route.fetch())))
    one.page.reload(wait_until="commit")
    while not held:
        one.page.wait_for_timeout(20)
    name = load_network(one, glassnet.Network.random((784, 6, 10), rng=rng))
    with one.page.expect_response("**/api/networks"):
        one.page.evaluate("(name) => (location.hash = `#/nudge?network=${name}&example=test.0`)", name)
    one.page.wait_for_timeout(100)
    for route, response in held:  # as it was before there was such a network
        route.fulfill(response=response)
    at_rest(one)
    in_address(one.page, f"network={name}")


def test_nothing_hinders_anybody(visit):
    one = visit("#/nudge?example=test.33&weight=w1.3.400")
    at_rest(one)
    one.page.get_by_text("Which weights move?").click()
    assert_nothing_hinders(one)
