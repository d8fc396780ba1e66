"""One file: a web page with a network in it, which works without a server and fetches nothing from anywhere."""

import html
import json
from dataclasses import dataclass
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from glassnet import left_out
from glassnet.digits import Digits
from glassnet.errors import DivergedError, GlassnetError, ShapeError
from glassnet.evaluation import evaluate
from glassnet.export.packing import in_fewest_bytes, packed
from glassnet.export.rounding import Rounded, rounded_to_fit
from glassnet.model_file import Model
from glassnet.network import Network
from glassnet.reading import Calibration

MOST_BYTES = 1_000_000
N_INPUTS, N_OUTPUTS = 784, 10
N_FITTED = 20_000
"""Training digits that the rounding is fitted to."""
MARK = b'<meta name="generator" content="glassnet"'
"""By which our own files are recognised."""
CALIBRATION = ("slope", "offset", "at_least")
"""What the page makes confidences of."""
SKETCHED = (1.234e-05,)
ROOM_FOR_STEPS = 40
"""Bytes for a layer's step, and for what else grows longer once it has been measured."""
TEMPLATE = Path("onefile") / "template.html"


@dataclass(frozen=True, slots=True, eq=False)
class OneFile:
    """A page, and what is in it.

    Parameters
    ----------
    data : bytes
        The whole file.
    network : Network
        As it is in the file.
    rounding : Rounded or None
        None where the file has every number as it was.
    n_test : int
        Test digits that it was measured on.
    accuracy : float
        Share of the test digits that the file's network reads correctly.
    accuracy_before : float
        The same for the network as it was given.
    agreement : float
        Share of the test digits to which both give the same answer.
    """

    data: bytes
    network: Network
    rounding: Rounded | None
    n_test: int
    accuracy: float
    accuracy_before: float
    agreement: float


def one_file(
    model: Model, digits: Digits, *, title: str, most_bytes: int = MOST_BYTES, template: str | None = None
) -> OneFile:
    """Return a network as one HTML file that draws and recognises.

    Parameters
    ----------
    model : Model
        Of 784 inputs and 10 outputs.
    digits : Digits
        Its test digits tell how good the file's network is; rounding, where needed, is fitted to its training digits.
    title : str
        What the page is called.
    most_bytes : int, default 1_000_000
        How large the file may be. A network that does not fit has its weights rounded until it does.
    template : str or None, default None
        The page around it; None takes the one that comes with glassnet.

    Returns
    -------
    OneFile
        The bytes, the network that is in them, and what was measured.

    Raises
    ------
    ShapeError
        If the network has other inputs or outputs, or is too large.
    DivergedError
        If it has numbers that are not finite.
    ModelFileError
        If what its header says of confidence is damaged.
    GlassnetError
        If glassnet was built without its page.
    """
    sizes = model.network.layer_sizes
    if sizes[0] != N_INPUTS or sizes[-1] != N_OUTPUTS:
        raise ShapeError(
            f"to read digits a network needs {N_INPUTS} inputs and {N_OUTPUTS} outputs; this one is "
            f"{'-'.join(map(str, sizes))}."
        )
    if not model.network.is_finite:
        raise DivergedError("the network has numbers that are not finite: it is not worth a page.")
    template = template_text() if template is None else template
    network, rounding = in_fewest_bytes(model.network), None
    layers, text = packed(network)
    facts = facts_of(model, digits, SKETCHED * len(layers), 0, 0, 0)
    room = most_bytes - len(filled(template, model, title, layers, "", facts)) - ROOM_FOR_STEPS * len(layers)
    if len(text) > room:
        images = digits.train_images[:N_FITTED]
        rounding = rounded_to_fit(model.network.astype(np.float32), images, room // 4 * 3)
        network = rounding.network
        layers, text = packed(network, rounding.integers, rounding.steps)
    after = evaluate(network, digits.test_images, digits.test_labels)
    before = evaluate(model.network, digits.test_images, digits.test_labels) if rounding else after
    agreement = float(np.mean(before.answers == after.answers))
    steps = rounding.steps if rounding else ()
    facts = facts_of(model, digits, steps, before.accuracy, after.accuracy, agreement)
    data = filled(template, model, title, layers, text, facts)
    return OneFile(data, network, rounding, after.n, after.accuracy, before.accuracy, agreement)


def is_own_page(path: Path) -> bool:
    """Return whether a file is a page that was made here, and may be overwritten."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return MARK in file.read(2_000)


def template_text() -> str:
    """Return the page that comes with glassnet, without a network in it."""
    built = resources.files("glassnet") / "studio" / "page"
    for folder in (Path(__file__).parents[3] / "page" / "dist", built):
        place = folder / TEMPLATE
        if place.is_file():
            return place.read_text(encoding="utf-8")
    raise GlassnetError(left_out.sentence(left_out.PAGE))


def filled(
    template: str,
    model: Model,
    title: str,
    layers: list[dict[str, Any]],
    text: str,
    facts: list[tuple[str, str]],
) -> bytes:
    """Return the page with a network in it; whatever a user or a file called things is shown and not obeyed."""
    network = model.network
    calibration = Calibration.from_header(model.results)
    told = {
        "layer_sizes": list(network.layer_sizes),
        "activation": network.activation,
        "output_activation": network.output_activation,
        "layers": layers,
        "calibration": None if calibration is None else {name: getattr(calibration, name) for name in CALIBRATION},
    }
    listed = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>" for name, value in facts)
    parts = {
        "<!--glassnet:title-->": html.escape(title),
        "<!--glassnet:heading-->": html.escape(title),
        "<!--glassnet:facts-->": listed,
        # no end tag and no comment can begin in it
        "<!--glassnet:network-->": json.dumps(told, allow_nan=False).replace("<", "\\u003c"),
        "<!--glassnet:numbers-->": text,
    }
    # piece by piece, so that no part is searched for the places of others
    pieces, rest = [], template
    for place, part in sorted(parts.items(), key=lambda pair: template.index(pair[0])):
        before, _, rest = rest.partition(place)
        pieces += [before, part]
    return "".join([*pieces, rest]).encode()


def facts_of(
    model: Model, digits: Digits, steps: tuple[float, ...], before: float, after: float, agreement: float
) -> list[tuple[str, str]]:
    """Return what the page says of its network: names and texts."""
    network = model.network
    sizes = "-".join(map(str, network.layer_sizes))
    reads = f"It reads {100 * after:.2f} % of {len(digits.test_images):,} test digits ({digits.name}) correctly."
    if not steps:
        weights = "Every weight and bias is exactly what it was after training."
    else:
        listed = ", ".join(f"{step:.4g}" for step in steps)
        weights = f"The weights are rounded, to whole multiples of one step in each layer: {listed}."
        reads += (
            f" Unrounded, it reads {100 * before:.2f} %; both give the same answer to {100 * agreement:.2f} % of them."
        )
    facts = [
        ("Layers", f"{sizes}: {network.n_parameters:,} weights and biases"),
        ("Neurons", f"{network.activation}; outputs {network.output_activation}"),
        ("Accuracy", reads),
        ("Weights", weights),
        ("Trained", trained(model)),
        ("On", learned_from(model)),
        ("Made by", f"glassnet {version('glassnet')}"),
    ]
    return [(name, value) for name, value in facts if value]


def trained(model: Model) -> str:
    """Return how a network was trained, as far as its header says."""
    told = model.training
    origin, by_hand = shortened(told.get("origin")), shortened(told.get("changed_by_hand"))
    if origin and not told.get("epochs_done"):  # it has learned nothing since: how it would go on is not its history
        return ", ".join([origin, *([f"then {by_hand} by hand"] if by_hand else [])])
    words = {
        "epochs_done": "{} epochs",
        "mini_batch_size": "mini-batches of {}",
        "learning_rate": "learning rate {}",
        "optimizer": "{}",
        "seed": "seed {}",
        "changed_by_hand": "then {} by hand",
    }
    values = {name: shortened(told.get(name)) for name in words}
    said = [text.format(values[name]) for name, text in words.items() if values[name]]
    begun = [f"begun with {origin}"] if origin else []
    return ", ".join([*begun, *said, f"{model.network.cost} cost"] if said else [])


def learned_from(model: Model) -> str:
    """Return what a network learned from, and under which licence."""
    name, licence = (shortened(model.data.get(key)) for key in ("name", "licence"))
    return f"{name} (licence of the data: {licence})" if name and licence else name


def shortened(value: Any) -> str:
    """Return a value of a header as a text short enough to be shown; what is no text or number is not shown."""
    text = f"{value:.4g}" if isinstance(value, float) else str(value) if isinstance(value, str | int) else ""
    return text if len(text) <= 120 else text[:119] + "…"
