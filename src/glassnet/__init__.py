"""glassnet: a neural network you can see through.

Everything a user needs is a name of this package; nothing is imported before it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glassnet.backpropagation import Gradients, backprop
    from glassnet.digits import Digits, as_inputs, load_digits, one_hot, read_idx
    from glassnet.errors import GlassnetError
    from glassnet.evaluation import Evaluation, evaluate
    from glassnet.events import EpochEnded, Progress
    from glassnet.gradient_check import check_gradients
    from glassnet.model_file import Model, load_model, save_model
    from glassnet.network import Network, Trace, feedforward
    from glassnet.reading import Page, Reader, Verdict
    from glassnet.settings import Settings
    from glassnet.training import resume, train

    __version__: str

HOMES = {
    "Digits": "digits",
    "EpochEnded": "events",
    "Evaluation": "evaluation",
    "GlassnetError": "errors",
    "Gradients": "backpropagation",
    "Model": "model_file",
    "Network": "network",
    "Page": "reading",
    "Progress": "events",
    "Reader": "reading",
    "Settings": "settings",
    "Trace": "network",
    "Verdict": "reading",
    "as_inputs": "digits",
    "backprop": "backpropagation",
    "check_gradients": "gradient_check",
    "evaluate": "evaluation",
    "feedforward": "network",
    "load_digits": "digits",
    "load_model": "model_file",
    "one_hot": "digits",
    "read_idx": "digits",
    "resume": "training",
    "save_model": "model_file",
    "train": "training",
}
"""Which module each public name lives in."""

__all__ = [
    "Digits",
    "EpochEnded",
    "Evaluation",
    "GlassnetError",
    "Gradients",
    "Model",
    "Network",
    "Page",
    "Progress",
    "Reader",
    "Settings",
    "Trace",
    "Verdict",
    "__version__",
    "as_inputs",
    "backprop",
    "check_gradients",
    "evaluate",
    "feedforward",
    "load_digits",
    "load_model",
    "one_hot",
    "read_idx",
    "resume",
    "save_model",
    "train",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name == "__version__":
        from importlib.metadata import version

        value = version("glassnet")
    elif name in HOMES:
        value = getattr(import_module(f"glassnet.{HOMES[name]}"), name)
    else:
        raise AttributeError(f"module 'glassnet' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
