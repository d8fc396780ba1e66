"""What the library differentiates, against PyTorch's automatic differentiation, which shares nothing with ours."""

import collections.abc
import copy
import inspect
import typing
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
import torch
from hypothesis import assume, given

import glassnet
from glassnet import features, landscape, nudges
from glassnet.backpropagation import cost_of_examples
from strategies import away_from_kinks, problems

ACTIVATIONS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "softmax": lambda z: torch.softmax(z, dim=-1),
}
EXACT = {"rtol": 1e-9, "atol": 1e-12}


class Twin:
    """The same network on the same examples in PyTorch: parameters, z and activations that keep their gradients."""

    def __init__(self, network, inputs, wanted):
        self.network = network
        self.weights = [torch.tensor(w, requires_grad=True) for w in network.weights]
        self.biases = [torch.tensor(b, requires_grad=True) for b in network.biases]
        self.wanted = torch.tensor(wanted)
        self.activations = [torch.tensor(inputs, requires_grad=True)]
        self.zs = []
        last = len(self.weights) - 1
        for layer, (w, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            self.zs.append(torch.nn.functional.linear(self.activations[-1], w, b))
            name = network.output_activation if layer == last else network.activation
            self.activations.append(ACTIVATIONS[name](self.zs[-1]))
        for kept in (*self.zs, *self.activations[1:]):
            kept.retain_grad()

    def costs(self):
        """One cost per example, from PyTorch's own cost functions where it has them."""
        a, z, y = self.activations[-1], self.zs[-1], self.wanted
        if self.network.cost == "quadratic":
            return torch.nn.functional.mse_loss(a, y, reduction="none").sum(dim=1)
        if self.network.output_activation == "sigmoid":
            return torch.nn.functional.binary_cross_entropy_with_logits(z, y, reduction="none").sum(dim=1)
        return torch.nn.functional.cross_entropy(z, y, reduction="none")

    def slopes_of_outputs(self):
        """dC/da of one example: where the cost is computed of z, the same cost once more, of the outputs alone."""
        a, y = self.activations[-1].detach().requires_grad_(), self.wanted
        if self.network.cost == "quadratic":
            cost = torch.square(a - y).sum()
        elif self.network.output_activation == "sigmoid":
            cost = -(y * torch.log(a) + (1 - y) * torch.log(1 - a)).sum()
        else:
            cost = -(y * torch.log(a)).sum()
        return torch.autograd.grad(cost, a)[0][0].numpy()

    def backward(self, what):
        what.backward()
        return self


def vector(tensors):
    return np.concatenate([tensor.grad.numpy().reshape(-1) for tensor in tensors])


def gradient_of(twin):
    return vector([p for pair in zip(twin.weights, twin.biases, strict=True) for p in pair])


def assert_alike(found, expected):
    np.testing.assert_allclose(found, expected, **EXACT)


# Equations (1) to (8) and (10) to (18): the way forward, the costs, the way back.


def assert_backprop_is_autograd(network, inputs, wanted, rng):
    trace = glassnet.feedforward(network, inputs)
    twin = Twin(network, inputs, wanted)
    costs = twin.costs()
    twin.backward(costs.mean())
    for ours, theirs in zip((*trace.zs, *trace.activations), (*twin.zs, *twin.activations), strict=True):
        assert_alike(ours, theirs.detach().numpy())
    assert_alike(cost_of_examples(network, trace, wanted), costs.detach().numpy())
    assert_alike(nudges.as_vector(glassnet.backprop(network, trace, wanted)), gradient_of(twin))


# Equations (27) to (31): wishes, avenues, chain rule, paths, of one example.


def assert_output_wishes_are_autograd(network, inputs, wanted, rng):
    inputs, wanted = inputs[:1], wanted[:1]
    twin = Twin(network, inputs, wanted)
    twin.backward(twin.costs().sum())
    found = nudges.output_wishes(network, glassnet.feedforward(network, inputs), wanted)
    assert_alike(found.outputs, twin.activations[-1].detach().numpy()[0])
    assert_alike(found.wanted, wanted[0])
    assert_alike(found.cost, twin.costs().item())
    assert_alike(sum(found.costs), twin.costs().item())
    assert_alike(found.wishes, -twin.slopes_of_outputs())
    assert_alike(found.z_wishes, -twin.zs[-1].grad[0].numpy())


def assert_layer_wishes_are_autograd(network, inputs, wanted, rng):
    inputs, wanted = inputs[:1], wanted[:1]
    twin = Twin(network, inputs, wanted)
    twin.backward(twin.costs().sum())
    trace = glassnet.feedforward(network, inputs)
    for layer in range(len(network.weights)):
        found = nudges.layer_wishes(network, trace, wanted, layer)
        assert_alike(found.wishes, -twin.activations[layer].grad[0].numpy())
        assert_alike(found.activations, twin.activations[layer].detach().numpy()[0])
        for j, row in enumerate(found.table):  # the same cost, were neuron j the only one to hear of the layer
            again = Twin(network, inputs, wanted)
            (dz_da,) = torch.autograd.grad(again.zs[layer][0, j], again.activations[layer])
            assert_alike(row, -twin.zs[layer].grad[0, j].item() * dz_da[0].numpy())


def assert_avenues_are_autograd(network, inputs, wanted, rng):
    inputs, wanted = inputs[:1], wanted[:1]
    twin = Twin(network, inputs, wanted)
    twin.backward(twin.costs().sum())
    trace = glassnet.feedforward(network, inputs)
    slopes = [activations.grad[0].numpy() for activations in twin.activations[:-1]] + [twin.slopes_of_outputs()]
    for layer in range(1, len(network.weights) + 1):
        for j in range(network.layer_sizes[layer]):
            found = nudges.avenues(network, trace, wanted, layer, j)
            assert_alike(found.wish, -slopes[layer][j])
            assert_alike(found.bias, -twin.biases[layer - 1].grad[j].item())
            assert_alike(found.weights, -twin.weights[layer - 1].grad[j].numpy())
            again = Twin(network, inputs, wanted)
            (dz_da,) = torch.autograd.grad(again.zs[layer - 1][0, j], again.activations[layer - 1])
            assert_alike(found.activations, -twin.zs[layer - 1].grad[0, j].item() * dz_da[0].numpy())
            assert_alike(found.activations_before, twin.activations[layer - 1].detach().numpy()[0])
            assert_alike(found.weights_now, dz_da[0].numpy())
            lengths = {name: np.linalg.norm(getattr(found, name)) for name in ("bias", "weights", "activations")}
            assert_alike([found.fall_per_length[name] for name in lengths], list(lengths.values()))


def assert_rule(rule, value, expected, twin, layer):
    assert_alike(rule.value, value)
    assert_alike(rule.product, expected)
    assert_alike(np.prod([factor for _, factor in rule.factors]), expected)
    for path in rule.paths:
        assert_alike(path.dC_dz, twin.zs[layer].grad[0, path.through].item())
        assert_alike(path.product, path.dz_da * path.dC_dz)
    # an output leads on to nothing
    sum_of_paths = dict(rule.factors)["dC/da"] if layer < len(twin.zs) else 0
    assert_alike(sum(path.product for path in rule.paths), sum_of_paths)
    assert rule.measured == pytest.approx(expected, rel=1e-6, abs=1e-8)


def assert_chain_rules_are_autograd(network, inputs, wanted, rng):
    inputs, wanted = inputs[:1], wanted[:1]
    twin = Twin(network, inputs, wanted)
    twin.backward(twin.costs().sum())
    expected = gradient_of(twin)
    for place, value in enumerate(nudges.as_vector(network)):
        parameter = nudges.parameter_at(network, place)
        rule = nudges.chain_rule(network, inputs, wanted, parameter)
        assert_rule(rule, value, expected[place], twin, parameter.layer)
        first = ("dz/db", 1.0)
        if parameter.source is not None:
            first = ("dz/dw", twin.activations[parameter.layer - 1][0, parameter.source].item())
        assert rule.factors[0][0] == first[0]
        assert_alike(rule.factors[0][1], first[1])


def assert_activation_chain_rules_are_autograd(network, inputs, wanted, rng):
    inputs, wanted = inputs[:1], wanted[:1]
    twin = Twin(network, inputs, wanted)
    twin.backward(twin.costs().sum())
    for layer in range(len(network.weights)):
        for k in range(network.layer_sizes[layer]):
            rule = nudges.activation_chain_rule(network, inputs, wanted, layer, k)
            activation = twin.activations[layer]
            assert_rule(rule, activation[0, k].item(), activation.grad[0, k].item(), twin, layer)


# Equations (9), (32) and (33): what many examples ask, what a nudge does, and a step.


def assert_asks_are_autograd(network, inputs, wanted, rng):
    everything = tuple(nudges.parameter_at(network, place) for place in range(network.n_parameters))
    found = nudges.asks(network, inputs, wanted, everything)
    each = [Twin(network, inputs[i : i + 1], wanted[i : i + 1]) for i in range(len(inputs))]
    expected = -np.stack([gradient_of(twin.backward(twin.costs().sum())) for twin in each])
    assert_alike(found.table, expected)
    together = Twin(network, inputs, wanted)
    mean = gradient_of(together.backward(together.costs().mean()))
    assert_alike(found.means, -mean)
    assert_alike(found.gradient, mean)
    firm = np.abs(mean) > 1e-9
    assert_alike(found.disagreeing[firm], np.mean(expected * -mean < 0, axis=0)[firm])


def assert_nudges_are_autograd(network, inputs, wanted, rng):
    twin = Twin(network, inputs, wanted)
    before = twin.costs().mean()
    slopes = gradient_of(twin.backward(before))
    for place, slope in enumerate(slopes):
        effect = nudges.nudge_effect(network, inputs, wanted, nudges.parameter_at(network, place), 0.25)
        after = Twin(nudges.nudged(network, effect.parameter, 0.25), inputs, wanted).costs().mean()
        assert effect.amount == 0.25
        assert_alike([effect.slope, effect.predicted], [slope, 0.25 * slope])
        assert_alike([effect.cost_before, effect.cost_after], [before.item(), after.item()])
        assert_alike(effect.actual, (after - before).item())


def assert_steps_are_autograd(network, inputs, wanted, rng):
    twin = Twin(network, inputs[:1], wanted[:1])
    gradient = gradient_of(twin.backward(twin.costs().mean()))
    sets = {"example": (inputs[:1], wanted[:1]), "all": (inputs, wanted)}
    effect = nudges.step_effect(network, inputs[:1], wanted[:1], 0.3, sets)
    assert_alike(nudges.as_vector(effect.network), nudges.as_vector(network) - 0.3 * gradient)
    assert_alike(effect.length, 0.3 * np.linalg.norm(gradient))
    for costs, where in ((effect.costs_before, network), (effect.costs_after, effect.network)):
        assert_alike(
            [costs[name] for name in sets], [Twin(where, *pair).costs().mean().item() for pair in sets.values()]
        )


# Equations (34) to (37): slices, surfaces, angles, ways down.


def assert_slices_are_autograd(network, inputs, wanted, rng):
    direction = landscape.scaled_random_direction(network, rng)
    found = landscape.cost_slice(network, inputs, wanted, direction, np.array([-0.5, 0.0, 0.75]))
    assert_alike(found.distances, [-0.5, 0.0, 0.75])
    for distance, cost, slope in zip([-0.5, 0.0, 0.75], found.costs, found.slopes, strict=True):
        twin = Twin(landscape.moved(network, (distance, direction)), inputs, wanted)
        there = twin.costs().mean()
        assert_alike(cost, there.item())
        assert_alike(slope, gradient_of(twin.backward(there)) @ nudges.as_vector(direction))


def assert_ways_down_are_autograd(network, inputs, wanted, rng):
    direction = landscape.scaled_random_direction(network, rng)
    start = landscape.cost_slice(network, inputs, wanted, direction, np.array([0.5]))
    rate = landscape.rate_for(start.slopes, 1.0)  # where relu makes a cost steep, a customary one would run away
    way = landscape.descent_along(network, inputs, wanted, direction, start=0.5, learning_rate=rate, n_steps=3)
    distance = 0.5
    for point in way:
        twin = Twin(landscape.moved(network, (distance, direction)), inputs, wanted)
        there = twin.costs().mean()
        slope = gradient_of(twin.backward(there)) @ nudges.as_vector(direction)
        assert_alike([point.distance, point.cost, point.slope], [distance, there.item(), slope])
        distance -= rate * slope


def assert_surfaces_are_autograd(network, inputs, wanted, rng):
    directions = (landscape.scaled_random_direction(network, rng), landscape.scaled_random_direction(network, rng))
    for row, y in zip(
        landscape.cost_surface(network, inputs, wanted, directions, (np.array([-0.5, 0.75]), np.array([0.25, 1.0]))),
        (0.25, 1.0),
        strict=True,
    ):
        for cost, x in zip(row.costs, (-0.5, 0.75), strict=True):
            there = landscape.moved(network, (x, directions[0]), (y, directions[1]))
            assert_alike(cost, Twin(there, inputs, wanted).costs().mean().item())


def assert_paths_are_autograd(network, inputs, wanted, rng):
    gradient = glassnet.backprop(network, glassnet.feedforward(network, inputs), wanted)
    rate = 0.1 / (1 + np.linalg.norm(nudges.as_vector(gradient)))  # which does not run away
    path = landscape.descent_path(network, inputs, wanted, learning_rate=rate, mini_batch_size=1, n_steps=3, rng=rng)
    drawn = copy.deepcopy(rng)
    order = np.concatenate([drawn.permutation(len(inputs)) for _ in range(3)])  # an epoch has a step at least
    before = next(path)
    assert_alike(before.cost, Twin(network, inputs, wanted).costs().mean().item())
    for example, here in zip(order[:3, None], path, strict=True):
        twin = Twin(before.network, inputs, wanted)
        full = gradient_of(twin.backward(twin.costs().mean()))
        one = Twin(before.network, inputs[example], wanted[example])
        gradient = gradient_of(one.backward(one.costs().mean()))
        assert_alike(nudges.as_vector(here.network), nudges.as_vector(before.network) - rate * gradient)
        assert_alike(here.length, rate * np.linalg.norm(gradient))
        assert_alike(here.cost, Twin(here.network, inputs, wanted).costs().mean().item())
        lengths = np.linalg.norm(gradient) * np.linalg.norm(full)
        assert here.cosine == pytest.approx(gradient @ full / lengths if lengths else 0.0, abs=1e-9)
        before = here


# Equation (39): from a neuron back to the pixels.


def assert_slopes_to_pixels_are_autograd(network, inputs, wanted, rng):
    for layer in range(1, len(network.weights) + 1):
        for neuron in range(network.layer_sizes[layer]):
            z, slopes = features.z_and_slopes(network, inputs[:1], layer, neuron)
            twin = Twin(network, inputs[:1], wanted[:1])
            twin.backward(twin.zs[layer - 1][0, neuron])
            assert_alike(z, twin.zs[layer - 1][0, neuron].item())
            assert_alike(slopes, twin.activations[0].grad.numpy())


SHOWN = [
    (glassnet, "feedforward", assert_backprop_is_autograd),
    (glassnet, "backprop", assert_backprop_is_autograd),
    (nudges, "output_wishes", assert_output_wishes_are_autograd),
    (nudges, "layer_wishes", assert_layer_wishes_are_autograd),
    (nudges, "avenues", assert_avenues_are_autograd),
    (nudges, "chain_rule", assert_chain_rules_are_autograd),
    (nudges, "activation_chain_rule", assert_activation_chain_rules_are_autograd),
    (nudges, "asks", assert_asks_are_autograd),
    (nudges, "nudge_effect", assert_nudges_are_autograd),
    (nudges, "step_effect", assert_steps_are_autograd),
    (landscape, "cost_slice", assert_slices_are_autograd),
    (landscape, "descent_along", assert_ways_down_are_autograd),
    (landscape, "cost_surface", assert_surfaces_are_autograd),
    (landscape, "descent_path", assert_paths_are_autograd),
    (features, "z_and_slopes", assert_slopes_to_pixels_are_autograd),
]


MEASURED = {assert_chain_rules_are_autograd, assert_activation_chain_rules_are_autograd}
"""Those that a measured slope is a part of: it is none where relu has a kink."""


@pytest.mark.parametrize("assert_holds", list(dict.fromkeys(check for _, _, check in SHOWN)), ids=lambda f: f.__name__)
@given(problem=problems())
def test_autograd_agrees(assert_holds, problem):
    network, inputs, _, _ = problem
    assume(assert_holds not in MEASURED or away_from_kinks(network, glassnet.feedforward(network, inputs[:1]).zs))
    assert_holds(*problem)


# The check of the checks: each float that these functions return, made a thousandth too large, is found.


def too_large(value):
    if isinstance(value, float):
        return 1.001 * value
    if isinstance(value, np.ndarray):
        return 1.001 * value if value.dtype == np.float64 else value
    if isinstance(value, tuple):
        return tuple(map(too_large, value))
    if isinstance(value, dict):
        return {name: too_large(entry) for name, entry in value.items()}
    if isinstance(value, glassnet.Network):
        return landscape.moved(value, (0.001, value))
    if is_dataclass(value):
        return replace(value, **{field.name: too_large(getattr(value, field.name)) for field in fields(value)})
    return value


UNCHECKED = {"seconds"}
"""Is measured, not computed."""


def faults():
    """Return every number that comes back of any function: module, function, check, field."""
    numbers = (float, np.ndarray, tuple, dict, glassnet.Network)
    for module, name, check in SHOWN:
        function = getattr(module, name)
        kind = inspect.signature(function).return_annotation
        kind = typing.get_args(kind)[0] if typing.get_origin(kind) is collections.abc.Iterator else kind
        if not is_dataclass(kind):
            yield pytest.param(module, name, check, None, id=name)
            continue
        hints = typing.get_type_hints(kind)
        for field in fields(kind):
            told = typing.get_origin(hints[field.name]) or hints[field.name]
            if told in numbers and field.name not in UNCHECKED and field.name != "parameters":
                yield pytest.param(module, name, check, field.name, id=f"{name}.{field.name}")


@pytest.mark.parametrize(("module", "name", "check", "field"), list(faults()))
def test_a_fault_of_a_thousandth_is_found(module, name, check, field, monkeypatch):
    whole = getattr(module, name)

    def spoilt(value):
        if field is None:
            return too_large(value)
        return replace(value, **{field: too_large(getattr(value, field))})

    def faulty(*arguments, **options):
        value = whole(*arguments, **options)
        return map(spoilt, value) if isinstance(value, collections.abc.Iterator) else spoilt(value)

    def problem():
        rng = np.random.default_rng(7)
        network = glassnet.Network.random((5, 4, 4, 3), rng=rng, dtype=np.float64)
        moved = landscape.moved(network, (1.0, landscape.scaled_random_direction(network, rng)))
        biases = tuple(rng.normal(size=b.shape) for b in network.biases)
        return moved.with_parameters(moved.weights, biases), rng.uniform(0.1, 1, (4, 5)), rng.uniform(0, 1, (4, 3)), rng

    check(*problem())
    monkeypatch.setattr(module, name, faulty)
    with pytest.raises(AssertionError):
        check(*problem())
