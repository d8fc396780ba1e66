"""Model files: a network, how it was trained and how good it is, as safetensors that other tools read."""

import itertools
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.errors import DamagedError, ModelFileError, in_one_sentence
from glassnet.header import ABOUT, check_about
from glassnet.network import Network
from glassnet.tensor_file import pack, unpack, write_whole

LONGEST_NAME = 40
"""Of an activation or a cost, as far as a sentence repeats it that finds no such thing."""
FORMAT = 1
"""Of the header; one that older programs cannot read will have a higher number."""


@dataclass(frozen=True, slots=True)
class Model:
    """A network and what is known about it.

    Parameters
    ----------
    network : Network
        Of NumPy arrays.
    training : dict
        How it was trained: settings, seed, engine, epochs done.
    data : dict
        On what: name, source, licence, number of examples.
    results : dict
        How well it does: accuracies and cost.
    version : str
        Of the glassnet that wrote it.
    """

    network: Network
    training: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    version: str = ""


def network_arrays(network: Network, prefix: str = "") -> dict[str, np.ndarray]:
    """Return the parameters by name, ``weights.0``, ``biases.0`` and so on."""
    names = {f"{prefix}weights.{index}": np.asarray(w) for index, w in enumerate(network.weights)}
    return names | {f"{prefix}biases.{index}": np.asarray(b) for index, b in enumerate(network.biases)}


def network_header(network: Network) -> dict[str, Any]:
    """Return what the header says of the network itself."""
    return {
        "layer_sizes": list(network.layer_sizes),
        "activation": network.activation,
        "output_activation": network.output_activation,
        "cost": network.cost,
    }


def network_from(header: dict[str, Any], arrays: dict[str, np.ndarray], prefix: str = "") -> Network:
    """Return the network that a header and arrays describe; DamagedError where they disagree.

    The arrays used are taken out of `arrays`, so that whatever is left over is something that nobody asked for.
    """
    sizes = header.get("layer_sizes")
    if not isinstance(sizes, list) or len(sizes) < 2 or not all(type(n) is int and n > 0 for n in sizes):
        raise DamagedError("its header has no sensible layer_sizes.")
    weights, biases = [], []
    for index, (n_in, n_out) in enumerate(itertools.pairwise(sizes)):
        for kind, shape, into in (("weights", (n_out, n_in), weights), ("biases", (n_out,), biases)):
            array = arrays.pop(f"{prefix}{kind}.{index}", None)
            if array is None:
                raise DamagedError(f"its {prefix}{kind}.{index} are missing.")
            if array.shape != shape:
                raise DamagedError(f"its {prefix}{kind}.{index} have shape {array.shape}, its header says {shape}.")
            into.append(array)
    if len({array.dtype for array in (*weights, *biases)}) != 1:
        raise DamagedError("its arrays are of different types.")
    names = [str(header.get(name))[:LONGEST_NAME] for name in ("activation", "output_activation", "cost")]
    return Network(tuple(weights), tuple(biases), *names)


def save_model(model: Model, path: str | Path) -> None:
    """Write a model file, whole or not at all.

    Parameters
    ----------
    model : Model
        What to write.
    path : str or Path
        Where to; an earlier file of that name is replaced.

    Raises
    ------
    DivergedError
        If a weight or bias is not a finite number.
    ModelFileError
        If what is known about it cannot be written as JSON, or is something else than `load_model` expects.
    OSError
        If it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> model = Model(Network.random((784, 16, 16, 10), rng=np.random.default_rng(0)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_model(model, f"{folder}/network.safetensors")
    ...     load_model(f"{folder}/network.safetensors").network.layer_sizes
    (784, 16, 16, 10)
    """
    write_whole(Path(path), model_bytes(model))


def in_half(network: Network) -> Network:
    """Return a network whose numbers float16 holds exactly, so that a file of half the size keeps it as it is."""
    return network.astype(np.float16).astype(np.float32)


def model_bytes(model: Model, *, half: bool = False) -> bytes:
    """Return what `save_model` writes; the same model always gives the same bytes. `half` writes float16."""
    header = {
        "format": FORMAT,
        "kind": "model",
        **network_header(model.network),
        "training": model.training,
        "data": model.data,
        "results": model.results,
        "glassnet_version": model.version or version("glassnet"),
    }
    with in_one_sentence(ModelFileError, "this model cannot be saved"):
        check_about(header)  # what could not be loaded again is not written
    try:
        return pack(network_arrays(model.network.astype(np.float16) if half else model.network), header)
    except TypeError as error:
        raise ModelFileError(f"this model cannot be saved: {error}, in what is said about it.") from None


def load_model(path: str | Path) -> Model:
    """Return the model in a file, every number of it checked.

    Parameters
    ----------
    path : str or Path
        A file that `save_model` wrote.

    Returns
    -------
    Model
        The network and what the header says about it.

    Raises
    ------
    ModelFileError
        If the file is not a model, is damaged, has numbers that are not finite, or says something of the network that
        cannot be: an accuracy above 1, a calibration without its slope.
    OSError
        If it cannot be read.
    """
    path = Path(path)
    with in_one_sentence(ModelFileError, f"cannot use {path} as a model"):
        arrays, header = unpack(path, "a model")
        if header.get("kind") != "model":
            raise DamagedError(f"it is not a model but {header.get('kind') or 'something else'}.")
        if header.get("format") != FORMAT:
            raise DamagedError(f"it is of format {header.get('format')!r}; this version reads format {FORMAT}.")
        # float16 only halves a file; nobody computes in it
        arrays = {name: a.astype(np.float32) if a.dtype == np.float16 else a for name, a in arrays.items()}
        network = network_from(header, arrays)
        if arrays:
            raise DamagedError(f"it has arrays that belong to no layer: {', '.join(sorted(arrays)[:3])}.")
        check_about(header)
        about = {name: header.get(name, {}) for name in ABOUT}
    return Model(network, **about, version=str(header.get("glassnet_version", "")))
