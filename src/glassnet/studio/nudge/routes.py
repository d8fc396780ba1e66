"""Routes: what the fourth view asks, of one example and of many."""

import numpy as np
from fastapi import APIRouter, Response

from glassnet.studio.nudge.chain import chain_rule_told, node_told
from glassnet.studio.nudge.lessons import lesson_told, taught
from glassnet.studio.nudge.many import examples_told, misread
from glassnet.studio.nudge.schema import (
    AskAvenues,
    AskChainRule,
    AskExamples,
    AskLesson,
    AskMisread,
    AskPaths,
    AskWishes,
    AvenuesTold,
    ChainRuleTold,
    ExamplesTold,
    KeepLesson,
    LessonTold,
    Misread,
    NodeTold,
    Subject,
    WishesTold,
)
from glassnet.studio.nudge.wishes import Lesson, avenues_told, lesson_of, wishes_told
from glassnet.studio.runs.schema import RunTold
from glassnet.studio.shown.pictures import prepared
from glassnet.studio.visit import networks
from glassnet.studio.visit.networks import Given, run_from
from glassnet.studio.visit.state import TheStudio, TheVisitor, in_json
from glassnet.studio.visit.visitors import Visitor

router = APIRouter(prefix="/api/nudge")


def lesson_in(asked: Subject, visitor: Visitor, given: Given) -> Lesson:
    """Return the example that is asked about."""
    return lesson_of(networks.held(asked.chosen, visitor, given).network, prepared(asked.picture), asked.wanted)


@router.post("/wishes", response_model=WishesTold)
async def wishes(asked: AskWishes, visitor: TheVisitor, studio: TheStudio, response: Response) -> Response:
    """Tell what an example wishes of its outputs and, layer by layer backwards, of every neuron."""
    lesson = lesson_in(asked, visitor, studio.given)
    return in_json(await studio.heavily(lambda: wishes_told(lesson)), response)


@router.post("/avenues", response_model=AvenuesTold)
async def three_avenues(asked: AskAvenues, visitor: TheVisitor, studio: TheStudio, response: Response) -> Response:
    """Tell the three ways to change a neuron's activation, with their true sizes."""
    lesson = lesson_in(asked, visitor, studio.given)
    return in_json(await studio.heavily(lambda: avenues_told(lesson, asked.layer, asked.neuron)), response)


@router.post("/chain", response_model=ChainRuleTold)
async def chain(asked: AskChainRule, visitor: TheVisitor, studio: TheStudio, response: Response) -> Response:
    """Tell how the cost changes with a weight or bias: the factors, their product, and a measurement."""
    lesson = lesson_in(asked, visitor, studio.given)
    return in_json(await studio.heavily(lambda: chain_rule_told(lesson, asked)), response)


@router.post("/paths", response_model=NodeTold)
async def paths(asked: AskPaths, visitor: TheVisitor, studio: TheStudio, response: Response) -> Response:
    """Tell by which paths a neuron's activation reaches the cost."""
    lesson = lesson_in(asked, visitor, studio.given)
    return in_json(await studio.heavily(lambda: node_told(lesson, asked.layer, asked.neuron)), response)


@router.post("/misread")
async def a_misread_digit(asked: AskMisread, visitor: TheVisitor, studio: TheStudio) -> Misread:
    """Give a test digit that a network misreads."""
    network = networks.held(asked.chosen, visitor, studio.given).network
    return await studio.heavily(lambda: misread(network, visitor.classroom.digits, asked.after))


@router.post("/examples", response_model=ExamplesTold)
async def examples(asked: AskExamples, visitor: TheVisitor, studio: TheStudio, response: Response) -> Response:
    """Tell what many training digits ask of some weights and biases, one by one and on average."""
    network = networks.held(asked.chosen, visitor, studio.given).network
    told = await studio.heavily(lambda: examples_told(network, visitor.classroom.digits, asked))
    return in_json(told, response)


@router.post("/lesson", response_model=LessonTold)
async def lesson(asked: AskLesson, visitor: TheVisitor, studio: TheStudio, response: Response) -> Response:
    """Tell what steps for an example do to it, to digits learned with it, and to the test digits; nothing is kept."""
    one = lesson_in(asked, visitor, studio.given)
    return in_json(await studio.heavily(lambda: lesson_told(one, asked, visitor.classroom.digits)), response)


@router.post("/keep", status_code=201)
async def keep(asked: KeepLesson, visitor: TheVisitor, studio: TheStudio) -> RunTold:
    """Keep the network that a lesson makes, as a run that can learn on."""
    one = lesson_in(asked, visitor, studio.given)
    what = "no digit" if asked.wanted is None else f"a {asked.wanted}"
    among = f" among {asked.beside.n} others" if asked.beside else ""
    begun = networks.title_of(asked.chosen.network, visitor, studio.given)
    steps = f"{asked.n_steps} steps of learning rate {asked.learning_rate:g}"
    origin = f"{begun}, then {steps} for one example, {what}{among}"[:200]

    def kept() -> RunTold:
        found, _ = taught(one, asked, visitor.classroom.digits)
        return run_from(found.network.astype(np.float32), asked.name or "a taught network", origin, visitor).told()

    return await studio.heavily(kept)
