"""Routes: what the fifth view asks."""

import re
from collections.abc import Callable
from typing import Annotated, TypeVar

import numpy as np
from fastapi import APIRouter, Query, Request, Response

from glassnet.errors import SettingError
from glassnet.studio.judge.judged import Subject, cell_told, test_judged
from glassnet.studio.judge.others import file_judged, others_judged, scores_judged
from glassnet.studio.judge.schema import (
    AskCell,
    AskDamage,
    AskDamageCurve,
    AskJudged,
    AskMap,
    AskOthers,
    AskScores,
    CellTold,
    DamageCurve,
    DamageJudged,
    FileJudged,
    MapTold,
    OthersJudged,
    TestJudged,
)
from glassnet.studio.judge.spoilt import damage_curve, damage_judged, map_told
from glassnet.studio.shown.kept import key_of
from glassnet.studio.shown.schema import Change, Chosen, NetworkName, Told
from glassnet.studio.visit import networks
from glassnet.studio.visit.guard import IMAGE
from glassnet.studio.visit.state import Studio, TheStudio, TheVisitor, in_json
from glassnet.studio.visit.visitors import Visitor

router = APIRouter(prefix="/api/judge")

Result = TypeVar("Result", bound=Told)
ONE_CHANGE = re.compile(r"(\d{1,2})_(\d{1,4})_(\d{1,4}|b)_([-+.eE\d]{1,30})")
Changes = Annotated[
    str,
    Query(
        max_length=9_000,
        description="What was changed in it by hand: LAYER_NEURON_SOURCE_VALUE, SOURCE being b for a bias; "
        "several with * between them.",
    ),
]


@router.post("/test", response_model=TestJudged)
async def test(asked: AskJudged, visitor: TheVisitor, studio: TheStudio, response: Response) -> Response:
    """Tell how a network reads the test digits: accuracy, confusions, calibration, mistakes, what thresholds buy."""
    return in_json(await judge(asked.chosen, visitor, studio, ("test",), test_judged), response)


@router.post("/cell", response_model=CellTold)
async def cell(asked: AskCell, visitor: TheVisitor, studio: TheStudio, response: Response) -> Response:
    """Tell which test digits are in a cell of the confusion matrix."""
    question = ("cell", asked.label, asked.answer)
    work = lambda subject: cell_told(subject, asked.label, asked.answer)  # noqa: E731 - read beside its question
    return in_json(await judge(asked.chosen, visitor, studio, question, work), response)


@router.post("/others", response_model=OthersJudged)
async def others(asked: AskOthers, visitor: TheVisitor, studio: TheStudio, response: Response) -> Response:
    """Tell what a network makes of 300 things of a kind: how many are rejected, how many confidently wrong."""
    question = ("others", asked.kind)
    told = await judge(asked.chosen, visitor, studio, question, lambda subject: others_judged(subject, asked.kind))
    return in_json(told, response)


@router.post("/scores", response_model=OthersJudged)
async def scores(asked: AskScores, visitor: TheVisitor, studio: TheStudio, response: Response) -> Response:
    """Tell what thresholds do to the confidences that files of yours were given."""
    confidences = np.array(asked.confidences)
    nothing_right = np.zeros(len(confidences), dtype=bool)
    told = await judge(
        asked.chosen, visitor, studio, None, lambda subject: scores_judged(subject, confidences, nothing_right, "files")
    )
    return in_json(told, response)


@router.post("/file", openapi_extra=IMAGE)
async def file(
    request: Request,
    visitor: TheVisitor,
    studio: TheStudio,
    network: NetworkName,
    beside: NetworkName,
    changes: Changes = "",
    beside_changes: Changes = "",
) -> FileJudged:
    """Tell what two networks say of an image of one mark; nothing is kept."""
    chosen = [(network, changes), (beside, beside_changes)]
    held = [
        networks.held(Chosen(network=name, changes=changes_in(text)), visitor, studio.given) for name, text in chosen
    ]
    data = await request.body()
    return await studio.uploads.take(lambda: file_judged(data, held))


@router.post("/damage", response_model=DamageJudged)
async def damage(asked: AskDamage, visitor: TheVisitor, studio: TheStudio, response: Response) -> Response:
    """Tell how a network reads digits that are spoilt by exactly this amount."""
    question = ("damage", asked.kind, asked.amount)
    work = lambda subject: damage_judged(subject, asked.kind, asked.amount)  # noqa: E731 - read beside its question
    return in_json(await judge(asked.chosen, visitor, studio, question, work), response)


@router.post("/damage/curve")
async def curve(asked: AskDamageCurve, visitor: TheVisitor, studio: TheStudio) -> DamageCurve:
    """Tell a network's accuracy over the amounts of a damage."""
    question = ("curve", asked.kind)
    return await judge(asked.chosen, visitor, studio, question, lambda subject: damage_curve(subject, asked.kind))


@router.post("/map", response_model=MapTold)
async def layer(asked: AskMap, visitor: TheVisitor, studio: TheStudio, response: Response) -> Response:
    """Tell where test digits lie in a layer: its activations on the plane in which they are spread widest."""
    question = ("map", asked.layer)
    told = await judge(asked.chosen, visitor, studio, question, lambda subject: map_told(subject, asked.layer))
    return in_json(told, response)


async def judge(
    chosen: Chosen,
    visitor: Visitor,
    studio: Studio,
    question: tuple[object, ...] | None,
    work: Callable[[Subject], Result],
) -> Result:
    """Return the answer to a question about a network, kept if the question is given."""
    held, kept, digits = networks.held(chosen, visitor, studio.given), studio.judged, visitor.classroom.digits
    is_given = chosen.network in studio.given.held and not chosen.changes

    def answer() -> Result:
        subject = Subject(held, chosen.network if is_given else key_of(held), kept, digits)
        if question is None:
            return work(subject)
        return kept.take((subject.key, *question), lambda: work(subject))

    there = kept.found((chosen.network, *question)) if is_given and question else None
    told: Result = await studio.heavily(answer) if there is None else there  # type: ignore[assignment] - of this key
    # runs with the same numbers share an answer; each is called by its own name
    return told.model_copy(update={"network": held.name})


def changes_in(text: str) -> list[Change]:
    """Return what a query says was changed by hand."""
    found = []
    for part in text.split("*") if text else []:
        named = ONE_CHANGE.fullmatch(part)
        try:
            layer, neuron, source, value = named.groups() if named else ("", "", "", "")
            found.append(
                Change(
                    layer=int(layer),
                    neuron=int(neuron),
                    source=None if source == "b" else int(source),
                    value=float(value),
                )
            )
        except ValueError:
            raise SettingError(f"{part[:60]!r} is not a change; write LAYER_NEURON_SOURCE_VALUE.") from None
    return found
