"""What an import costs, and what it must not drag in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import glassnet

SOURCE = Path(glassnet.__file__).parents[1]
SECONDS, MEBIBYTES, TRIES = 0.25, 40, 5
ALL_SECONDS = 0.4  # with every layer and every model
HEAVY = {"tensorflow", "keras", "matplotlib", "sklearn", "scipy", "pandas"}

_MEASURE = """
import time
start = time.process_time()
{code}
seconds = time.process_time() - start  # as on an idle machine, however busy this one is
import json, resource, sys
unit = 2**20 if sys.platform == "darwin" else 2**10
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
print(json.dumps([seconds, peak, sorted(sys.modules)]))
"""

_EVERYTHING = """
import importlib, pkgutil, glassnet
def walk(path, prefix):
    for found in pkgutil.iter_modules(path, prefix):
        if found.name not in ("glassnet.plots", "glassnet.crosscheck"):
            module = importlib.import_module(found.name)
            if found.ispkg:
                walk(module.__path__, found.name + ".")
walk(glassnet.__path__, "glassnet.")
"""


def measure(code):
    """Run `code` in a fresh interpreter; return its seconds, the peak in MiB, and the modules."""
    result = subprocess.run(
        [sys.executable, "-c", _MEASURE.format(code=code)],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, peak, modules = json.loads(result.stdout)
    return seconds, peak, set(modules)


def heavy(modules):
    return {name.partition(".")[0] for name in modules} & HEAVY


@pytest.mark.parametrize(
    ("code", "seconds"),
    [("import glassnet", SECONDS), ("import glassnet.layers, glassnet.models", ALL_SECONDS)],
)
def test_the_import_is_quick(code, seconds):
    assert min(measure(code)[0] for _ in range(TRIES)) <= seconds


@pytest.mark.parametrize("code", ["import glassnet", "import glassnet.layers, glassnet.models"])
def test_the_import_is_small(code):
    bare = min(measure("pass")[1] for _ in range(2))
    assert min(measure(code)[1] for _ in range(2)) - bare <= MEBIBYTES


@pytest.mark.parametrize("code", ["import glassnet", "import glassnet; dir(glassnet)", _EVERYTHING])
def test_nothing_heavy_comes_along(code):
    modules = measure(code)[2]
    assert "glassnet" in modules
    assert not heavy(modules)


def test_everything_is_imported_by_that_test():
    """Else the test before would pass on an empty list."""
    modules = measure(_EVERYTHING)[2]
    assert {f"glassnet.{name}" for name in glassnet.__all__} - modules <= {
        "glassnet.plots",
        "glassnet.crosscheck",
    }


@pytest.mark.parametrize("name", ["crosscheck", "crosscheck.catalogue"])
def test_the_crosscheck_imports_tensorflow_only_when_it_compares(name):
    assert not heavy(measure(f"import glassnet.{name}")[2])


def test_a_submodule_comes_with_its_first_use():
    code = "import glassnet, sys; assert 'glassnet.losses' not in sys.modules; glassnet.losses.Loss"
    assert "glassnet.losses" in measure(code)[2]


def test_an_unknown_submodule_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = glassnet.nothing_like_it
