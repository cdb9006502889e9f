"""Weights to a file and back, and every file that is not one."""

from __future__ import annotations

import os
import zipfile

import numpy as np
import pytest

from glassnet import layers
from glassnet.models import Sequential


@pytest.fixture
def rng():
    return np.random.default_rng(23)


class Shift(layers.Layer):
    """Has a parameter and a state."""

    def create_weights(self, input_shape, rng, dtype):
        self.params["by"] = rng.standard_normal(input_shape[1:]).astype(dtype)
        self.state["mean"] = rng.standard_normal(input_shape[1:]).astype(dtype)

    def forward(self, x, training=False):
        self._cache = True
        return self._check_input(x) + self.params["by"] - self.state["mean"]

    def backward(self, dy):
        self.grads = {"by": dy.sum(axis=0)}
        return dy


def make(rng, chain=None, shape=(None, 4)):
    model = Sequential(chain or [layers.Dense(5, name="a/b"), Shift(), layers.Dense(3)])
    model.build(shape, rng, np.float64)
    model.compile("adam", "mse")
    return model


@pytest.fixture
def saved(rng, tmp_path):
    model, path = make(rng), tmp_path / "weights.npz"
    model.save_weights(path)
    return model, path


def assert_refused(model, path, message, error=ValueError):
    before, iterations = model.get_weights(), model.optimizer.iterations
    with pytest.raises(error, match=message):
        model.load_weights(path)
    assert model.optimizer.iterations == iterations
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_there_and_back(saved, rng):
    model, path = saved
    other = make(rng)
    arrays = other.trainable_weights
    other.load_weights(str(path))
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    x = rng.standard_normal((6, 4))
    np.testing.assert_array_equal(model.forward(x), other.forward(x))
    assert all(a is b for a, b in zip(arrays, other.trainable_weights, strict=True))


def test_the_file_can_be_read_by_anyone(saved):
    model, path = saved
    with np.load(path, allow_pickle=False) as file:
        assert set(file.files) == {
            "layers",
            "0_dense/kernel",
            "0_dense/bias",
            "1_shift/by",
            "1_shift/mean",
            "2_dense/kernel",
            "2_dense/bias",
        }
        assert file["layers"].tolist() == ["Dense", "Shift", "Dense"]
        np.testing.assert_array_equal(file["1_shift/mean"], model.layers[1].state["mean"])


def test_a_model_without_weights(rng, tmp_path):
    model = make(rng, [layers.Flatten()])
    model.save_weights(tmp_path / "none.npz")
    model.load_weights(tmp_path / "none.npz")


def test_the_path_must_be_npz(saved, tmp_path):
    model, _ = saved
    for method in (model.save_weights, model.load_weights):
        with pytest.raises(ValueError, match=r"end in \.npz\. Received: .*weights\.h5"):
            method(tmp_path / "weights.h5")


def test_missing(saved, tmp_path):
    assert_refused(saved[0], tmp_path / "other.npz", r"other\.npz", FileNotFoundError)


def test_a_directory(saved, tmp_path):
    (tmp_path / "dir.npz").mkdir()
    assert_refused(saved[0], tmp_path / "dir.npz", "whole .npz archive")


@pytest.mark.parametrize("content", [b"", b"not a file of weights", b"PK\x03\x04", b"\x80\x04N."])
def test_not_an_archive(content, saved):
    model, path = saved
    path.write_bytes(content)
    assert_refused(model, path, "whole .npz archive")


def test_truncated_anywhere(saved):
    model, path = saved
    content = path.read_bytes()
    for length in range(0, len(content), 97):
        path.write_bytes(content[:length])
        assert_refused(model, path, "whole .npz archive")
    path.write_bytes(content)
    model.load_weights(path)


def test_damaged_anywhere(saved, rng):
    """A byte that is changed is noticed, or does not matter."""
    model, path = saved
    content, weights = path.read_bytes(), model.get_weights()
    refused = 0
    for position in range(0, len(content), 7):
        damaged = bytearray(content)
        damaged[position] ^= int(rng.integers(1, 256))
        path.write_bytes(damaged)
        try:
            model.load_weights(path)
        except ValueError:
            refused += 1
        for a, b in zip(weights, model.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
    assert refused > 100


def test_a_single_array(saved):
    model, path = saved
    with open(path, "wb") as file:
        np.save(file, np.ones(3))
    assert_refused(model, path, "single array")


def test_an_archive_of_something_else(saved):
    model, path = saved
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert_refused(model, path, r"arrays only\. Received: readme\.txt")
    np.savez(path, x=np.ones(3))
    assert_refused(model, path, r"written by `save_weights`\. Received: entries x")


class Trap:
    """Unpickling it would make a directory."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_nothing_is_unpickled(saved, tmp_path):
    model, path = saved
    np.savez(path, layers=np.array([Trap(tmp_path / "sprung")], dtype=object))
    assert_refused(model, path, "Object arrays cannot be loaded")
    assert not (tmp_path / "sprung").exists()


def test_other_layers(saved, rng):
    _, path = saved
    fewer = make(rng, [layers.Dense(5), layers.Dense(3)])
    assert_refused(fewer, path, r"2 layers \(Dense, Dense\)\. Received: 3 layers \(Dense, Shift")
    other = make(rng, [layers.Dense(5), layers.PReLU(), layers.Dense(3)])
    assert_refused(other, path, r"\(Dense, PReLU, Dense\)\. Received: 3 layers \(Dense, Shift")


def test_other_weights(saved, rng):
    _, path = saved
    model = make(rng, [layers.Dense(5, use_bias=False), Shift(), layers.Dense(3)])
    assert_refused(
        model, path, "weights are 0_dense/kernel, 1_shift.*Received: 0_dense/kernel, 0_d"
    )


def test_other_shapes_in_the_last_layer(saved, rng):
    _, path = saved
    model = make(rng, [layers.Dense(5), Shift(), layers.Dense(2)])
    message = r"'kernel' of layer 'dense' has shape \(5, 2\)\. Received: shape=\(5, 3\) in .*npz"
    assert_refused(model, path, message)


def test_values_that_are_no_numbers(saved):
    model, path = saved
    with np.load(path) as file:
        arrays = dict(file)
    arrays["2_dense/bias"] = np.array(["a", "b", "c"])
    np.savez(path, **arrays)
    assert_refused(model, path, "dense/bias.*real numbers")


def test_an_interrupted_save_leaves_the_old_file(saved, rng, tmp_path, monkeypatch):
    _, path = saved
    content = path.read_bytes()

    def interrupted(file, **arrays):
        file.write(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make(rng).save_weights(path)
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["weights.npz"]


def test_save_replaces_and_leaves_nothing_else(saved, rng, tmp_path):
    _, path = saved
    model = make(rng)
    model.save_weights(path)
    other = make(rng)
    other.load_weights(path)
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])
    assert os.listdir(tmp_path) == ["weights.npz"]
    plain = tmp_path / "plain"
    plain.touch()
    assert path.stat().st_mode == plain.stat().st_mode


def test_float32_weights_into_a_float64_model(rng, tmp_path):
    model = Sequential([layers.Dense(3)])
    model.build((None, 4), rng, np.float32)
    model.save_weights(tmp_path / "w.npz")
    other = Sequential([layers.Dense(3)])
    other.build((None, 4), rng, np.float64)
    other.load_weights(tmp_path / "w.npz")
    assert other.get_weights()[0].dtype == np.float64
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])
