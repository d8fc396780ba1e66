"""A visitor with a real Chromium, for tests of the studio's page."""

import json
import os
import re
import shutil
from pathlib import Path

from playwright.sync_api import Error, expect

AXE = Path(__file__).parents[1] / "page" / "node_modules" / "axe-core" / "axe.min.js"
# the headless shell is the same engine without a browser's windows, and takes a fifth less of a processor
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
REST_MS = 25
A_WHILE = "ms => new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(done)), ms))"
SHIFTING_MS = 300  # of colours and places, after which they are what they will be
PATIENCE_MS = 300_000  # for what must come, on a busy machine
SIZES = {"phone": (360, 740), "desk": (1280, 900), "wall": (1600, 1000)}


def as_shown(value, digits):
    """Return a number as the page shows it."""
    text = f"{value:.{digits}f}"
    return (text.replace("-", "") if float(text) == 0 else text).replace("-", "−")


class Visit:
    """One visitor's page, with all that it asked and complained of."""

    def __init__(self, server, browser, size="desk", scheme="light", **options):
        self.server = server
        width, height = SIZES[size]
        options |= {"viewport": {"width": width, "height": height}, "color_scheme": scheme, "base_url": server.address}
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(PATIENCE_MS)
        self.page = self.context.new_page()
        self.complaints, self.asked, self.told, self.open = [], [], {}, set()
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("response", self.keep)
        self.page.on("request", self.opened)
        for ended in ("requestfinished", "requestfailed"):
            self.page.on(ended, lambda request: self.open.discard(request))

    def opened(self, request):
        """Keep a request that is under way; a stream of news is under way as long as the page listens."""
        if request.resource_type == "document":  # what the page before it asked for never comes
            self.open.clear()
        if not request.url.endswith("/events"):
            self.open.add(request)

    def rest(self, milliseconds):
        """Wait until nothing was under way for so long, by the page's own clock: a busy machine can hold it up."""
        rested = 0
        while rested < milliseconds:
            try:
                self.page.evaluate(A_WHILE, REST_MS)
            except Error:  # another document came
                self.page.wait_for_load_state()
                rested = 0
            rested = 0 if self.open else rested + REST_MS

    def keep(self, response):
        path = response.url.removeprefix(self.server.address).partition("?")[0]
        if path in ("/api/see", "/api/neuron", "/api/likes"):
            self.told[path] = response

    def newest(self, path):
        """Return what was last said at a path."""
        return self.told[path].json()

    def close(self):
        self.context.close()
        assert self.complaints == []
        foreign = [url for url in self.asked if not url.startswith((self.server.address, "data:", "blob:"))]
        assert foreign == [], "the page works offline"


def in_address(page, pattern):
    """Wait until the address has a pattern, and return what matches: browsers tell of it after the key."""
    expect(page).to_have_url(re.compile(pattern))
    return re.search(pattern, page.url)


def paper(page):
    return page.get_by_role("application", name="Paper to draw a digit on")


def outputs_of(page, network):
    """Return the ten outputs that stand in a network's answer, as texts."""
    section = page.get_by_role("region", name=f"Answer of {network}")
    return section.get_by_role("list", name="The ten outputs").locator(".number").all_inner_texts()


def stroke_with_mouse(page, points):
    box = paper(page).bounding_box()
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*at[0])
    page.mouse.down()
    for x, y in at[1:]:
        page.mouse.move(x, y, steps=8)
    page.mouse.up()


SEVEN = [(0.25, 0.2), (0.75, 0.2), (0.45, 0.85)]


def settled(one):
    """Wait until the newest answer is on the page, and return it."""
    one.rest(250)
    return one.newest("/api/see")


def assert_nothing_hinders(one):
    """Fail if on a phone by day or by night, or on a wall, the page scrolls sideways or axe-core finds it serious."""
    one.page.evaluate(AXE.read_text(encoding="utf-8"))
    for size, scheme in (("wall", "light"), ("phone", "light"), ("phone", "dark")):
        width, height = SIZES[size]
        one.page.set_viewport_size({"width": width, "height": height})
        one.page.emulate_media(color_scheme=scheme)
        one.page.wait_for_timeout(SHIFTING_MS)
        assert_nothing_hinders_here(one.page, f"{size}, {scheme}")


def assert_nothing_hinders_here(page, where):
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1], f"it scrolls sideways ({where})"
    # of what passes only the number is told: thousands of elements would take longer to carry over than to look at
    found = page.evaluate(
        """async () => {
            const { violations, passes } = await axe.run({ resultTypes: ["violations"] });
            const told = violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map((n) => n.target) }));
            return { violations: told, passes: passes.length };
        }"""
    )
    bad = [(rule["id"], rule["nodes"][:3]) for rule in found["violations"] if rule["impact"] in ("serious", "critical")]
    assert bad == [], f"{where}: {json.dumps(bad, indent=1)}"
    assert found["passes"] > 15, "axe looked at next to nothing"


def table_of(panel):
    """Open a panel's numbers, and return the table's rows as lists of texts.

    A browser tells the page that it opened a disclosure in a task of its own, so the table comes after the click.
    """
    panel.get_by_text("Numbers", exact=True).click()
    rows = panel.get_by_role("table").locator("tbody tr")
    rows.first.wait_for()
    return rows.evaluate_all("all => all.map(row => [...row.cells].map(cell => cell.innerText))")


def saved(page, button, tmp_path):
    """Press a button that offers a file, and return where it was saved."""
    with page.expect_download() as download:
        button.click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    return path


def load_network(one, network):
    """Give the visitor a network as a run; return what the studio calls it."""
    from glassnet.model_file import Model, model_bytes

    answer = one.context.request.post("/api/runs/load", data=model_bytes(Model(network)))
    assert answer.status == 201, answer.text()
    return f"run:{answer.json()['id']}"


def numbers_on(place):
    """Return all numbers that stand on a page or a part of it under a name of the library's: pairs of name and text."""
    found = place.locator("[data-q]").evaluate_all("all => all.map(e => [e.dataset.q, e.textContent.trim()])")
    return [(name, text) for name, text in found]


def assert_shown(text, value):
    """Fail if a text is not that number, rounded to the digits that it has, or if it has none for a fraction."""
    digits = text.replace("−", "-").replace("+", "").replace(",", "")
    mantissa, _, power = digits.partition("e")
    unit = 10.0 ** (int(power or 0) - len(mantissa.partition(".")[2]))
    # the last digit may fall either way where nine digits are sent
    assert abs(float(digits) - value) <= 0.5000001 * unit + 3e-8 * abs(value), (text, value)
    assert "." in digits or float(value).is_integer(), (text, value)


def assert_numbers(page, expected, at_least):
    """Fail unless every number on the page that begins with one of these names is the expected one."""
    found = numbers_on(page)
    for name, text in found:
        assert name in expected, f"nobody knows the number {name} = {text}"
        try:
            assert_shown(text, expected[name])
        except AssertionError as error:
            raise AssertionError(f"{name} stands as {text}, and is {expected[name]}") from error
    names = {name for name, _ in found}
    missing = [name for name in at_least if name not in names]
    assert missing == [], "these numbers are missing"
    return names


def arrows_on(page, selector):
    """Return how long the arrows of a part of the page are, as drawn: pairs of name and length, below zero if they
    point down or to the left."""
    return page.evaluate(
        """(selector) => [...document.querySelectorAll(`${selector} [data-arrow]`)].map((path) => {
            const box = path.getBBox();
            const along = Math.abs(box.y) < 1e-6 || Math.abs(box.y + box.height) < 1e-6 ? "y" : "x";
            const upright = along === "y" && (box.height > 0 || box.width === 0);
            const length = upright ? (box.y < 0 ? box.height : -box.height) : (box.x < 0 ? -box.width : box.width);
            return [path.dataset.arrow, path.getAttribute("d") === "" ? 0 : length];
        })""",
        selector,
    )


def assert_in_proportion(arrows, expected):
    """Fail unless arrows are as long as their numbers, all on one scale."""
    assert arrows, "there are no arrows"
    longest = max(arrows, key=lambda arrow: abs(expected[arrow[0]]))
    scale = longest[1] / expected[longest[0]] if expected[longest[0]] else 0.0
    assert scale > 0 or expected[longest[0]] == 0
    for name, length in arrows:
        assert abs(length - scale * expected[name]) <= 0.06, (name, length, scale * expected[name])
