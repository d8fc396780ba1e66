"""Make the pictures of the studio anew: docs/pictures/studio-*.webp.

Run: python scripts/screenshots.py   (needs an installed glassnet, Playwright, and Chromium or its path in CHROMIUM)
"""

import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
LATER = (
    ("descend", "#/descend?network=videos&example=&neuron=", "Throw away"),
    ("nudge", "#/nudge?network=videos&example=test.33", "Keep it as a network of yours"),
    ("judge", "#/judge?network=videos", "Where digits lie"),
)
"""The later views: name, address, and a text that is there when they are complete."""
SIZES = {"wide": (1440, 1290), "phone": (360, 780)}


def save(name: str, png: bytes) -> None:
    """Write a screenshot."""
    Image.open(io.BytesIO(png)).convert("RGB").save(PICTURES / f"studio-{name}.webp", quality=82, method=6)


def shoot(browser: Browser, address: str) -> None:
    """Take all screenshots: the five views, wide and on a phone, light and dark."""
    for size, (width, height) in SIZES.items():
        for scheme in ("light", "dark"):
            page = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme).new_page()
            page.goto(f"{address}#/draw?example=test.8&neuron=3.6")
            page.get_by_role("region", name="The chosen neuron").wait_for()
            page.wait_for_timeout(1500)
            save(f"draw-{size}-{scheme}", page.screenshot())
            page.goto(f"{address}#/learn")
            page.get_by_role("button", name="Train the videos' network from nothing").click()
            page.get_by_text("10 more epochs").wait_for(timeout=60_000)
            page.wait_for_timeout(1500)
            save(f"learn-{size}-{scheme}", page.screenshot())
            for name, fragment, last in LATER:
                page.goto(f"{address}{fragment}")
                if name == "descend":
                    page.get_by_role("button", name="Compute this landscape").click()
                page.get_by_text(last).first.wait_for(timeout=60_000)
                page.get_by_text("judging …").wait_for(state="hidden", timeout=60_000)
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(1500)
                save(f"{name}-{size}-{scheme}", page.screenshot())
            page.context.close()


def main() -> None:
    """Start a studio and a browser, and take them all."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "glassnet", "studio", "--no-browser", "--port", "0", "--folder", folder]
        server = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
        )
        assert server.stdout is not None
        address = server.stdout.readline().split("studio is at ")[1].split()[0]
        try:
            with sync_playwright() as playwright:
                path = os.environ.get("CHROMIUM") or shutil.which("chromium")
                browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
                shoot(browser, address)
                browser.close()
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
