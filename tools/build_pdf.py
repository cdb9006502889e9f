"""The whole book as one PDF: a single HTML page, printed by Chromium.

    python tools/build_pdf.py [OUTPUT]      default: _build/glass-box-neural-networks.pdf

The notebooks' outputs come from the execution cache; `make pdf` builds the book first.
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

from build_book import run
from playwright.sync_api import Page, sync_playwright

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


def find_browser() -> str:
    """Return the path of an installed Chromium."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    raise SystemExit(f"A PDF needs Chromium. Looked for: {', '.join(BROWSERS)}")


def print_page(page: Page, address: str, output: Path) -> None:
    """Print the HTML page at `address` to a PDF file, A4, everything unfolded."""
    page.set_default_timeout(MINUTES * 60_000)
    page.emulate_media(media="print", color_scheme="light")
    page.goto(address, wait_until="load")
    page.add_style_tag(path=STYLE)
    page.evaluate(UNFOLD)
    page.pdf(
        path=output, prefer_css_page_size=True, print_background=True, outline=True, tagged=True
    )


def main(root: Path, output: Path) -> int:
    """Build the single page and print it; return the exit code."""
    program = Path(sys.executable).with_name("jupyter-book")
    code = run(root, str(program), "build", str(root), "--builder", "singlehtml", "-W", "-n")
    if code:
        return code
    output.parent.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=OPTIONS)
        print_page(browser.new_page(), (root / "_build/singlehtml/index.html").as_uri(), output)
        browser.close()
    size, seconds = output.stat().st_size / 2**20, time.monotonic() - start
    print(f"\nThe PDF is ready: {output} ({size:.1f} MiB, printed in {seconds:.0f} s)")
    return 0


if __name__ == "__main__":
    here = Path(__file__).resolve().parent.parent
    default = here / "_build/glass-box-neural-networks.pdf"
    sys.exit(main(here, Path(sys.argv[1]) if len(sys.argv) > 1 else default))
