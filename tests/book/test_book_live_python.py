"""The Python side of live cells that needs no browser: what is shown, and how errors read."""

from __future__ import annotations

import ast
import importlib
import linecache
import os
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib import font_manager

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def live():
    """Import a module of ``_ext/web/live`` by its name."""
    sys.path.insert(0, str(ROOT / "_ext/web"))
    yield lambda name: importlib.import_module(f"live.{name}")
    sys.path.remove(str(ROOT / "_ext/web"))


def run(live, source: str, name: str = "cell 1") -> dict:
    """Execute a source as the runner does."""
    absent = live("absent")
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    names = {absent.HELPER: absent.Absent}
    exec(compile(absent.replaced(ast.parse(source, name)), name, "exec"), names)
    return names


def failure(live, source: str) -> str:
    with pytest.raises(BaseException) as caught:  # noqa: PT011 (any error has a traceback)
        run(live, source)
    return live("faults").trimmed(caught.value)


def test_the_list_of_fonts_is_matplotlibs_own(live) -> None:
    folder = matplotlib.get_data_path()
    there = {
        os.path.relpath(font.fname, folder): (font.name, font.style, font.weight)
        for font in font_manager.fontManager.ttflist
        if font.fname.startswith(folder) and "LastResort" not in font.fname
    }
    ours = {
        one["fname"]: (one["name"], one["style"], one["weight"]) for one in live("fonts").entries()
    }
    assert ours == there


def test_tracebacks_keep_the_readers_lines(live) -> None:
    text = failure(live, "import json\ndef read(x):\n    return json.loads(x)\nread('{')")
    frames = [line.strip() for line in text.splitlines() if line.lstrip().startswith("File")]
    assert frames[0] == 'File "cell 1", line 4, in <module>'
    assert frames[1] == 'File "cell 1", line 3, in read'
    assert len(frames) == 3
    assert str(Path.home()) not in text
    assert "test_book_live_python" not in "".join(frames[:2])


def test_a_syntax_error_shows_the_line_only(live) -> None:
    text = failure(live, "x = 1\ny = (")
    assert text.splitlines()[0].strip() == 'File "cell 1", line 2'
    assert text.endswith("SyntaxError: '(' was never closed")


def test_keras_may_be_imported_but_not_used(live) -> None:
    names = run(
        live, "import numpy as np, tensorflow as tf\nimport keras.ops\nfrom keras import layers"
    )
    assert names["np"] is np
    assert repr(names["keras"].ops) == "<keras.ops: not in a browser>"
    names["keras"].utils.set_random_seed(0)
    for source in ("tf.constant(1)", "layers.Dense(3)", "class Own(layers.Layer): pass"):
        with pytest.raises(ImportError, match="does not run in a browser"):
            exec(source, names)
    with pytest.raises(AttributeError):
        names["tf"].__array__  # noqa: B018 (np.asarray asks for it)
    line = failure(live, "import keras\n\nkeras.ops.ones(3)").splitlines()[1]
    assert line.strip() == 'File "cell 1", line 3, in <module>'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.arange(3), "array([0, 1, 2])"),
        ("one\ntwo", r"'one\ntwo'"),
        ({"b": 1, "a": 2}, "{'b': 1, 'a': 2}"),
        ([10**20] * 4, "[" + ",\n ".join(["1" + "0" * 20] * 4) + "]"),
    ],
)
def test_values_read_as_in_a_notebook(live, value: object, text: str) -> None:
    assert live("shown").bundle_of(value) == ("text", {"text": text})


def test_markdown_of_a_cell_is_escaped(live) -> None:
    markdown = live("stand_ins").markdown
    assert (
        markdown("# A *b*\nText <img src=x>")
        == "<h1>A <em>b</em></h1><p>Text &lt;img src=x&gt;</p>"
    )
    table = markdown("| a | b |\n| --- | ---: |\n| `<` | **c** |")
    assert '<th scope="col">a</th>' in table
    assert "<td><code>&lt;</code></td><td><strong>c</strong></td>" in table


def test_much_text_is_cut_and_few_messages_are_sent(live) -> None:
    sent: list[str] = []
    stream = live("runner").Stream(sent.append)
    for _ in range(100_000):
        print("a line", file=stream)
    stream.flush()
    text = "".join(sent)
    assert live("runner").MOST <= len(text) <= live("runner").MOST + 100
    assert text.endswith("the rest is not shown\n")
    assert len(sent) < 1000
