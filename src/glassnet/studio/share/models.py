"""Models: the network that a visitor has in hand, with what is known about it, ready to be taken away."""

import re
from dataclasses import replace

import numpy as np

from glassnet.export.packing import in_fewest_bytes
from glassnet.model_file import Model, in_half, model_bytes
from glassnet.studio.shown.schema import Chosen
from glassnet.studio.visit.networks import course_model, held
from glassnet.studio.visit.state import Studio
from glassnet.studio.visit.visitors import Visitor


def model_of(chosen: Chosen, visitor: Visitor, studio: Studio) -> tuple[Model, str]:
    """Return a network with its header, and its title; KeyError if there is none by that name."""
    network = in_fewest_bytes(held(chosen, visitor, studio.given).network)
    if chosen.network in studio.given.models:
        model = studio.given.models[chosen.network]
        title = next(told.title for told in studio.given.told if told.network == chosen.network)
    else:
        name, _, moment = chosen.network.removeprefix("run:").partition("@")
        course = visitor.course(name)
        model = course_model(course, int(moment) if moment else None)
        title = course.told().name + (f", step {int(moment):,}" if moment else "")
    n = len(chosen.changes)
    if n:  # the measurements are those of another network
        by_hand = {"changed_by_hand": "1 number set" if n == 1 else f"{n} numbers set"}
        results = {"calibration": model.results["calibration"]} if "calibration" in model.results else {}
        model = replace(model, training=model.training | by_hand, results=results)
    return replace(model, network=network), title


def file_of(model: Model) -> bytes:
    """Return a model file, in half the bytes where that keeps every number."""
    network = model.network
    half = in_half(network)
    pairs = zip((*network.weights, *network.biases), (*half.weights, *half.biases), strict=True)
    return model_bytes(model, half=all(np.array_equal(a, b) for a, b in pairs))


def name_of(title: str, ending: str) -> str:
    """Return a name for a file: letters and digits of its title."""
    return (re.sub("[^A-Za-z0-9]+", "-", title).strip("-").lower() or "network") + ending
