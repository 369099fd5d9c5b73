"""Make the pictures and the table of README.md from the demo recording.

`python data/make_pictures.py` in the test environment; the pictures of pages need chromium.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import emgdetect as emg
from emgdetect.plot.style import png

HERE = Path(__file__).parent
PICTURES = HERE / "pictures"
README = HERE.parent / "README.md"
COLUMNS = ("site", "analysed_s", "n_fasciculations", "rate_per_min", "rate_low", "rate_high",
           "detectable_uv", "n_units")  # fmt: skip


def draw_recording() -> None:
    """The demo recording as `plot_recording` shows it."""
    recording = emg.read_recording(HERE / "demo.edf")
    figure = emg.plot_recording(recording, emg.detect(recording))
    (PICTURES / "recording.png").write_bytes(png(figure, dpi=110, n_colours=128))


def run_demo(out: Path) -> None:
    """The main job, as the first command of README.md does it."""
    command = [sys.executable, "-m", "emgdetect", "run", str(HERE / "demo.edf"), "--out", str(out)]
    subprocess.run(command, check=True)


def fill_table(summary: Path) -> None:
    """Put the first columns of the demo's summary into README.md."""
    header, *rows = (line.split("\t") for line in summary.read_text("utf-8").splitlines())
    places = [header.index(name) for name in COLUMNS]
    lines = [[f"`{name}`" for name in COLUMNS], ["---", *["--:"] * (len(COLUMNS) - 1)]]
    lines += [[rounded(row[i]) for i in places] for row in rows]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    block = f"<!-- summary -->\n{table}\n<!-- /summary -->"
    text = README.read_text(encoding="utf-8")
    text = re.sub(r"<!-- summary -->.*<!-- /summary -->", lambda _: block, text, flags=re.DOTALL)
    README.write_text(text, encoding="utf-8")


def rounded(cell: str) -> str:
    """A number of a table to three digits; other cells as they are."""
    return f"{float(cell):.3g}" if re.fullmatch(r"-?\d+\.\d+", cell) else cell


@contextmanager
def browser_page() -> Iterator[Any]:
    """A page of a headless chromium, 1200 pixels wide."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=arguments)
        yield opened.new_page(viewport={"width": 1200, "height": 1150}, color_scheme="light")
        opened.close()


def shoot_report(report: Path) -> None:
    """The head of the report, as a browser shows it."""
    with browser_page() as page:
        page.goto(report.as_uri())
        page.screenshot(path=PICTURES / "report.png")


def shoot_review(out: Path) -> None:
    """The review page on the demo's first potential."""
    command = [sys.executable, "-u", "-m", "emgdetect", "review", str(out), "--no-browser",
               "--reviewer", "demo"]  # fmt: skip
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as server:
        try:
            lines = iter(server.stderr.readline, "") if server.stderr else iter(())
            found = (re.search(r"http://127\.0\.0\.1:\S+", line) for line in lines)
            address = next(match.group() for match in found if match)
            with browser_page() as page:
                page.set_viewport_size({"width": 1200, "height": 760})
                page.goto(address)
                waiting = page.get_by_text("Looking for the signal")
                waiting.wait_for(state="visible")
                waiting.wait_for(state="hidden")
                for _ in range(6):
                    page.keyboard.press("j")
                    page.wait_for_timeout(500)
                page.wait_for_timeout(3000)
                page.screenshot(path=PICTURES / "review.png")
        finally:
            server.terminate()


def main() -> None:
    """All pictures and the table."""
    PICTURES.mkdir(exist_ok=True)
    draw_recording()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "results"
        run_demo(out)
        fill_table(out / "demo" / "summary.tsv")
        shoot_report(out / "demo" / "report.html")
        shoot_review(out)


if __name__ == "__main__":
    main()
