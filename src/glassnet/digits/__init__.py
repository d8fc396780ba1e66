"""Digits: where they come from (IDX files, bundled MNIST, folders of images) and how they become inputs."""

from glassnet.digits.dataset import Digits, as_inputs, load_digits, one_hot
from glassnet.digits.idx import read_idx, write_idx

__all__ = ["Digits", "as_inputs", "load_digits", "one_hot", "read_idx", "write_idx"]
