"""How fast the studio answers: first visit, strokes while a run is going, a run beside the command line's, a surface.

Run: python benchmarks/studio.py [first-visit] [strokes] [training] [surface]
Chromium (Debian's, or CHROMIUM=path) is driven by Playwright. A class is in studio_class.py, an attack in
studio_hostile.py.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from studio_class import studio

N_TIMES = 5
WATCH = """() => {
    Object.assign(window, {frames_ms: [], clicked_at: 0, finished_at: 0});
    addEventListener("click", () => (window.clicked_at ||= performance.now()), {capture: true, once: true});
    let last = performance.now();
    const look = (now) => {
        window.frames_ms.push(now - last);
        last = now;
        const bar = document.querySelector("[role=progressbar]");
        if (window.clicked_at && bar?.getAttribute("aria-valuenow") === "30") window.finished_at = performance.now();
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""
"""Notes in the page when it was clicked, when it shows the thirtieth epoch, and how long each frame took meanwhile."""

WATCH_SURFACE = """() => {
    Object.assign(window, {clicked_at: 0, grew_at: [], finished_at: 0});
    addEventListener("click", () => (window.clicked_at ||= performance.now()), {capture: true, once: true});
    new MutationObserver(() => {
        const rows = Number(document.querySelector("svg[data-rows]")?.dataset.rows ?? 0);
        if (rows > 1 && rows !== window.grew_at.at(-1)?.rows) window.grew_at.push({rows, at: performance.now()});
        if (rows === 41) window.finished_at ||= performance.now();
    }).observe(document.body, {subtree: true, childList: true, attributes: true});
}"""
"""Notes in the page when it was clicked, when its surface showed how many rows, and when it showed all of them."""


@contextmanager
def browser() -> Iterator[Any]:
    """Give a Chromium without a window."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield chromium
        finally:
            chromium.close()


def first_visit() -> None:
    """Print how long a first visit takes, and how much is sent."""
    seconds, sent = [], []
    with studio() as (_, address), browser() as chromium:
        for _ in range(N_TIMES):
            page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
            client = page.context.new_cdp_session(page)
            client.send("Network.enable")
            n_bytes = [0]
            client.on(
                "Network.loadingFinished", lambda told, n=n_bytes: n.__setitem__(0, n[0] + told["encodedDataLength"])
            )
            began = time.perf_counter()
            page.goto(f"{address}/")
            page.locator("[data-neuron]").first.wait_for()
            seconds.append(time.perf_counter() - began)
            page.wait_for_load_state("networkidle")
            sent.append(n_bytes[0])
            page.context.close()
    print(f"first visit, page complete: median {np.median(seconds):.2f} s of {N_TIMES}, slowest {max(seconds):.2f} s")
    print(f"first visit, sent: {max(sent) / 1000:.0f} kB")


def strokes() -> None:
    """Print how long it takes from a stroke to the updated picture, a run going on meanwhile."""
    with studio() as (_, address), browser() as chromium:
        page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.goto(f"{address}/")
        page.locator("[data-neuron]").first.wait_for()
        for name, settings in (("no run", None), ("the videos' network", {}), ("100 hidden", {"hidden": [100]})):
            run = None
            if settings is not None:
                run = page.evaluate(
                    """async (settings) => {
                        const post = (path, body) => fetch(path, {method: "POST", body: JSON.stringify(body),
                            headers: {"content-type": "application/json"}}).then((answer) => answer.json());
                        const run = await post("api/runs", settings);
                        await post(`api/runs/${run.id}/do`, {action: "start"});
                        return run.id;
                    }""",
                    settings | {"epochs": 1000},
                )
            page.evaluate("performance.clearMeasures()")
            scribble_on(page)
            told = page.evaluate("performance.getEntriesByName('stroke-to-picture').map((entry) => entry.duration)")
            ms = np.array(told)
            at = ", ".join(f"{q} % {np.percentile(ms, q):.0f} ms" for q in (50, 95, 99))
            print(f"stroke to picture, {name} training: n {len(ms)}, {at}")
            if run:
                page.evaluate("(run) => fetch(`api/runs/${run}`, {method: 'DELETE'})", run)


def scribble_on(page: Any, n_strokes: int = 6) -> None:
    """Draw some strokes on the page's canvas with the mouse, at a hand's pace."""
    box = page.get_by_role("application").bounding_box()
    rng = random.Random(0)
    for _ in range(n_strokes):
        x, y = (box[side] + box[size] * rng.uniform(0.2, 0.8) for side, size in (("x", "width"), ("y", "height")))
        page.mouse.move(x, y)
        page.mouse.down()
        for _ in range(40):
            x = min(max(x + rng.gauss(0, 8), box["x"] + 5), box["x"] + box["width"] - 5)
            y = min(max(y + rng.gauss(0, 8), box["y"] + 5), box["y"] + box["height"] - 5)
            page.mouse.move(x, y)
            page.wait_for_timeout(16)
        page.mouse.up()


def training() -> None:
    """Print how long 30 epochs of the videos' network take from the page, beside the command line."""
    ours, theirs, frames = [], [], []
    with studio() as (_, address), browser() as chromium:
        page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.goto(f"{address}/#/learn")
        for turn in range(N_TIMES):
            if turn:
                page.get_by_role("button", name="Again", exact=True).click()
                start = page.get_by_role("button", name="Start", exact=True)
            else:
                start = page.get_by_role("button", name="Train the videos' network from nothing")
            start.wait_for()
            page.evaluate(WATCH)
            start.click()
            page.wait_for_function("() => window.finished_at", timeout=60_000)
            ours.append(page.evaluate("(window.finished_at - window.clicked_at) / 1000"))
            frames += page.evaluate("window.frames_ms")
            page.get_by_role("button", name="10 more epochs").wait_for()
            theirs.append(seconds_of_command())
    ratio = np.median(ours) / np.median(theirs)
    print(f"30 epochs, medians of {N_TIMES}: page {np.median(ours):.2f} s, command line {np.median(theirs):.2f} s")
    print(f"ratio {ratio:.2f}")
    ms = np.array(frames)
    at = ", ".join(f"{q} % {np.percentile(ms, q):.0f} ms" for q in (50, 95, 100))
    print(f"frames meanwhile: n {len(ms)}, {at}")


def surface() -> None:
    """Print how soon a surface with four descents appears and is complete, and how strokes fare meanwhile."""
    appeared, finished, strokes_ms, growing = [], [], [], []
    with studio() as (_, address), browser() as chromium:
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        page, drawing = context.new_page(), context.new_page()
        page.goto(f"{address}/#/descend")
        drawing.goto(f"{address}/")
        drawing.locator("[data-neuron]").first.wait_for()
        for turn in range(N_TIMES):
            page.goto(f"{address}/#/descend?seed={turn}")  # other digits: nothing is found that was kept
            button = page.get_by_role("button", name="Compute this landscape")
            button.and_(page.locator(":enabled")).wait_for()
            page.evaluate(WATCH_SURFACE)
            drawing.evaluate("performance.clearMeasures()")
            button.click()
            drawing.bring_to_front()
            while not page.evaluate("window.finished_at"):
                scribble_on(drawing, n_strokes=1)
            until = "performance.timeOrigin + window.finished_at"
            told = drawing.evaluate(
                """(until) => performance.getEntriesByName('stroke-to-picture')
                    .filter((entry) => performance.timeOrigin + entry.startTime < until)
                    .map((entry) => entry.duration)""",
                page.evaluate(until),
            )
            strokes_ms += told
            appeared.append(page.evaluate("(window.grew_at[0].at - window.clicked_at) / 1000"))
            finished.append(page.evaluate("(window.finished_at - window.clicked_at) / 1000"))
            growing.append(page.evaluate("window.grew_at.length"))
    print(f"surface of 41 x 41 with four descents, {N_TIMES} times while strokes are drawn:")
    print(f"first rows: median {np.median(appeared):.2f} s, slowest {max(appeared):.2f} s after the click")
    print(f"complete: median {np.median(finished):.2f} s, slowest {max(finished):.2f} s; grew in {min(growing)} pieces")
    ms = np.array(strokes_ms)
    at = ", ".join(f"{q} % {np.percentile(ms, q):.0f} ms" for q in (50, 95, 99))
    print(f"stroke to picture meanwhile: n {len(ms)}, {at}; under 50 ms {100 * np.mean(ms < 50):.1f} %")


def seconds_of_command() -> float:
    """Return how long the command line takes for the same, its start and loading left out."""
    script = (
        "import time, sys, numpy, glassnet; digits = glassnet.load_digits(); rng = numpy.random.default_rng(0);"
        "network = glassnet.Network.random((784, 16, 16, 10), rng=rng); began = time.perf_counter();"
        "events = list(glassnet.train(network, digits, rng=rng)); print(time.perf_counter() - began)"
    )
    return float(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout)


def main() -> None:
    """Measure what is asked for, or all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    every = ["first-visit", "strokes", "training", "surface"]
    parser.add_argument("what", nargs="*", choices=[*every, []], default=[])
    given = parser.parse_args()
    what = given.what or every
    if "first-visit" in what:
        first_visit()
    if "strokes" in what:
        strokes()
    if "training" in what:
        training()
    if "surface" in what:
        surface()


if __name__ == "__main__":
    main()
