"""Packing: a network's numbers as text that a page can hold."""

import base64
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.network import Network

KINDS = {np.dtype(np.int8): "int8", np.dtype("<f4"): "float32", np.dtype("<f8"): "float64"}


def in_fewest_bytes(network: Network) -> Network:
    """Return the network in float32 where that holds each of its numbers exactly, else in float64."""
    small = network.astype(np.float32)
    pairs = zip((*small.weights, *small.biases), (*network.weights, *network.biases), strict=True)
    return small if all(np.array_equal(a, b) for a, b in pairs) else network.astype(np.float64)


def arrays_of(network: Network, integers: Sequence[np.ndarray] = ()) -> list[np.ndarray]:
    """Return weights and biases, layer by layer; for weights that are multiples of a step, the multiples."""
    weights = integers or network.weights
    return [np.ascontiguousarray(a) for pair in zip(weights, network.biases, strict=True) for a in pair]


def deflated_bytes(network: Network, integers: Sequence[np.ndarray] = ()) -> bytes:
    """Return all arrays one after the other, little-endian, as a raw deflate stream."""
    data = b"".join(a.astype(a.dtype.newbyteorder("<")).tobytes() for a in arrays_of(network, integers))
    # rounded weights do not repeat themselves: looking for repetition takes ten times as long, and makes it larger
    strategy = zlib.Z_HUFFMAN_ONLY if integers else zlib.Z_DEFAULT_STRATEGY
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, strategy)
    return packer.compress(data) + packer.flush()


def packed(
    network: Network, integers: Sequence[np.ndarray] = (), steps: Sequence[float] = ()
) -> tuple[list[dict[str, Any]], str]:
    """Return what the page has to know about each layer, and the bytes of all of them in base64.

    Parameters
    ----------
    network : Network
        Of float32 or float64, which is kept exactly.
    integers : sequence of ndarray of int8, default ()
        Its weights as multiples of steps, if they are rounded.
    steps : sequence of float, default ()
        One for each layer.

    Returns
    -------
    tuple of list and str
        For each layer ``{"weights": KIND, "biases": KIND, "step": STEP}``, the step where it has one; and a text of 4/3
        characters a byte. (Denser texts are possible, and break wherever a file is taken for UTF-8.)
    """
    arrays = arrays_of(network, integers)
    layers: list[dict[str, Any]] = [
        {"weights": KINDS[w.dtype], "biases": KINDS[b.dtype]} for w, b in zip(arrays[::2], arrays[1::2], strict=True)
    ]
    for layer, step in zip(layers, steps, strict=False):
        layer["step"] = step
    return layers, base64.b64encode(deflated_bytes(network, integers)).decode()
