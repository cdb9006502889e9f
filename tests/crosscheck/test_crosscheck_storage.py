"""Files of recorded values, and the fingerprints by which they are found; Keras is not needed."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from glassnet.crosscheck import recording, storage


def record(value, name="a"):
    prints = recording._fingerprints({"x": value})
    return storage.Record("layer", {"layer": name}, prints, "Keras 0", "", {"y": [value, None]})


def test_a_file_gives_back_every_bit(tmp_path):
    odd = np.array([np.pi, -0.0, np.inf, np.nan, 5e-324, 1e308])
    for name, value in (("odd", odd), ("scalar", np.array(0.1)), ("empty", np.zeros((0, 3)))):
        storage.store(tmp_path, record(value, name))
    (tmp_path / "all").write_bytes(storage.bundle(tmp_path))
    found = {one.about["layer"]: one.values["y"] for one in storage.load(tmp_path / "all")}
    assert found["odd"][0].tobytes() == odd.tobytes()
    assert found["odd"][1] is None
    assert found["scalar"][0].shape == ()
    assert found["scalar"][0] == 0.1
    assert found["empty"][0].shape == (0, 3)


def test_nothing_recorded_makes_nothing(tmp_path):
    assert storage.bundle(tmp_path) == storage.bundle(tmp_path / "none") == b""


_WRITER = """
import numpy as np, sys
from glassnet.crosscheck import storage
for i in range(100):
    value = np.full(1000, i % 20 + 0.5)
    record = storage.Record("layer", {"i": str(i % 20)}, {}, "", "", {"y": [value]})
    storage.store(sys.argv[1], record)
"""


def test_two_processes_may_record_at_once(tmp_path):
    command = [sys.executable, "-c", _WRITER, str(tmp_path)]
    running = [subprocess.Popen(command) for _ in range(2)]
    while any(process.poll() is None for process in running):
        for file in tmp_path.glob(f"*{storage.SUFFIX}"):  # whole whenever one looks
            (found,) = storage.load(file)
            assert np.all(found.values["y"][0] == int(found.about["i"]) + 0.5)
    assert [process.returncode for process in running] == [0, 0]
    assert len(list(tmp_path.iterdir())) == 20  # and nothing is left lying about


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x[::-1],
        lambda x: np.where(np.arange(x.size) == 17, x + 1e-5, x),
        lambda x: 1.00000001 * x,
        lambda x: -x,
        lambda x: np.where(np.arange(x.size) == 3, np.nan, x),
        lambda x: x.reshape(-1, 2),
    ],
)
def test_the_fingerprint_sees_a_change(change):
    x = np.random.default_rng(0).standard_normal(1000)
    one = record(x)
    same = recording._fingerprints({"x": x * (1 + 1e-14 * np.sin(np.arange(x.size)))})
    assert recording._differences(one, one.about, same) == ([], [])
    changed = recording._fingerprints({"x": change(x)})
    assert len(recording._differences(one, one.about, changed)[1]) == 1


def test_texts_do_not_depend_on_the_run():
    texts = recording._texts({"a": object(), "b": 0.1 + 0.2, "c": {"rate": 1 / 3, "n": 3}})
    assert texts["a"] == "<object object>"
    assert texts["b"] == "0.3"
    assert texts["c"] == "{'rate': 0.333333333333, 'n': 3}"
