"""Data are what the docstrings say, and no network is asked."""

from __future__ import annotations

import hashlib
import http.server
import importlib.util
import io
import socket
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from glassnet import data
from glassnet.data import mnist

GENERATORS = {
    "moons": data.make_moons,
    "rings": data.make_rings,
    "blobs": data.make_blobs,
    "xor": data.make_xor,
    "spirals": data.make_spirals,
    "line": data.make_regression_line,
}
TABLES = {
    "iris": (data.load_iris, (150, 4), 3),
    "wine": (data.load_wine, (178, 13), 3),
    "breast_cancer": (data.load_breast_cancer, (569, 30), 2),
    "diabetes": (data.load_diabetes, (442, 10), None),
}


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty Keras home; returns where the MNIST file belongs."""
    monkeypatch.delenv("GLASSNET_MNIST", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    return tmp_path / "datasets" / "mnist.npz"


@pytest.fixture
def tiny_mnist(monkeypatch, rng):
    """The bytes of a small file in MNIST's form, whose checksum is taken for the right one."""
    arrays = {
        "x_train": rng.integers(0, 256, (5, 28, 28), dtype=np.uint8),
        "y_train": np.arange(5, dtype=np.uint8),
        "x_test": np.full((3, 28, 28), 255, dtype=np.uint8),
        "y_test": np.array([9, 8, 7], dtype=np.uint8),
    }
    file = io.BytesIO()
    np.savez(file, **arrays)
    content = file.getvalue()
    monkeypatch.setattr(mnist, "MNIST_SHA256", hashlib.sha256(content).hexdigest())
    return content, arrays


@pytest.fixture
def serve(monkeypatch):
    """Call with bytes: a server on this machine's loopback stands in for the official address."""
    servers = []

    def start(content, status=200):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        address = f"http://127.0.0.1:{server.server_port}/mnist.npz"
        monkeypatch.setattr(mnist, "MNIST_URL", address)
        monkeypatch.setenv("no_proxy", "127.0.0.1")

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


# --- importing ------------------------------------------------------------------------------------


def test_import_loads_neither_sklearn_nor_the_network_modules():
    script = (
        "import sys, glassnet.data; "
        "print([m for m in ('sklearn', 'scipy', 'tensorflow', 'keras', 'matplotlib', "
        "'urllib.request') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_missing_sklearn_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ImportError, match="scikit-learn, which is not installed"):
        data.load_iris()


# --- bundled data ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_tables(name, dtype, no_network):
    load, shape, classes = TABLES[name]
    table = load(dtype=dtype)
    assert table.x.shape == shape
    assert table.x.dtype == dtype
    assert np.all(np.isfinite(table.x))
    assert table.y.shape == shape[:1]
    assert len(table.feature_names) == shape[1]
    assert all(isinstance(s, str) and s for s in (*table.feature_names, *table.target_names))
    assert table.description
    assert table.source
    if classes is None:
        assert table.y.dtype == dtype
        assert (table.y.min(), table.y.max()) == (25, 346)
        assert table.x[:, 0].max() > 50  # ages in years, not scaled
    else:
        assert table.y.dtype == np.int64
        assert np.array_equal(np.unique(table.y), np.arange(classes))
        assert len(table.target_names) == classes


def test_known_rows():
    iris = data.load_iris()
    assert iris.x[0].tolist() == [5.1, 3.5, 1.4, 0.2]
    assert iris.target_names == ("setosa", "versicolor", "virginica")
    cancer = data.load_breast_cancer()
    assert np.count_nonzero(cancer.y == 1) == 357
    assert cancer.target_names == ("malignant", "benign")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_digits(dtype, no_network):
    (x_train, y_train), (x_test, y_test) = data.load_digits(dtype)
    assert x_train.shape == (1438, 8, 8)
    assert x_test.shape == (359, 8, 8)
    assert x_train.dtype == x_test.dtype == dtype
    assert y_train.dtype == y_test.dtype == np.int64
    images = np.concatenate([x_train, x_test])
    assert (images.min(), images.max()) == (0, 1)
    assert np.array_equal(images * 16, np.round(images * 16))
    share = np.bincount(y_test) / np.bincount(np.concatenate([y_train, y_test]))
    assert share.shape == (10,)
    assert np.all(np.abs(share - 0.2) < 1 / 174)  # the rarest digit occurs 174 times


def test_digits_are_whole_and_divided_the_same_every_time():
    from sklearn import datasets

    (x_train, y_train), (x_test, y_test) = data.load_digits()
    again = data.load_digits()
    assert np.array_equal(x_train, again[0][0])
    assert np.array_equal(y_test, again[1][1])
    bunch = datasets.load_digits()
    ours = np.c_[np.concatenate([x_train, x_test]).reshape(-1, 64) * 16, np.r_[y_train, y_test]]
    theirs = np.c_[bunch.data, bunch.target]  # image and label still belong together
    assert sorted(map(tuple, ours)) == sorted(map(tuple, theirs))


@pytest.mark.parametrize("name", ["china", "flower"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_photographs(name, dtype, no_network):
    photograph = data.load_photograph(name, dtype)
    assert photograph.shape == (427, 640, 3)
    assert photograph.dtype == dtype
    assert photograph.min() >= 0
    assert 0.9 < photograph.max() <= 1


def test_unknown_photograph():
    with pytest.raises(ValueError, match="Received: name='mandrill'"):
        data.load_photograph("mandrill")


# --- MNIST ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_variable", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_mnist_is_read_from_the_cache_or_the_variable(
    by_variable, dtype, cache, tiny_mnist, tmp_path, monkeypatch, no_network
):
    content, arrays = tiny_mnist
    path = tmp_path / "elsewhere.npz" if by_variable else cache
    if by_variable:
        monkeypatch.setenv("GLASSNET_MNIST", str(path))
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    (x_train, y_train), (x_test, y_test) = data.load_mnist(dtype=dtype)
    assert x_train.dtype == dtype
    assert np.array_equal(np.round(x_train * 255), arrays["x_train"])
    assert np.all(x_test == 1)
    assert y_train.dtype == np.int64
    assert y_train.tolist() == [0, 1, 2, 3, 4]
    assert y_test.tolist() == [9, 8, 7]
    train, test, name = data.load_digit_images()
    assert name == "mnist"
    assert np.array_equal(train[1], y_train)
    assert test[0].shape == (3, 28, 28)


def test_missing_mnist_is_not_fetched_unasked(cache, no_network):
    with pytest.raises(data.DataUnavailable, match="download=True"):
        data.load_mnist()
    assert issubclass(data.DataUnavailable, FileNotFoundError)
    train, test, name = data.load_digit_images()
    assert name == "digits"
    assert train[0].shape == (1438, 8, 8)
    assert test[0].shape == (359, 8, 8)


def test_a_damaged_file_is_refused_and_kept(cache, tiny_mnist, no_network):
    content, _ = tiny_mnist
    damaged = content[:-1] + bytes([content[-1] ^ 1])
    cache.parent.mkdir()
    cache.write_bytes(damaged)
    for download in (False, True):
        with pytest.raises(data.DataUnavailable, match="sha256"):
            data.load_mnist(download=download)
    assert cache.read_bytes() == damaged
    with pytest.warns(UserWarning, match="Using the 8 x 8 digits"):
        *_, name = data.load_digit_images()
    assert name == "digits"


def test_digits_can_be_preferred(cache, tiny_mnist, no_network):
    cache.parent.mkdir()
    cache.write_bytes(tiny_mnist[0])
    train, _, name = data.load_digit_images(prefer="digits", dtype=np.float64)
    assert name == "digits"
    assert train[0].dtype == np.float64
    with pytest.raises(ValueError, match="prefer"):
        data.load_digit_images(prefer="cifar")


def test_download_when_asked(cache, tiny_mnist, serve):
    content, _ = tiny_mnist
    serve(content)
    (_, y_train), _ = data.load_mnist(download=True)
    assert y_train.tolist() == [0, 1, 2, 3, 4]
    assert cache.read_bytes() == content
    assert [p.name for p in cache.parent.iterdir()] == ["mnist.npz"]


@pytest.mark.parametrize("fault", ["other bytes", "not found", "nobody there"])
def test_a_failed_download_leaves_nothing_behind(fault, cache, tiny_mnist, serve, monkeypatch):
    if fault == "nobody there":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        monkeypatch.setattr(mnist, "MNIST_URL", f"http://127.0.0.1:{port}/mnist.npz")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
    else:
        serve(tiny_mnist[0] + b"!", status=404 if fault == "not found" else 200)
    with pytest.raises(data.DataUnavailable, match=r"127\.0\.0\.1"):
        data.load_mnist(download=True)
    assert list(cache.parent.iterdir()) == []


def test_checksum_is_the_one_keras_uses():
    keras = importlib.util.find_spec("keras")  # found, not imported: that takes seconds
    if keras is None:
        pytest.skip("Keras is not installed")
    source = Path(keras.origin).parent / "src" / "datasets" / "mnist.py"
    text = source.read_text(encoding="utf-8")
    assert mnist.MNIST_SHA256 in text
    assert mnist.MNIST_URL.rpartition("/")[0] in text


# --- generated data -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_generators_shape_dtype_and_seed(name, dtype, no_network):
    make = GENERATORS[name]
    x, y = make(31, 0.1, np.random.default_rng(1), dtype=dtype)
    assert len(x) == len(y) == 31
    assert x.dtype == dtype
    assert np.all(np.isfinite(x))
    if name == "line":
        assert x.shape == y.shape == (31, 1)
        assert y.dtype == dtype
    else:
        assert x.shape == (31, 2)
        assert y.shape == (31,)
        assert y.dtype == np.int64
        assert np.ptp(np.bincount(y)) <= (3 if name == "xor" else 1)
    again, _ = make(31, 0.1, np.random.default_rng(1), dtype=dtype)
    other, _ = make(31, 0.1, np.random.default_rng(2), dtype=dtype)
    assert np.array_equal(x, again)
    assert not np.array_equal(x, other)


@pytest.mark.parametrize("name", GENERATORS)
def test_generators_refuse_bad_arguments(name, rng):
    make = GENERATORS[name]
    with pytest.raises(ValueError, match=r"`n` must be a positive integer\. Received: n=0"):
        make(0, 0.1, rng)
    with pytest.raises(ValueError, match="`noise` must lie in"):
        make(5, -0.1, rng)
    with pytest.raises(ValueError, match="`rng` must be a numpy"):
        make(5, 0.1, 42)


def test_noise_has_the_deviation_asked_for(rng):
    clean, _ = data.make_blobs(40_000, 0.0, rng)
    noisy, _ = data.make_blobs(40_000, 0.3, rng)
    assert np.isclose((noisy - clean).std(), 0.3, rtol=0.02)
    assert abs((noisy - clean).mean()) < 0.01


def test_moons_lie_on_their_half_circles(rng):
    x, y = data.make_moons(500, 0, rng)
    upper, lower = x[y == 0], x[y == 1]
    assert np.allclose(np.linalg.norm(upper, axis=1), 1)
    assert np.allclose(np.linalg.norm(lower - [1, 0.5], axis=1), 1)
    assert upper[:, 1].min() >= 0
    assert lower[:, 1].max() <= 0.5


def test_rings_have_their_radii(rng):
    radii = np.array([0.5, 2, 3])
    x, y = data.make_rings(300, 0, rng, radii=radii)
    assert np.allclose(np.linalg.norm(x, axis=1), radii[y])
    assert np.all(np.abs(x.mean(axis=0)) < 0.5)  # all the way round
    with pytest.raises(ValueError, match="radii"):
        data.make_rings(5, 0, rng, radii=(1.0, 0.0))


def test_blobs_sit_at_their_centres(rng):
    x, y = data.make_blobs(8, 0, rng, centres=8)
    assert np.allclose(np.linalg.norm(x, axis=1), 1)
    assert np.allclose(x[0], [1, 0])
    assert np.array_equal(y, np.arange(8))
    centres = [[1, 2, 3], [4, 5, 6]]
    x, y = data.make_blobs(5, 0, rng, centres=centres)
    assert np.array_equal(x, np.array(centres)[y])
    for bad in (0, [1.0, 2.0], np.zeros((0, 2))):
        with pytest.raises(ValueError, match="centres"):
            data.make_blobs(5, 0, rng, centres=bad)


def test_xor_is_the_truth_table(rng):
    x, y = data.make_xor(4, 0, rng)
    assert x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert y.tolist() == [0, 1, 1, 0]


def test_spirals_wind(rng):
    x, y = data.make_spirals(600, 0, rng, arms=3, turns=2)
    radius = np.linalg.norm(x, axis=1)
    assert 0.1 <= radius.min() < radius.max() <= 1
    angle = 2 * np.pi * (2 * (radius - 0.1) / 0.9 + y / 3)
    assert np.allclose(x, radius[:, None] * np.c_[np.cos(angle), np.sin(angle)])
    for bad in ({"arms": 0}, {"turns": 0}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            data.make_spirals(5, 0, rng, **bad)


def test_line_and_outliers(rng):
    x, y = data.make_regression_line(50, 0, rng, slope=-3, intercept=0.5, outliers=7)
    away = y - (0.5 - 3 * x)
    assert np.count_nonzero(np.isclose(away, 5)) == 7
    assert np.count_nonzero(np.isclose(away, 0)) == 43
    for bad in (-1, 51, 2.5):
        with pytest.raises(ValueError, match="outliers"):
            data.make_regression_line(50, 0, rng, outliers=bad)


@pytest.mark.parametrize("condition", [1.0, 100.0])
def test_ravine_has_the_condition_asked_for(condition, rng):
    x, y = data.make_ravine(20, condition, rng)
    values, vectors = np.linalg.eigh(x.T @ x / 20)
    assert np.allclose(values, [1, condition])
    assert np.allclose(x @ np.ones((2, 1)), y)
    if condition > 1:
        assert np.isclose(np.abs(vectors[0, 1]), np.cos(np.pi / 6))
    assert data.make_ravine(20, condition, rng, dtype=np.float32)[0].dtype == np.float32
    for n, bad in ((1, 2.0), (5, 0.5), (5, np.inf)):
        with pytest.raises(ValueError, match="must"):
            data.make_ravine(n, bad, rng)


# --- preparation ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("test_size", "expected"), [(0.25, 10), (7, 7), (0.01, None), (40, None)])
def test_split_sizes(test_size, expected, rng):
    x = np.arange(80.0).reshape(40, 2)
    y = np.arange(40)
    if expected is None:
        with pytest.raises(ValueError, match="test_size"):
            data.train_test_split(x, y, test_size, rng)
        return
    (x_train, y_train), (x_test, y_test) = data.train_test_split(x, y, test_size, rng)
    assert len(x_test) == expected
    assert sorted([*y_train, *y_test]) == list(range(40))  # nothing lost, nothing in both
    assert np.array_equal(x[y_train], x_train)
    assert np.array_equal(x[y_test], x_test)
    assert not np.array_equal(y_train, np.sort(y_train))
    assert not np.array_equal(y_test, np.sort(y_test))


def test_stratified_split_keeps_proportions(rng):
    y = np.repeat([3, 5, 9], [61, 30, 9])
    x = rng.standard_normal((100, 4)).astype(np.float32)
    (x_train, y_train), (x_test, y_test) = data.train_test_split(x, y, 0.33, rng, stratify=True)
    assert len(y_test) == 33
    assert x_train.dtype == x_test.dtype == np.float32
    for label, count in ((3, 61), (5, 30), (9, 9)):
        assert abs(np.count_nonzero(y_test == label) - count * 0.33) < 1
        total = np.count_nonzero(y_train == label) + np.count_nonzero(y_test == label)
        assert total == count


def test_split_refuses(rng):
    with pytest.raises(ValueError, match=r"Received: x \(3, 2\), y \(4,\)"):
        data.train_test_split(np.zeros((3, 2)), np.zeros(4), 0.5, rng)
    with pytest.raises(ValueError, match="Received: 2 once"):
        data.train_test_split(np.zeros(5), np.array([1, 1, 1, 1, 2]), 2, rng, stratify=True)
    with pytest.raises(ValueError, match="to stratify"):
        data.train_test_split(np.zeros(4), np.zeros((4, 2)), 2, rng, stratify=True)
    for bad in (1.0, 0.0, "half", True):
        with pytest.raises(ValueError, match="test_size"):
            data.train_test_split(np.zeros(4), np.zeros(4), bad, rng)
    with pytest.raises(ValueError, match="rng"):
        data.train_test_split(np.zeros(4), np.zeros(4), 2, None)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_standardise(dtype, rng):
    train = (rng.standard_normal((200, 3)) * [1, 1000, 0.01] + [5, -7, 0.1]).astype(dtype)
    train[:, 2] = 0.1  # constant: its mean is not exactly 0.1
    test = rng.standard_normal((50, 3)).astype(dtype)
    before = train.copy()
    a, b = data.standardise(train, test)
    assert a.dtype == b.dtype == dtype
    tolerance = 1e-6 if dtype == np.float32 else 1e-12
    assert np.allclose(a[:, :2].mean(axis=0), 0, atol=tolerance)
    assert np.allclose(a[:, :2].std(axis=0), 1, atol=tolerance)
    assert np.all(a[:, 2] == 0)
    expected = (test[:, :2] - train[:, :2].mean(axis=0)) / train[:, :2].std(axis=0)
    assert np.allclose(b[:, :2], expected, rtol=1e-4)  # with the training part's numbers
    assert np.array_equal(train, before)
    assert np.array_equal(data.standardise(train), a)  # one in, one out


def test_standardise_refuses(rng):
    good = rng.standard_normal((4, 2))
    for bad in (np.zeros((0, 2)), np.array([[1.0, np.nan]]), np.array([[np.inf]])):
        with pytest.raises(ValueError, match="finite"):
            data.standardise(bad)
    with pytest.raises(ValueError, match=r"Received: shape=\(4, 1\)"):
        data.standardise(good, good[:, :1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_hot(dtype):
    y = np.array([[2, 0], [1, 2]])
    encoded = data.one_hot(y, 3, dtype)
    assert encoded.dtype == dtype
    assert encoded.shape == (2, 2, 3)
    assert np.array_equal(encoded.argmax(axis=-1), y)
    assert np.all(encoded.sum(axis=-1) == 1)
    assert data.one_hot([1], 2).dtype == np.float32
    for bad in ([3], [-1], [0.5]):
        with pytest.raises(ValueError, match="labels"):
            data.one_hot(bad, 3)
    with pytest.raises(ValueError, match="classes"):
        data.one_hot([0], 0)


def test_batches_bring_every_example_once(rng):
    x = np.arange(22, dtype=np.float32).reshape(11, 2)
    y = np.arange(11)
    drawn = list(data.batches(x, y, 4, rng))
    assert [len(b) for b, _ in drawn] == [4, 4, 3]
    order = np.concatenate([b for _, b in drawn])
    assert sorted(order) == list(range(11))
    assert not np.array_equal(order, y)
    assert np.array_equal(np.concatenate([b for b, _ in drawn]), x[order])
    assert drawn[0][0].dtype == np.float32
    second = np.concatenate([b for _, b in data.batches(x, y, 4, rng)])
    assert not np.array_equal(order, second)  # another order in the next epoch
    kept = np.concatenate([b for _, b in data.batches(x, y, 4)])
    assert np.array_equal(kept, y)


def test_batches_refuse_at_the_call(rng):
    with pytest.raises(ValueError, match="batch_size"):
        data.batches(np.zeros(3), np.zeros(3), 0, rng)
    with pytest.raises(ValueError, match="same number"):
        data.batches(np.zeros(3), np.zeros(2), 1, rng)
    with pytest.raises(ValueError, match="rng"):
        data.batches(np.zeros(3), np.zeros(3), 1, 5)


def test_all_names_exist():
    assert sorted(data.__all__) == list(dict.fromkeys(sorted(data.__all__)))
    assert all(hasattr(data, name) for name in data.__all__)
