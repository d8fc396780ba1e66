"""Files that glassnet itself would not write."""

import json

from safetensors.numpy import save

from glassnet.tensor_file import CHECKSUM_KEY, HEADER_KEY, checksum


def crafted(arrays, header):
    """Return a file of our kind with whatever is wanted in it, and a checksum that fits."""
    told = header | {CHECKSUM_KEY: checksum(arrays, header)}
    return save(arrays, metadata={HEADER_KEY: json.dumps(told, sort_keys=True)})
