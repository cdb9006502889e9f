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


def test_the_packages_tests_pass_in_pyodide(staged):
    done = pyodide_tests.run(staged, [*pyodide_tests.selection(False), "-q", "--tb=short"])
    assert done.returncode == 0, done.stdout[-5000:]
    summary = done.stdout.rstrip().splitlines()[-1]
    counts = dict(re.findall(r"(\d+) (\w+)", summary))
    counts = {word: int(number) for number, word in counts.items()}
    assert counts["passed"] >= FEWEST, summary
    assert not {"failed", "error", "errors"} & counts.keys()


def test_a_test_that_fails_there_is_seen(staged, tmp_path):
    """The tests run with 32-bit addresses, and a failure comes through."""
    folder = staged / "_build"
    path = folder / f"test_address_{os.getpid()}.py"
    code = "import numpy, sys\n\ndef test():\n    assert numpy.intp().nbytes == 8, sys.platform\n"
    path.write_text(code, encoding="utf-8")
    try:
        done = pyodide_tests.run(staged, [str(path.relative_to(staged)), "-q", "--tb=short"])
    finally:
        path.unlink()
    assert done.returncode == 1, done.stdout[-3000:]
    assert "AssertionError: emscripten" in done.stdout
