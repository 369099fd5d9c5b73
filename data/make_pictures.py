"""Make the pictures and the table of README.md from the demo recording.

`python data/make_pictures.py` in the test environment; the pictures of pages need chromium.
"""

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
           "rate_flag", "detectable_uv", "detectable_low_uv", "detectable_high_uv",
           "n_units")  # fmt: skip
N_STEPS = 6
"""Potentials paged through before the picture of the review page."""


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
    """Put some columns of the demo's summary into README.md."""
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
def browser_page(*, height: int) -> Iterator[Any]:
    """A page of a headless chromium, 1200 pixels wide."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield opened.new_page(viewport={"width": 1200, "height": height}, color_scheme="light")
        opened.close()


def chromium() -> str:
    """The browser of this machine."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        sys.exit("The pictures of pages need chromium, which is not on the PATH.")
    return found


def shoot_report(report: Path) -> None:
    """The head of the report, as a browser shows it."""
    with browser_page(height=1150) as page:
        page.goto(report.as_uri())
        page.screenshot(path=PICTURES / "report.png")


def shoot_review(out: Path) -> None:
    """The review page on one of the demo's potentials, with the whole recording read."""
    with review_address(out) as address, browser_page(height=760) as page:
        page.goto(address)
        page.wait_for_selector("#chart[data-shown]")
        for row in range(1, N_STEPS + 1):
            page.keyboard.press("j")
            page.wait_for_selector(f"#chart[data-row='{row}']")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PICTURES / "review.png")


@contextmanager
def review_address(out: Path) -> Iterator[str]:
    """Address of the review page of a folder, served meanwhile."""
    command = [sys.executable, "-m", "emgdetect", "review", str(out), "--no-browser",
               "--reviewer", "demo"]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            told = next(line for line in server.stderr or () if "http://" in line)
            yield told.split()[-1]
        finally:
            server.terminate()


def main() -> None:
    """All pictures and the table; nothing is changed where a browser is missing."""
    chromium()
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "results"
        run_demo(out)
        fill_table(out / "demo" / "summary.tsv")
        shoot_report(out / "demo" / "report.html")
        shoot_review(out)
    draw_recording()


if __name__ == "__main__":
    main()
