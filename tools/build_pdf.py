"""The whole book as one PDF: a single HTML page, printed by Chromium.

    python tools/build_pdf.py [OUTPUT]      default: _build/glass-box-neural-networks.pdf

The notebooks' outputs come from the execution cache; `make pdf` builds the book first. The contents
name pages, which are known only when all has been printed. So it is printed again with them, until
they are right.
"""

from __future__ import annotations

import re
import shutil
import sys
import time
from pathlib import Path
from urllib.parse import unquote

from build_book import run
from playwright.sync_api import Browser, BrowserType, Error, Page, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")
MINUTES = 40  # a machine that is busy with other things is several times slower
STYLE = Path(__file__).with_suffix(".css")

# everything that unfolds on the screen is open on paper; pictures are there, also those far below
UNFOLD = """async () => {
    for (const folded of document.querySelectorAll("details")) folded.open = true;
    for (const hidden of document.querySelectorAll(".toggle-hidden"))
        hidden.classList.remove("toggle-hidden");
    await document.fonts.ready;
    await Promise.all([...document.images].map((image) => {
        image.loading = "eager";
        return image.decode().catch(() => {});
    }));
}"""

PAPER = {"prefer_css_page_size": True, "print_background": True, "outline": True, "tagged": True}
PRINTS = 6
NUMBER = """(pages) => {
    for (const link of document.querySelectorAll(".gn-contents a"))
        link.dataset.page = pages[link.hash.slice(1)] ?? "";
}"""
# how Chromium writes its PDFs: pages as objects in their order, and a table of links' goals
PAGE = re.compile(rb"\n(\d+) 0 obj\n<</Type /Page\b")
TABLE = re.compile(rb"/Dests (\d+) 0 R")
GOAL = re.compile(rb"/(\S+) \[(\d+) 0 R /XYZ")


def start_browser(kind: BrowserType) -> Browser:
    """Start an installed Chromium, else the one that Playwright has fetched."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    try:
        return kind.launch(executable_path=path, args=OPTIONS)
    except Error as error:
        raise SystemExit(
            f"A PDF needs Chromium: install it, or run playwright install chromium. {error}"
        ) from error


def pages_of_goals(pdf: bytes) -> dict[str, int]:
    """Return on which page each goal of a link lies, counted from 1."""
    pages = {number: place for place, number in enumerate(PAGE.findall(pdf), 1)}
    table = re.search(rb"\n%s 0 obj\n(.*?)\nendobj" % TABLE.search(pdf)[1], pdf, re.DOTALL)[1]
    goals = GOAL.findall(table.replace(b"#", b"%"))
    return {unquote(name.decode()): pages[number] for name, number in goals}


def print_page(page: Page, address: str, output: Path) -> None:
    """Print the HTML page at `address` to a PDF file, A4, all unfolded, its contents numbered."""
    page.set_default_timeout(MINUTES * 60_000)
    page.emulate_media(media="print", color_scheme="light")
    named: dict[str, int] = {}
    for _ in range(PRINTS):
        page.goto(address, wait_until="load")  # a page that has been printed breaks elsewhere
        page.add_style_tag(path=STYLE)
        page.evaluate(UNFOLD)
        page.evaluate(NUMBER, named)
        printed = page.pdf(path=output, **PAPER)
        found = pages_of_goals(printed) if page.locator(".gn-contents").count() else named
        if found == named:
            return
        named = found
    raise SystemExit(f"Of {PRINTS} prints no two had the chapters on the same pages.")


def main(root: Path, output: Path) -> int:
    """Build the single page and print it; return the exit code."""
    program = Path(sys.executable).with_name("jupyter-book")
    code = run(root, str(program), "build", str(root), "--builder", "singlehtml", "-W", "-n")
    if code:
        return code
    output.parent.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    with sync_playwright() as playwright:
        browser = start_browser(playwright.chromium)
        print_page(browser.new_page(), (root / "_build/singlehtml/index.html").as_uri(), output)
        browser.close()
    size, seconds = output.stat().st_size / 2**20, time.monotonic() - start
    print(f"\nThe PDF is ready: {output} ({size:.1f} MiB, printed in {seconds:.0f} s)")
    return 0


if __name__ == "__main__":
    here = Path(__file__).resolve().parent.parent
    default = here / "_build/glass-box-neural-networks.pdf"
    sys.exit(main(here, Path(sys.argv[1]) if len(sys.argv) > 1 else default))
