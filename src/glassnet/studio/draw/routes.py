"""Routes to look and to read: what networks see in a picture, how neurons come to that, what is written on a page."""

from itertools import islice
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from glassnet.digits.image_file import read_grey, read_pages
from glassnet.errors import ImageError
from glassnet.reading import Page, Reader
from glassnet.reading.regions import Region
from glassnet.reading.sheet import find_sheet
from glassnet.studio.draw.beside import look
from glassnet.studio.draw.schema import (
    AskLikes,
    AskNeuron,
    Likes,
    NeuronDetail,
    ReadLine,
    ReadMark,
    ReadPage,
    ReadThing,
    See,
    SeenByAll,
)
from glassnet.studio.draw.seeing import likes, neuron_detail
from glassnet.studio.shown.examples import example_of
from glassnet.studio.shown.pictures import as_drawing, as_jpeg, in_text, prepared
from glassnet.studio.shown.schema import Example
from glassnet.studio.shown.seeing import told
from glassnet.studio.visit import networks, visitors
from glassnet.studio.visit.guard import IMAGE, MOST_BYTES
from glassnet.studio.visit.schema import NetworkTold, Welcome
from glassnet.studio.visit.state import READING, TheStudio, TheVisitor, in_json
from glassnet.system import n_processors

# What takes a few milliseconds is done where it arrives: with a pool of threads fifty visitors waited four times as
# long, since every thread waits for Python's lock again after each of its array operations.
router = APIRouter(prefix="/api")

MOST_PAGES, MOST_PARTS = 1000, 50
"""Pages of a file that one may ask for, and parts of one in which to look."""
SHOWN_BY_BROWSERS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM")
"""How files begin that every browser shows; of the others it is sent a JPEG."""


@router.get("/welcome")
def welcome(visitor: TheVisitor, studio: TheStudio) -> Welcome:
    """Tell what there is: networks, your runs, and what the limits are here."""
    from importlib.metadata import version

    return Welcome(
        version=version("glassnet"),
        networks=networks.all_told(visitor, studio.given),
        runs=[course.told() for course in visitor.all_courses()],
        processors=n_processors(),
        limits={
            "runs": visitors.MOST_RUNS,
            "running": visitors.MOST_RUNNING,
            "parameters": visitors.MOST_PARAMETERS,
            "image_bytes": MOST_BYTES["/api/read"],
        },
    )


@router.get("/networks")
async def list_networks(visitor: TheVisitor, studio: TheStudio) -> list[NetworkTold]:
    """List the networks that you can choose."""
    return networks.all_told(visitor, studio.given)


@router.post("/see", response_model=SeenByAll)
async def see(asked: See, visitor: TheVisitor, studio: TheStudio, response: Response) -> Response:
    """Tell what up to three networks see in a picture: every activation, and the answer."""
    held = [networks.held(one, visitor, studio.given) for one in asked.networks]
    studio.look(held)
    return Response(look(asked.picture, held), media_type="application/json", headers=dict(response.headers))


@router.post("/neuron", response_model=NeuronDetail)
async def neuron(asked: AskNeuron, visitor: TheVisitor, studio: TheStudio, response: Response) -> Response:
    """Tell how one neuron comes to its activation: the weighted sum with its numbers, the bias, the curve."""
    held = networks.held(asked.chosen, visitor, studio.given)
    studio.look([held])
    return in_json(neuron_detail(held, prepared(asked.picture), asked.layer, asked.neuron), response)


@router.post("/likes")
async def what_it_likes(asked: AskLikes, visitor: TheVisitor, studio: TheStudio) -> Likes:
    """Tell what a neuron looks for: the test digits that excite it most, and the image that would."""
    held = networks.held(asked.chosen, visitor, studio.given)
    digits = visitor.classroom.digits

    def find() -> Likes:
        return likes(held, digits.test_images, digits.test_labels, asked.layer, asked.neuron)

    if studio.given.has(asked.chosen):
        return await studio.once(studio.liked, (asked.chosen.network, asked.layer, asked.neuron), find)
    return await studio.heavily(find)


@router.get("/examples/{kind}")
async def example(
    kind: Literal["test", "noise", "scribble", "letter", "shifted"],
    visitor: TheVisitor,
    index: Annotated[int, Query(ge=0, le=9999)] = 0,
) -> Example:
    """Give a picture to begin with: always the same for the same kind and index."""
    return example_of(kind, index, visitor.classroom.digits)


@router.post("/picture", openapi_extra=IMAGE)
async def picture(request: Request, studio: TheStudio) -> Example:
    """Turn an image of one mark into a drawing."""
    data = await request.body()
    shades = await studio.uploads.take(lambda: as_drawing(read_grey(data, apart=True)))
    height, width = shades.shape
    return Example(
        kind="image",
        index=0,
        label=None,
        width=width,
        height=height,
        ink=in_text(shades),
        normalise=True,
        about="your image",
    )


@router.post("/read", openapi_extra=IMAGE)
async def read(
    request: Request,
    studio: TheStudio,
    number: Annotated[int, Query(alias="page", ge=1, le=MOST_PAGES)] = 1,
    region: Annotated[list[str] | None, Query(max_length=MOST_PARTS, description="name=x,y,w,h, in pixels.")] = None,
) -> ReadPage:
    """Tell what is written on a page: lines of digits, each with box, confidence and outputs, or why it is rejected."""
    data = await request.body()
    regions = [Region.from_text(text) for text in region or ()]

    def read_apart() -> tuple[Page, bool, str | None, bool]:
        pages = read_pages(data, apart=True)
        picture = next(islice(pages, number - 1, None), None)
        if picture is None:
            raise ImageError(f"the file has no page {number}.")
        has_more = next(pages, None) is not None
        with READING:
            page = Reader().read(picture, regions)
        shown = None if number == 1 and data.startswith(SHOWN_BY_BROWSERS) else as_jpeg(picture)
        return page, has_more, shown, bool(regions) and find_sheet(picture) is not None

    page, has_more, picture, is_sheet = await studio.uploads.take(read_apart)
    return ReadPage(
        things=[ReadThing(kind=thing.kind, box=thing.box) for thing in page.things],
        turned=page.turned,
        is_sheet=is_sheet,
        number=number,
        has_more=has_more,
        picture=picture,
        width=page.size[0],
        height=page.size[1],
        text=page.text,
        lines=[
            ReadLine(
                text=line.text,
                region=line.region,
                marks=[
                    ReadMark(
                        digit=mark.verdict.digit,
                        confidence=mark.verdict.confidence,
                        reason=mark.verdict.reason,
                        box=mark.box,
                        image=in_text(mark.image),
                        outputs=told(mark.verdict.outputs),
                        sign=mark.sign,
                    )
                    for mark in line.marks
                ],
            )
            for line in page.lines
        ],
    )
