"""The package's own tests pass in Pyodide: Python 3.12, NumPy 2.0 and 32-bit addresses."""

from __future__ import annotations

import os
import re

import pyodide_tests
import pytest

FEWEST = 1200  # as many tests must pass


@pytest.fixture
def staged(root):
    """Where Pyodide could not be had, the book has no live cells, and there is nothing to test."""
    if not (root / pyodide_tests.MANIFEST).is_file():
        reason = "Pyodide is not staged: `make book` fetches it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return root


def test_what_is_left_out_is_there(root):
    left_out = [*pyodide_tests.LEFT_OUT, *pyodide_tests.QUICK]
    assert [path for path in left_out if not (root / path).exists()] == []
    for test in pyodide_tests.NOT_HERE:
        path, name = test.split("::")
        assert f"def {name}(" in (root / path).read_text(encoding="utf-8")


def test_the_packages_tests_pass_in_pyodide_and_a_failure_is_seen(staged):
    """Among them runs one that fails where addresses have 32 bits; all others pass."""
    path = staged / f"_build/test_address_{os.getpid()}.py"
    code = "import numpy, sys\n\ndef test():\n    assert numpy.intp().nbytes == 8, sys.platform\n"
    path.write_text(code, encoding="utf-8")
    selected = [*pyodide_tests.selection(False), str(path.relative_to(staged)), "-q", "--tb=short"]
    try:
        done = pyodide_tests.run(staged, selected)
    finally:
        path.unlink()
    assert done.returncode == 1, done.stdout[-5000:]
    assert "AssertionError: emscripten" in done.stdout
    summary = done.stdout.rstrip().splitlines()[-1]
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", summary)}
    assert counts["passed"] >= FEWEST, summary
    assert counts["failed"] == 1, done.stdout[-5000:]
    assert not {"error", "errors"} & counts.keys(), done.stdout[-5000:]
