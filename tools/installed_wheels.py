"""Wheels of installed packages that are pure Python, for pages whose imports Pyodide has not.

Their files come from requirements.txt's own hashed lock, so nothing more is fetched. One package is
our own: gymnasium imports parts of multiprocessing that need a module which a browser has not.
"""

from __future__ import annotations

import hashlib
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import NamedTuple

EPOCH = (1980, 1, 1, 0, 0, 0)  # the same content is the same file
OF_THE_INSTALLATION = {"INSTALLER", "REQUESTED", "RECORD", "direct_url.json"}


NO_PROCESSES = '''"""Stands in for what starts processes, so that importing it is no error."""


class SemLock:
    """No lock can be shared with another process."""

    SEM_VALUE_MAX = 0

    def __init__(self, *arguments, **options):
        raise OSError("a browser starts no processes")


def sem_unlink(name):
    """Remove a lock; there is none."""
'''


class Extra(NamedTuple):
    """A package for Pyodide's lock: an installed one, or one whose files are given."""

    name: str
    imports: tuple[str, ...]
    depends: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()


EXTRAS = (
    Extra("no-processes", ("_multiprocessing",), files=(("_multiprocessing.py", NO_PROCESSES),)),
    Extra("cloudpickle", ("cloudpickle",)),
    Extra("farama-notifications", ("farama_notifications",)),
    Extra(
        "gymnasium",
        ("gymnasium",),
        ("numpy", "cloudpickle", "farama-notifications", "no-processes", "typing-extensions"),
    ),
    Extra("typing-extensions", ("typing_extensions",)),
)


def files_of(package: Distribution) -> dict[str, Path]:
    """Return the files of a package by their paths in a wheel, without programs and byte-code."""
    found = {}
    for file in package.files or ():
        junk = ".." in file.parts or "__pycache__" in file.parts
        if not junk and not (
            file.parent.suffix == ".dist-info" and file.name in OF_THE_INSTALLATION
        ):
            found[file.as_posix()] = Path(package.locate_file(file))
    return dict(sorted(found.items()))


def write_archive(files: dict[str, bytes], target: Path) -> None:
    """Write a zip file whose bytes depend on the files alone."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.external_attr = 0o644 << 16
            archive.writestr(info, data, zipfile.ZIP_DEFLATED, 9)


def contents(extra: Extra) -> tuple[str, dict[str, bytes]]:
    """Return the version of a package and its files."""
    if not extra.files:
        package = distribution(extra.name)
        files = {name: path.read_bytes() for name, path in files_of(package).items()}
        compiled = [name for name in files if name.endswith((".so", ".pyd", ".dylib"))]
        if compiled or not files:
            raise ValueError(f"{extra.name} is no package of pure Python: {compiled[:3]}")
        return package.version, files
    files = {name: text.encode() for name, text in extra.files}
    information = f"{extra.name.replace('-', '_')}-1.dist-info"
    files[f"{information}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {extra.name}\nVersion: 1\n".encode()
    )
    files[f"{information}/WHEEL"] = (
        b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    return "1", files


def write_wheel(extra: Extra, folder: Path) -> dict:
    """Write the wheel of a package; return its entry for Pyodide's lock."""
    version, files = contents(extra)
    target = folder / f"{extra.name.replace('-', '_')}-{version}-py3-none-any.whl"
    write_archive(files, target)
    return {
        "name": extra.name,
        "version": version,
        "file_name": target.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": list(extra.imports),
        "depends": list(extra.depends),
        "unvendored_tests": False,
    }
