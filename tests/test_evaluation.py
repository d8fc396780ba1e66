import numpy as np
import pytest

import glassnet
from glassnet.evaluation import accuracy, calibration_bins


@pytest.fixture
def readout():
    """A network whose outputs are its four inputs, squashed: what it answers is plain to see."""
    return glassnet.Network((np.eye(4) * 10,), (np.full(4, -5.0),))


def pictures(rows):
    return (np.array(rows, dtype=float).reshape(-1, 2, 2) * 255).astype(np.uint8)


def test_an_evaluation_counted_by_hand(readout):
    images = pictures([[1, 0, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0.6]])
    labels = np.array([0, 1, 2, 3], dtype=np.uint8)
    result = glassnet.evaluate(readout, images, labels)
    assert result.accuracy == 0.75 == accuracy(readout, images, labels)
    assert result.confusion.tolist() == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1]]
    assert result.digit_accuracies.tolist() == [1, 1, 0, 1]
    assert result.answers.tolist() == [0, 1, 1, 3]

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    on, off, dim = sigmoid(5.0), sigmoid(-5.0), sigmoid(10 * 153 / 255 - 5)
    right = (on - 1) ** 2 + 3 * off**2
    wrong = on**2 + (off - 1) ** 2 + 2 * off**2
    assert result.cost == pytest.approx((2 * right + wrong + (dim - 1) ** 2 + 3 * off**2) / 4, rel=1e-12)
    # three answers of 0.9933, two of them right; one of 0.7311, right
    assert result.calibration_error == pytest.approx(3 / 4 * (on - 2 / 3) + 1 / 4 * (1 - dim), rel=1e-12)
    filled = [b for b in result.calibration if b.n]
    assert [(b.low, b.n) for b in filled] == [(0.7, 1), (0.9, 3)]
    assert filled[1].accuracy == pytest.approx(2 / 3)
    assert filled[1].confidence == pytest.approx(on)


def test_a_label_that_does_not_occur_has_no_accuracy(readout):
    result = glassnet.evaluate(readout, pictures([[1, 0, 0, 0]]), np.array([0], dtype=np.uint8))
    assert result.digit_accuracies[0] == 1
    assert np.isnan(result.digit_accuracies[1:]).all()


def test_a_calibrated_guesser_has_no_calibration_error(rng):
    confidences = rng.uniform(0, 1, 200_000)
    right = rng.uniform(0, 1, 200_000) < confidences
    bins = calibration_bins(confidences, right)
    assert sum(b.n for b in bins) == 200_000
    assert max(abs(b.accuracy - b.confidence) for b in bins) < 0.02
    assert calibration_bins(np.array([1.0, -0.5]), np.array([True, False]))[-1].n == 1


def test_large_sets_are_evaluated_in_parts(trained, digits):
    result = glassnet.evaluate(trained, digits.test_images, digits.test_labels)
    outputs = glassnet.feedforward(trained, glassnet.as_inputs(digits.test_images)).outputs
    np.testing.assert_array_equal(result.answers, outputs.argmax(axis=1))
    assert result.n == 10_000 == result.confusion.sum()
    wanted = glassnet.one_hot(digits.test_labels)
    assert result.cost == pytest.approx(((outputs - wanted) ** 2).sum(axis=1).mean(), rel=1e-5)


def test_what_cannot_be_evaluated_is_refused(readout):
    with pytest.raises(glassnet.GlassnetError, match="no digits to evaluate on"):
        glassnet.evaluate(readout, np.zeros((0, 2, 2), np.uint8), np.zeros(0, np.uint8))
    with pytest.raises(glassnet.GlassnetError, match="a label is 7, but the network has outputs for 0 to 3 only"):
        glassnet.evaluate(readout, pictures([[1, 0, 0, 0]]), np.array([7], dtype=np.uint8))
    with pytest.raises(glassnet.GlassnetError, match="a label is 4, but the network has outputs for 0 to 3 only"):
        glassnet.evaluate(readout, pictures([[1, 0, 0, 0]]), np.array([4], dtype=np.uint8))
    assert glassnet.evaluate(readout, pictures([[1, 0, 0, 0]]), np.array([3], dtype=np.uint8)).n == 1
