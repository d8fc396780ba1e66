"""784-100-10 to 97 % in scikit-learn: its MLPClassifier with relu and Adam, which gets there sooner than its SGD."""

import gzip
import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn.neural_network import MLPClassifier


def idx(name, skip):
    return np.frombuffer(gzip.decompress((Path(sys.argv[1]) / name).read_bytes()), np.uint8, offset=skip)


def images(name):
    return idx(name, 16).reshape(-1, 784).astype(np.float32) / 255


options = {"batch_size": 100, "learning_rate_init": 0.003, "max_iter": 5, "random_state": 0}
model = MLPClassifier((100,), **options)
warnings.simplefilter("ignore")  # that five epochs are few
model.fit(images("train-images-idx3-ubyte.gz"), idx("train-labels-idx1-ubyte.gz", 8))
print(model.score(images("t10k-images-idx3-ubyte.gz"), idx("t10k-labels-idx1-ubyte.gz", 8)))
