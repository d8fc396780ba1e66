"""Regions: where on a page to look, with names, so that a form is read the same way every time."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from glassnet.errors import SettingError
from glassnet.reading.expected import Expected

MOST_REGIONS = 500
LONGEST_NAME = 100
LEAST_SIDE_PX = 3


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a page.

    Parameters
    ----------
    box : tuple of float
        Left, top, width and height: in pixels of the image; or, with `is_share`, in per cent of the sheet's width and
        height, or of the image's, where no sheet on a table was found.
    name : str, default ""
        What is written there.
    is_share : bool, default False
        Whether the box is in per cent.
    expect : Expected or None, default None
        What each line in it says.

    Raises
    ------
    SettingError
        If it has no area, or begins outside.
    """

    box: tuple[float, float, float, float]
    name: str = ""
    is_share: bool = False
    expect: Expected | None = None

    def __post_init__(self) -> None:
        """Refuse what is no part of a page."""
        left, top, width, height = self.box
        if not all(map(math.isfinite, self.box)) or left < 0 or top < 0 or width <= 0 or height <= 0:
            raise SettingError(f"a region is x,y,w,h, from 0 on and with a width and height, not {self}.")
        if self.is_share and (left >= 100 or top >= 100):
            raise SettingError(f"the region {self} begins outside of the page.")
        if len(self.name) > LONGEST_NAME or not self.name.isprintable():
            raise SettingError(f"a region's name has at most {LONGEST_NAME} letters, in one line.")

    def __str__(self) -> str:
        """Return it as it is written on the command line."""
        unit = "%" if self.is_share else ""
        sides = ",".join(f"{value:g}{unit}" for value in self.box)
        return f"{self.name}={sides}" if self.name else sides

    @property
    def label(self) -> str:
        """Its name, or else its box."""
        return self.name or str(self)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the region that a text names: ``x,y,w,h`` or ``name=x,y,w,h``, in pixels or all four in per cent."""
        name, _, sides = text.rpartition("=")
        parts = [part.strip() for part in sides.split(",")]
        shares = [part.removesuffix("%") for part in parts if part.endswith("%")]
        try:
            left, top, width, height = map(float, shares or parts)
        except ValueError:
            raise SettingError(
                f"{text!r} is no region: it is x,y,w,h in pixels, or each in per cent, with a name if you like: "
                "total=10%,20%,30%,5%."
            ) from None
        return cls((left, top, width, height), name.strip(), bool(shares))

    def on(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return left, top, width and height in pixels of a page of that size.

        Raises
        ------
        SettingError
            If it lies outside.
        """
        factors = (width / 100, height / 100) * 2 if self.is_share else (1, 1, 1, 1)
        left, top, wide, high = (round(value * factor) for value, factor in zip(self.box, factors, strict=True))
        wide, high = min(wide, width - left), min(high, height - top)
        if wide < LEAST_SIDE_PX or high < LEAST_SIDE_PX:
            raise SettingError(f"the region {self} lies outside of a page of {width} x {height} pixels.")
        return left, top, wide, high


def load_form(path: Path) -> list[Region]:
    """Return the regions of a form's file.

    Parameters
    ----------
    path : Path
        JSON: ``{"regions": [{"name": "born", "box": [10, 20, 30, 5], "unit": "%", "expect": "dd.dd.dddd"}]}``; the unit
        is "px" or "%", and what to expect (`Expected.from_text`) may be left out.

    Raises
    ------
    SettingError
        If it is no such file, or nothing can be as expected there.
    OSError
        If it cannot be read.
    """
    wrong = f"{path} is not a form: it must hold regions, each with a name, a box of four numbers and a unit, px or %."
    try:
        told: Any = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise SettingError(wrong) from None
    entries = told.get("regions") if isinstance(told, dict) else None
    if not isinstance(entries, list) or not 0 < len(entries) <= MOST_REGIONS:
        raise SettingError(wrong)
    regions = []
    for entry in entries:
        if (
            not isinstance(entry, dict)
            or not {"name", "box"} <= set(entry)
            or entry.get("unit", "px") not in ("px", "%")
        ):
            raise SettingError(wrong)
        box = entry["box"]
        are_numbers = isinstance(box, list) and len(box) == 4 and all(type(value) in (int, float) for value in box)
        told_of = entry.get("expect")
        if not are_numbers or not isinstance(entry["name"], str) or not isinstance(told_of, str | None):
            raise SettingError(wrong)
        left, top, width, height = map(float, box)
        expect = None if told_of is None else Expected.from_text(told_of)
        regions.append(Region((left, top, width, height), entry["name"], entry.get("unit") == "%", expect))
    if len({region.name for region in regions}) < len(regions):
        raise SettingError(f"{path}: two regions have the same name.")
    return regions


def form_text(regions: list[Region]) -> str:
    """Return a form's file of some regions."""
    entries = [
        {"name": r.name, "box": list(r.box), "unit": "%" if r.is_share else "px"}
        | ({"expect": str(r.expect)} if r.expect else {})
        for r in regions
    ]
    return json.dumps({"regions": entries}, indent=1) + "\n"
