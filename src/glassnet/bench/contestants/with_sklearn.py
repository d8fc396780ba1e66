"""scikit-learn's MLPClassifier: sigmoid hidden layers, then softmax and cross-entropy, as it has no quadratic cost."""

import warnings
from importlib import import_module
from typing import Any

import numpy as np

from glassnet.bench.cases import Material


class ScikitLearn:
    """One call of ``partial_fit`` is an epoch."""

    name = "scikit-learn, MLPClassifier"

    def __init__(self, material: Material) -> None:
        self.material, self.version = material, import_module("sklearn").__version__
        self.kind = import_module("sklearn.neural_network").MLPClassifier
        self.labels = material.digits.train_labels
        if material.case.task != "train":
            self.model = self.new_model()
            images = material.digits.train_images[:100].reshape(100, -1)
            self.model.partial_fit(images.astype(np.float32) / 255, self.labels[:100], classes=np.arange(10))
            weights, biases = material.network.weights, material.network.biases
            self.model.coefs_ = [w.T.copy() for w in weights]
            self.model.intercepts_ = [b.copy() for b in biases]

    def new_model(self) -> Any:
        """Return a classifier of the case's shape; it draws its own start."""
        case = self.material.case
        return self.kind(
            hidden_layer_sizes=case.layer_sizes[1:-1],
            activation="logistic",
            solver="sgd",
            alpha=0.0,
            batch_size=case.mini_batch_size or 10,
            learning_rate_init=case.learning_rate or 0.1,
            momentum=0.0,
            nesterovs_momentum=False,
            shuffle=False,
            random_state=0,
        )

    def epoch(self, order: np.ndarray) -> list[np.ndarray]:
        """Descend through all examples in this order."""
        model = self.new_model()
        with warnings.catch_warnings(action="ignore"):
            model.partial_fit(self.material.inputs[order], self.labels[order], classes=np.arange(10))
        return [w.T for w in model.coefs_]

    def read(self) -> np.ndarray:
        """Return the outputs for the material's images: shares of one, whereas the others' are independent."""
        images = self.material.images
        return self.model.predict_proba(images.reshape(len(images), -1).astype(np.float32) * np.float32(1 / 255))
