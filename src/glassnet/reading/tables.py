"""Tables: what is on a page, in rows and columns: those of its grids, or of numbers that stand above each other."""

from glassnet.reading.page import Line, Mark, Page, text_of

OVERLAP = 0.3
"""Share of the narrower one's width by which two numbers stand above each other."""


def table_of(page: Page) -> list[list[str]]:
    """Return the rows of a page, each with a text for every column; empty where nothing is written.

    Parameters
    ----------
    page : Page
        Grids become as many rows and columns as they have cells; other lines have a column for each place at which
        numbers stand above each other.

    Returns
    -------
    list of list of str
        In reading order. Rows of one grid, and all that stand in none, are of like length.
    """
    rows: list[list[str]] = []
    outside: list[Line] = []

    def lay_out() -> None:
        rows.extend(in_columns([line.words for line in outside]))
        outside.clear()

    told: set[int] = set()
    for line in page.lines:
        grids = {mark.cell[0] for mark in line.marks if mark.cell is not None and is_grid(page, mark.cell[0])}
        rest = tuple(mark for mark in line.marks if mark.cell is None or mark.cell[0] not in grids)
        if rest:
            outside.append(line if len(rest) == len(line.marks) else Line(rest))
        for grid in sorted(grids - told):
            lay_out()
            told.add(grid)
            rows += cells_of(page, grid)
    lay_out()
    return rows


def is_grid(page: Page, thing: int) -> bool:
    """Return whether one of a page's things has several cells."""
    return page.things[thing].n_rows * page.things[thing].n_columns > 1


def cells_of(page: Page, grid: int) -> list[list[str]]:
    """Return what stands in each cell of a grid, by rows and columns."""
    cells: list[list[list[Mark]]] = [
        [[] for _ in range(page.things[grid].n_columns)] for _ in range(page.things[grid].n_rows)
    ]
    for line in page.lines:
        for mark in line.marks:
            if mark.cell is not None and mark.cell[0] == grid:
                cells[mark.cell[1]][mark.cell[2]].append(mark)
    return [[text_of(tuple(marks)) for marks in row] for row in cells]


def in_columns(lines: list[tuple[tuple[Mark, ...], ...]]) -> list[list[str]]:
    """Return the words of some lines, each in its column."""
    words = [(number, word) for number, line in enumerate(lines) for word in line]
    sides = [(min(m.box[0] for m in word), max(m.box[0] + m.box[2] for m in word)) for _, word in words]
    columns: list[dict[int, int]] = []  # the word of each line, by their places
    ends: list[tuple[int, int]] = []
    for place in sorted(range(len(words)), key=lambda place: sum(sides[place])):
        left, right = sides[place]
        number = words[place][0]
        shared = [min(right, end) - max(left, start) for start, end in ends]
        widths = [min(right - left, end - start) for start, end in ends]
        fits = [
            n
            for n, (common, width) in enumerate(zip(shared, widths, strict=True))
            if common > OVERLAP * width and number not in columns[n]
        ]
        if fits:
            best = max(fits, key=lambda n: shared[n])
            columns[best][number] = place
            ends[best] = min(left, ends[best][0]), max(right, ends[best][1])
        else:
            columns.append({number: place})
            ends.append((left, right))
    order = sorted(range(len(columns)), key=lambda n: sum(ends[n]))
    rows = [[""] * len(columns) for _ in lines]
    for column, n in enumerate(order):
        for number, place in columns[n].items():
            rows[number][column] = text_of(words[place][1])
    return rows
