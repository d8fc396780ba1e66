"""What may be asked of the studio: every bound from both sides, and what is taken where nothing is said."""

import copy
import hashlib
import inspect
import json
import math
import re
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from pydantic import ValidationError

from glassnet.studio.app import create_app
from glassnet.studio.descend.schema import AskGradient, AskNudges, AskSlice, AskSurface
from glassnet.studio.draw.schema import AskLikes, AskNeuron, See
from glassnet.studio.judge.schema import AskCell, AskDamage, AskMap, AskScores
from glassnet.studio.nudge.schema import (
    AskAvenues,
    AskChainRule,
    AskExamples,
    AskLesson,
    AskMisread,
    AskPaths,
    KeepLesson,
    Subject,
)
from glassnet.studio.runs.kept import KeptRun
from glassnet.studio.runs.schema import RunChange, RunSettings
from glassnet.studio.shown.sample import AskedSample
from glassnet.studio.shown.schema import Asked, Change, Chosen, ParameterPlace, Picture

RECORD = Path(__file__).with_name("studio_api.json")
VIDEOS = {"network": "videos"}
BIAS = {"layer": 1, "neuron": 0}


def above(number):
    """Return the next number."""
    return number + 1 if isinstance(number, int) else math.nextafter(number, math.inf)


def within(smallest, largest):
    """Return what is just taken and what just is not, at each end."""
    return [(smallest, -above(-smallest)), (largest, above(largest))]


def at_least(smallest):
    """The same at the lower end alone: what is above is looked for in the network, and refused with its name."""
    return [(smallest, smallest - 1)]


def each_within(smallest, largest):
    return [([taken], [refused]) for taken, refused in within(smallest, largest)]


def letters(most):
    return [("x" * most, "x" * (most + 1))]


def up_to(most, item):
    return [([item] * most, [item] * (most + 1))]


def one_up_to(most, item):
    return [([item], []), *up_to(most, item)]


BOUNDS = [
    (Picture, "width", within(3, 400)),
    (Picture, "height", within(3, 400)),
    (Picture, "ink", letters(213_337)),
    (Change, "value", within(-1e6, 1e6)),
    (Chosen, "changes", up_to(200, {"layer": 1, "neuron": 0, "value": 1})),
    (AskedSample, "n", within(1, 10_000)),
    (AskedSample, "seed", within(0, 2_147_483_647)),
    (See, "networks", one_up_to(3, VIDEOS)),
    (AskNeuron, "layer", within(1, 12)),
    (AskNeuron, "neuron", within(0, 4095)),
    (AskLikes, "layer", within(1, 12)),
    (AskLikes, "neuron", within(0, 4095)),
    (RunSettings, "name", letters(60)),
    (RunSettings, "hidden", each_within(1, 1024)),
    (RunSettings, "hidden", up_to(6, 10)),
    (RunSettings, "learning_rate", within(above(0.0), 1000.0)),
    (RunSettings, "mini_batch_size", within(1, 60_000)),
    (RunSettings, "epochs", within(1, 1000)),
    (RunSettings, "n_training", within(10, 60_000)),
    (RunSettings, "seed", within(0, 2_147_483_647)),
    (RunSettings, "origin", letters(200)),
    (RunChange, "learning_rate", within(above(0.0), 1000.0)),
    (RunChange, "mini_batch_size", within(1, 60_000)),
    (RunChange, "steps_per_second", within(0.0, 1000.0)),
    (RunChange, "epochs", within(1, 1000)),
    (RunChange, "name", letters(60)),
    (AskSlice, "reach", within(above(1e-9), 1e4)),
    (AskSlice, "points", within(3, 201)),
    (AskSlice, "starts", each_within(-1e4, 1e4)),
    (AskSlice, "starts", up_to(6, 0.5)),
    (AskSlice, "learning_rate", within(above(1e-9), 1e9)),
    (AskSlice, "n_steps", within(1, 60)),
    (AskGradient, "first", within(0, 10_000_000)),
    (AskGradient, "count", within(1, 200)),
    (AskGradient, "layer", at_least(1)),
    (AskNudges, "parameters", one_up_to(2, BIAS)),
    (AskNudges, "amount", within(-1e4, 1e4)),
    (AskSurface, "points", within(3, 61)),
    (AskSurface, "learning_rate", within(above(1e-9), 1000.0)),
    (AskSurface, "n_steps", within(3, 500)),
    (AskSurface, "mini_batch_sizes", each_within(0, 10_000)),
    (AskSurface, "mini_batch_sizes", one_up_to(4, 7)),
    (Subject, "wanted", within(0, 9)),
    (AskAvenues, "layer", within(1, 12)),
    (AskAvenues, "neuron", within(0, 4095)),
    (ParameterPlace, "layer", at_least(1)),
    (ParameterPlace, "neuron", at_least(0)),
    (ParameterPlace, "source", at_least(0)),
    (AskChainRule, "within", at_least(1)),
    (AskChainRule, "learning_rate", within(above(0.0), 1000.0)),
    (AskMisread, "after", within(-1, 9999)),
    (AskPaths, "layer", within(1, 12)),
    (AskPaths, "neuron", within(0, 4095)),
    (AskExamples, "parameters", up_to(8, BIAS)),
    (AskExamples, "k", within(1, 12)),
    (AskLesson, "learning_rate", within(above(0.0), 1000.0)),
    (AskLesson, "n_steps", within(1, 100)),
    (KeepLesson, "name", letters(60)),
    (AskCell, "label", within(0, 9)),
    (AskCell, "answer", within(0, 9)),
    (AskScores, "confidences", each_within(-1e6, 1e6)),
    (AskScores, "confidences", one_up_to(5000, 0.5)),
    (AskDamage, "amount", within(-90.0, 90.0)),
    (AskMap, "layer", within(0, 12)),
]
DEFAULTS = {
    "Picture": {"normalise": True},
    "Change": {"source": None},
    "Chosen": {"changes": []},
    "AskedSample": {"n": 1000, "seed": 0},
    "RunSettings": {
        "name": "",
        "hidden": [16, 16],
        "activation": "sigmoid",
        "output_activation": "sigmoid",
        "cost": "quadratic",
        "start": "scaled",
        "learning_rate": 1.0,
        "mini_batch_size": 100,
        "epochs": 30,
        "n_training": 60_000,
        "deform": False,
        "seed": 0,
        "origin": "",
    },
    "RunChange": dict.fromkeys(["learning_rate", "mini_batch_size", "steps_per_second", "epochs", "name"]),
    "AskSlice": {
        "sample": {"n": 1000, "seed": 0},
        "along": "weight",
        "parameter": None,
        "reach": None,
        "points": 61,
        "starts": [],
        "learning_rate": None,
        "n_steps": 12,
    },
    "AskGradient": {"sample": {"n": 1000, "seed": 0}, "first": 0, "count": 20, "layer": None, "find": None},
    "AskNudges": {"sample": {"n": 1000, "seed": 0}, "amount": 0.1},
    "AskSurface": {
        "sample": {"n": 1000, "seed": 0},
        "untrained": False,
        "plane": "descent",
        "points": 41,
        "learning_rate": 0.1,
        "n_steps": 30,
        "mini_batch_sizes": [0, 100, 10, 1],
    },
    "ParameterPlace": {"source": None},
    "ParameterTold": {"source": None},
    "AskChainRule": {"parameter": None, "within": None, "learning_rate": 1.0},
    "AskMisread": {"after": -1},
    "AskExamples": {"sample": {"n": 100, "seed": 0}, "parameters": [], "by": "slope", "k": 8},
    "AskLesson": {"learning_rate": 1.0, "n_steps": 1, "beside": None},
    "KeepLesson": {"learning_rate": 1.0, "n_steps": 1, "beside": None, "name": ""},
}


def asked_models(model=Asked):
    """Yield all that can be asked; what a server finds in its own folder is held elsewhere."""
    for below in model.__subclasses__():
        if below.__module__ != KeptRun.__module__:
            yield below
            yield from asked_models(below)


def bounds_in(schema):
    """Count the parts of a field's schema that have a bound: itself, what it may be instead, what it is a list of."""
    parts = [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]
    return any(re.match("(exclusiveM|m)(in|ax)", key) for key in schema) + sum(bounds_in(part) for part in parts)


def taken(model, field, value):
    """Return what a model takes a field's value for, whatever its other fields are; ValidationError if it does not."""
    asked = model.__pydantic_validator__.validate_assignment(model.model_construct(), field, value)
    return getattr(asked, field)


@pytest.mark.parametrize(("model", "field", "ends"), BOUNDS)
def test_every_bound_from_both_sides(model, field, ends):
    for inside, outside in ends:
        taken(model, field, inside)
        with pytest.raises(ValidationError):
            taken(model, field, outside)


def test_no_bound_is_missing_above():
    found = {
        (model.__name__, field): n
        for model in asked_models()
        for field in inspect.get_annotations(model)
        if (n := bounds_in(model.model_json_schema()["properties"].get(field, {})))
    }
    assert found == Counter((model.__name__, field) for model, field, _ in BOUNDS)


def parts_of(api):
    """Return a digest of each path and schema of the interface, by its name: what others' programs rest on."""
    parts = copy.deepcopy(api["paths"] | api["components"]["schemas"])
    for path in api["paths"]:
        for method in parts[path].values():
            for response in method["responses"].values():
                del response["description"]  # what Python calls a status: 422 has another name in 3.13
    return {
        name: hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12] for name, told in parts.items()
    }


def test_the_interface_is_the_recorded_one(client):
    """Whoever changes it on purpose writes studio_api.json anew: ``python tests/test_studio_schema.py``."""
    recorded, found = json.loads(RECORD.read_text(encoding="utf-8")), parts_of(client.get("/api/openapi.json").json())
    assert {name for name in found.keys() | recorded if found.get(name) != recorded.get(name)} == set()


def test_what_is_taken_where_nothing_is_said():
    found = {}
    for model in asked_models():
        asked = model.model_construct()  # without what has to be said
        found[model.__name__] = asked.model_dump(warnings=False)
    assert {name: defaults for name, defaults in found.items() if defaults} == DEFAULTS


QUERIES = {
    ("get", "/api/examples/{kind}", "index"): (within(0, 9999), 0),
    ("post", "/api/read", "page"): (within(1, 1000), 1),
    ("post", "/api/read", "region"): ([(["a=0,0,9,9"] * 50, ["a=0,0,9,9"] * 51)], None),
    ("post", "/api/runs/load", "name"): (letters(60), ""),
    ("get", "/api/runs/{name}/weights", "layer"): (within(1, 12), 1),
    ("get", "/api/runs/{name}/weights", "moment"): (within(0, 10**9), None),
    ("get", "/api/runs/{name}/checked", "moment"): (within(0, 10**9), None),
    ("get", "/api/runs/{name}/health", "moment"): (within(0, 10**9), None),
    ("get", "/api/runs/{name}/model", "moment"): (within(0, 10**9), None),
    ("post", "/api/judge/file", "changes"): (letters(9000), ""),
    ("post", "/api/judge/file", "beside_changes"): (letters(9000), ""),
}


def test_every_bound_of_what_stands_in_an_address(client):
    for (method, path, query), (ends, _) in QUERIES.items():
        # there is no such run, and what is sent is no file: but that is looked at later
        address = path.format(kind="test", name="aaaaaaaa")
        for inside, outside in ends:
            answers = [
                client.request(method, address, params={"network": "videos", "beside": "reader", query: value})
                for value in (inside, outside)
            ]
            details = [answer.json().get("detail", "") for answer in answers]
            assert [detail.startswith(f"{query}: ") for detail in details] == [False, True], (path, query, details)
            assert answers[1].status_code == 422


def test_no_bound_of_an_address_is_missing_above(client):
    found = {
        (method, path, query["name"]): query["schema"].get("default")
        for path, methods in client.get("/api/openapi.json").json()["paths"].items()
        for method, told in methods.items()
        for query in told.get("parameters", [])
        if bounds_in(query["schema"])
    }
    assert found == {place: default for place, (_, default) in QUERIES.items()}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        told = parts_of(create_app(Path(folder)).openapi())
    RECORD.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
