"""Costs: how far the outputs are from what is wanted, for each example, and how that changes with the outputs."""

from collections.abc import Callable
from dataclasses import dataclass

from glassnet.arrays import Array, namespace
from glassnet.errors import SettingError


@dataclass(frozen=True, slots=True)
class Cost:
    """One way to measure how wrong an output is. Averaged over the examples of a batch it is the batch's cost (4).

    Parameters
    ----------
    name : str
        What it is called on the command line, in files and on the screen.
    terms : callable
        (z, a, wanted), each of shape (batch, n_out), to what each output costs, shape (batch, n_out).
    derivative : callable
        (a, wanted), each of shape (batch, n_out), to dC/da of each example, shape (batch, n_out).
    error : callable or None
        (a, wanted) to dC/dz of the last layer in closed form, where dC/da times the slope would divide 0 by 0 at a
        saturated output. None: multiply the two, equation (5).
    """

    name: str
    terms: Callable[[Array, Array, Array], Array]
    derivative: Callable[[Array, Array], Array]
    error: Callable[[Array, Array], Array] | None = None

    def of_examples(self, z: Array, a: Array, wanted: Array) -> Array:
        """Return the cost of each example, the sum of what its outputs cost.

        Parameters
        ----------
        z, a, wanted : Array, shape (batch, n_out)
            Weighted inputs and activations of the last layer, and what the latter should have been.

        Returns
        -------
        Array, shape (batch,)
            Without regularisation.
        """
        return namespace(a).sum(self.terms(z, a, wanted), axis=-1)  # (batch,)


def quadratic_terms(z: Array, a: Array, wanted: Array) -> Array:
    """Return the squared differences, shape (batch, n_out): equation (3)."""
    difference = a - wanted
    return difference * difference


def quadratic_derivative(a: Array, wanted: Array) -> Array:
    """Return ``2 (a - y)``, shape (batch, n_out); there is no half in the cost: equation (3)."""
    return 2 * (a - wanted)


def binary_cross_entropy_terms(z: Array, a: Array, wanted: Array) -> Array:
    """Return the cross-entropy of each of independent sigmoid outputs, shape (batch, n_out): equation (15)."""
    xp = namespace(z)
    # -y ln a - (1 - y) ln(1 - a) = max(z, 0) - y z + ln(1 + exp(-|z|)), which no saturated output can make infinite
    return xp.maximum(z, 0.0) - wanted * z + xp.log1p(xp.exp(-xp.abs(z)))


def binary_cross_entropy_derivative(a: Array, wanted: Array) -> Array:
    """Return ``(a - y) / (a (1 - a))``, shape (batch, n_out): equation (15)."""
    return (a - wanted) / (a * (1 - a))


def binary_cross_entropy_error(a: Array, wanted: Array) -> Array:
    """Return ``a - y``, shape (batch, n_out): equation (16)."""
    return a - wanted


def categorical_cross_entropy_terms(z: Array, a: Array, wanted: Array) -> Array:
    """Return what each softmax output adds to the cross-entropy, shape (batch, n_out): equation (17)."""
    xp = namespace(z)
    # -y_j ln a_j with ln a_j = z_j - max z - ln sum exp(z - max z)
    shifted = z - xp.max(z, axis=-1, keepdims=True)
    log_sum = xp.log(xp.sum(xp.exp(shifted), axis=-1, keepdims=True))
    return wanted * (log_sum - shifted)


def categorical_cross_entropy_derivative(a: Array, wanted: Array) -> Array:
    """Return ``-y / a``, shape (batch, n_out): equation (17)."""
    return -wanted / a


def categorical_cross_entropy_error(a: Array, wanted: Array) -> Array:
    """Return ``a sum(y) - y``, shape (batch, n_out), which is a - y where the wanted outputs add up to 1: (18)."""
    return a * namespace(a).sum(wanted, axis=-1, keepdims=True) - wanted


QUADRATIC = Cost("quadratic", quadratic_terms, quadratic_derivative)
BINARY_CROSS_ENTROPY = Cost(
    "cross-entropy", binary_cross_entropy_terms, binary_cross_entropy_derivative, binary_cross_entropy_error
)
CATEGORICAL_CROSS_ENTROPY = Cost(
    "cross-entropy",
    categorical_cross_entropy_terms,
    categorical_cross_entropy_derivative,
    categorical_cross_entropy_error,
)
CROSS_ENTROPIES = {"sigmoid": BINARY_CROSS_ENTROPY, "softmax": CATEGORICAL_CROSS_ENTROPY}
COST_NAMES = ("quadratic", "cross-entropy")


def cost_named(name: str, output_activation: str) -> Cost:
    """Return the cost of that name for outputs of that kind.

    Parameters
    ----------
    name : {"quadratic", "cross-entropy"}
        Which cost.
    output_activation : str
        The activation of the last layer. Cross-entropy compares probabilities: it reads sigmoid outputs as
        independent ones, softmax outputs as shares of one.

    Returns
    -------
    Cost
        Its value, derivative and closed-form error.

    Raises
    ------
    SettingError
        If there is no such cost, or it makes no sense of these outputs.
    """
    if name == "quadratic":
        return QUADRATIC
    if name != "cross-entropy":
        raise SettingError(f"there is no cost {name!r}; choose one of {', '.join(COST_NAMES)}.")
    if output_activation not in CROSS_ENTROPIES:
        raise SettingError(
            f"cross-entropy needs outputs that are probabilities, from sigmoid or softmax; those of "
            f"{output_activation} are not."
        )
    return CROSS_ENTROPIES[output_activation]
