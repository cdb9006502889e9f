"""What live cells need: TensorFlow, processes, packages, files; found in sources alone."""

from __future__ import annotations

import pytest
from live_marks import marks
from live_packages import Glassnet, files_of, packages_of

TENSORFLOW, PROCESSES = ["tensorflow"], ["processes"]
IMPORTS = "import numpy as np\nimport keras"


def needs(*sources):
    """Return what each cell needs after one that imports Keras beside NumPy."""
    return [mark.needs for mark in marks([IMPORTS, *sources])][1:]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("twin = keras.Sequential()", TENSORFLOW),
        ("x = np.zeros(3)", []),
        ("os.environ['KERAS_BACKEND'] = 'tensorflow'", []),
        ("print('keras')", []),  # a text is no use
        ("x.keras = 1", []),  # nor an attribute of that name
        ("def f(keras):\n    return keras + 1", []),  # nor a parameter
        ("def f(x):\n    return keras.ops.relu(x)", TENSORFLOW),
        ("[keras.ops.relu(v) for v in x]", TENSORFLOW),
        ("class Twin(keras.layers.Layer):\n    pass", TENSORFLOW),
        ("def f():\n    import tensorflow as tf\n    return tf", TENSORFLOW),
        ("from tensorflow.keras import layers\nlayers.Dense(3)", TENSORFLOW),
        ("import importlib, keras as k\nk.ops.relu(1)", TENSORFLOW),
        ("crosscheck.layer(layers.Dense(3), (2, 4)).require()", []),
        ("crosscheck.keras_twin(layers.Dense(3))", TENSORFLOW),
        ("with crosscheck.float64():\n    pass", TENSORFLOW),
        ("from glassnet.crosscheck import catalogue\ncatalogue.run_all()", TENSORFLOW),
        ("x = np.float64(1)", []),
        ("from glassnet.crosscheck import load_keras\nload_keras()", TENSORFLOW),
        ("compare(f, 'keras.activations.relu', x).require()", []),
        ("import subprocess\nsubprocess.run(['ls'])", PROCESSES),
        ("from psutil import Process\nProcess()", PROCESSES),
        ("keras.config.set_floatx('float64')", []),  # a setting of what is not there
        ("if keras:\n    keras.config.set_floatx('float64')", TENSORFLOW),
        ("this is no Python", []),
    ],
)
def test_a_cells_needs(source, expected):
    assert needs(source) == [expected]


def test_needs_pass_on_through_names():
    cells = [
        "twin = keras.Sequential()",
        "y = twin(x)",
        "print(y)",
        "z = np.zeros(2)",
        "print(z)",
        "def use():\n    return y",
        "use()",
    ]
    assert needs(*cells) == [TENSORFLOW] * 3 + [[], []] + [TENSORFLOW] * 2


def test_a_name_that_is_bound_anew_needs_nothing():
    cells = ["model = keras.Sequential()", "model = make()", "model.fit(x)"]
    assert needs(*cells) == [TENSORFLOW, [], []]
    assert needs("model = keras.Sequential()", "model += 1", "model") == [TENSORFLOW] * 3


def test_what_is_put_into_a_name_makes_it_need_the_same():
    cells = ["rows = []", "rows.append(keras.ops.relu(1))", "print(rows)"]
    assert needs(*cells) == [[], TENSORFLOW, TENSORFLOW]
    cells = ["found = {}", "found['keras'] = keras.ops.relu(1)", "print(found)", "print(other)"]
    assert needs(*cells) == [[], TENSORFLOW, TENSORFLOW, []]


def test_both_needs_are_named():
    cells = ["import subprocess", "subprocess.run([str(keras)])"]
    assert needs(*cells) == [[], ["processes", "tensorflow"]]


def test_an_import_is_left_out_and_lines_keep_their_numbers():
    source = (
        "import os\nimport keras, sys\n\nimport numpy as np\nkeras.utils.set_random_seed(0)\nx = 1"
    )
    mark = marks([source])[0]
    assert mark.needs == []
    assert mark.browser == "import os\n\n\nimport numpy as np\n\nx = 1"


def test_the_rest_of_a_cell_can_run():
    source = "x = np.ones(3)\n@keras.saving.register\ndef f(\n    x):\n    return x\ny = x\nf(y)"
    mark = marks([IMPORTS, source])[1]
    assert mark.needs == TENSORFLOW
    assert mark.browser == "x = np.ones(3)\n\n\n\n\ny = x\n"


@pytest.mark.parametrize("source", ["import keras", "import keras\nimport tensorflow as tf"])
def test_nothing_is_left_of_some_cells(source):
    assert marks([source])[0] == ([], None)


def test_a_cell_that_needs_nothing_is_whole():
    assert marks(["x = 1"])[0] == ([], None)


@pytest.fixture(scope="module")
def glassnet(root):
    available = {"numpy", "matplotlib", "scipy", "scikit-learn", "gymnasium"}
    return Glassnet(root / "src/glassnet", available)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1", []),
        ("from scipy import stats", ["scipy"]),
        ("from glassnet import data, layers", []),
        ("from glassnet import data\ndata.load_digits()", ["scikit-learn"]),
        ("from glassnet.data import load_iris as load\nload()", ["scikit-learn"]),
        ("from glassnet import data\ndata.load_digit_images()", ["scikit-learn"]),
        ("from glassnet import data\ndata.make_moons(10)", []),
        ("from glassnet.plots import use_style", ["matplotlib"]),
        ("from glassnet import plots", ["matplotlib"]),
        ("from glassnet import rl\nrl.GymnasiumEnvironment('CartPole-v1')", ["gymnasium"]),
        ("from glassnet import rl\nrl.CartPole()", []),
        ("from glassnet.explore import make_trace\nmake_trace('gibbs')", ["scikit-learn"]),
        ("from glassnet.explore import make_trace\nmake_trace('mlp')", []),
        ("def f():\n    import sklearn.linear_model", ["scikit-learn"]),
        ("import tensorflow, psutil", []),  # not to be had
        ("no Python", []),
    ],
)
def test_packages_of_a_cell(glassnet, source, expected):
    assert packages_of([source], glassnet) == [sorted(["numpy", *expected])]


def test_imports_of_earlier_cells_count(glassnet):
    cells = ["from glassnet import data", "data.load_wine()", "data.standardise(x)"]
    assert packages_of(cells, glassnet) == [["numpy"], ["numpy", "scikit-learn"], ["numpy"]]


def test_files_that_cells_read(tmp_path):
    for name in ("chapters/a/text.txt", "chapters/b/text.txt", "benchmarks/r.json", "_toc.yml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
    (tmp_path.parent / "outside.txt").write_text("", encoding="utf-8")

    def found(source):
        paths = files_of([source], tmp_path / "chapters/a", tmp_path)
        return [path.relative_to(tmp_path).as_posix() for path in paths]

    assert found("open('text.txt')") == ["chapters/a/text.txt"]
    assert found("(p / 'benchmarks' / 'r.json', p / '_toc.yml')") == [
        "_toc.yml",
        "benchmarks/r.json",
    ]
    assert found("open('../../../outside.txt'), open('missing.txt'), 'r.json'") == []
