"""A small book with explorables, built with a plain theme."""

from __future__ import annotations

import sphinx_books

PAGES = {
    "index.md": "# Book\n\n```{toctree}\none\ntwo\nnone\n```\n",
    "one.md": (
        "# One\n\nSee {numref}`exp-mlp`.\n\n"
        "```{explorable} mlp\n:name: exp-mlp\n:dataset: moons\n:units: 3\n\n"
        "Look at the *edges*.\n```\n"
    ),
    "two.md": (
        "# Two\n\n```{explorable} descent\n:name: exp-descent\n:alt: Other words\n```\n\n"
        "```{explorable} convolution\n:name: exp-convolution\n:stride: 2\n```\n"
    ),
    "none.md": "# None\n\nWords.\n",
}


def build_book(folder, pages=None, builder="html"):
    """Build the pages below `folder`; return out, warnings and the application."""
    settings = {"extensions": ["myst_parser", "explorables"], "numfig": True, "language": "en"}
    return sphinx_books.build_book(
        folder, pages or PAGES, builder, exclude_patterns=["_build"], **settings
    )
