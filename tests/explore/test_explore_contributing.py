"""The worked example of CONTRIBUTING is a scene that works, in at most 60 lines."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from glassnet import activations
from glassnet.explore import traces
from glassnet.explore.player import Player

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def example():
    """The two blocks of code: Python and JavaScript."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = re.search(r"## A new scene\n(.*?)\n## ", text, re.DOTALL).group(1)
    (python,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    (script,) = re.findall(r"```js\n(.*?)```", section, re.DOTALL)
    return python, script


def statements(text):
    return [line for line in text.splitlines() if line.strip()]


def test_it_has_at_most_60_lines(example):
    python, script = example
    assert len(statements(python)) + len(statements(script)) <= 60


@pytest.fixture(scope="module")
def module(example):
    made = ModuleType("glassnet.explore.traces.unit")
    exec(compile(example[0], "CONTRIBUTING.md", "exec"), made.__dict__)  # the page's own code
    return made


def test_its_trace_its_table_and_its_picture(example, module, node, monkeypatch):
    trace = module.unit_trace()
    driver = """
        (0, eval)(payload.script);
        const state = Glass.state(payload.trace, "en");
        state.change("weight", 4);
        state.step = 18;
        return { rows: state.rows(), caption: state.caption(), count: state.count };
    """
    state = node(driver, {"script": example[1], "trace": trace})
    assert state["count"] == 33
    x = -4 + 18 * 0.25
    (row,) = state["rows"]
    np.testing.assert_allclose(row[1:], [x, activations.sigmoid(4 * x)], rtol=1e-7)
    assert state["caption"] == "With weight 4, the input 0.5 gives 0.8808."
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(traces, "scene_names", lambda: ["unit"])
    assert Player(trace).png().startswith(b"\x89PNG")
