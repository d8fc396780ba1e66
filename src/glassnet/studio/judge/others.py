"""Others: non-digits, and digits that lie askew; and what a network makes of them."""

from dataclasses import dataclass

import numpy as np

from glassnet.digits import Digits
from glassnet.digits.damage import turned
from glassnet.digits.image_file import read_grey
from glassnet.rejection import choices, rejection
from glassnet.studio.judge.judged import (
    THRESHOLDS,
    Subject,
    answers_to,
    choice_told,
    most_confident,
    own_threshold,
    pictures_of,
    read_of,
)
from glassnet.studio.judge.schema import FileJudged, Kind, OthersJudged, Verdict
from glassnet.studio.shown.examples import example_of
from glassnet.studio.shown.kept import Kept
from glassnet.studio.shown.pictures import as_drawing, in_text, prepared, shades_of
from glassnet.studio.shown.schema import Picture
from glassnet.studio.shown.seeing import Held, answer_of, told, traced

N_OTHERS = 300
N_SHOWN = 10
SURE = 0.9
TURN_DEGREES = 45.0


@dataclass(frozen=True, slots=True, eq=False)
class Others:
    """A set of pictures.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, 28, 28)
        As networks are shown them.
    labels : ndarray of int, shape (n,), or None
        None if they are not digits.
    """

    images: np.ndarray
    labels: np.ndarray | None


def others_of(kind: Kind, digits: Digits, kept: Kept) -> Others:
    """Return a set, made once: the first of those that Draw gives, or made from the first test digits."""
    return kept.take(("others", kind), lambda: made(kind, digits))


def made(kind: Kind, digits: Digits) -> Others:
    """Return a set."""
    n = min(N_OTHERS, len(digits.test_images))
    images, labels = digits.test_images[:n], digits.test_labels[:n].astype(np.int64)
    if kind == "inverted":
        return Others(255 - images, None)
    if kind == "turned":
        degrees = np.random.default_rng(0).choice([-TURN_DEGREES, TURN_DEGREES], n)
        return Others(turned(images, degrees), labels)
    examples = [example_of(kind, index, digits) for index in range(n)]
    pictures = [Picture(width=e.width, height=e.height, ink=e.ink, normalise=e.normalise) for e in examples]
    # what is looked at pixel by pixel is not normalised, and needs none of its steps
    shown = [prepared(one).image if one.normalise else shades_of(one) for one in pictures]
    return Others(np.stack(shown), labels if kind == "shifted" else None)


def others_judged(subject: Subject, kind: Kind) -> OthersJudged:
    """Return what a network makes of a set."""
    others = others_of(kind, subject.digits, subject.kept)
    answers, confidences = answers_to(subject.held, others.images)
    right = np.zeros(len(answers), dtype=bool) if others.labels is None else answers == others.labels
    judged = scores_judged(subject, confidences, right, kind)
    places = most_confident(~right, confidences, N_SHOWN)
    return judged.model_copy(
        update={
            "is_labelled": others.labels is not None,
            "most_confident": pictures_of(places, others.images, others.labels, answers, confidences),
        }
    )


def scores_judged(subject: Subject, confidences: np.ndarray, right: np.ndarray, kind: str) -> OthersJudged:
    """Return what thresholds do to confidences."""
    held = subject.held
    thresholds = (*THRESHOLDS, own_threshold(held))
    *bought, own = choices(confidences, right, thresholds)
    counts = [(int((confidences < t).sum()), int((right & (confidences >= t)).sum())) for t in thresholds]
    against = rejection(read_of(subject).confidences, confidences, (0.95,))
    return OthersJudged(
        network=held.name,
        kind=kind,
        n=len(confidences),
        is_labelled=False,
        accepted=[told(choice.coverage) for choice in bought],
        n_rejected=[rejected for rejected, _ in counts[:-1]],
        n_right=[n_right for _, n_right in counts[:-1]],
        own=choice_told(own),
        own_n_rejected=counts[-1][0],
        own_n_right=counts[-1][1],
        n_confidently_wrong=int((~right & (confidences > SURE)).sum()),
        auroc=told(against.auroc),
        accepted_at_95=told(against.false_acceptance[0.95]),
        most_confident=[],
    )


def file_judged(data: bytes, networks: list[Held]) -> FileJudged:
    """Return what networks say of an image file, brought into place as Draw does it."""
    shades = as_drawing(read_grey(data, apart=True))
    height, width = shades.shape
    picture = prepared(Picture(width=width, height=height, ink=in_text(shades), normalise=True))
    verdicts = []
    for held in networks:
        outputs = traced(held, picture.image).outputs[0]
        answer = answer_of(held, outputs, picture)
        confidence = float(outputs.max()) if answer.confidence is None else answer.confidence
        verdicts.append(
            Verdict(
                network=held.name,
                digit=answer.digit,
                reason=answer.reason,
                answer=answer.largest,
                confidence=told(confidence),
            )
        )
    return FileJudged(image=in_text(picture.image), verdicts=verdicts)
