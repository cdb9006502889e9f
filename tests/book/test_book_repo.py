"""The files round the book: locks, Binder, CI, the Makefile's check of Python."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement


def pins(path):
    """Return {name: versions} of a lock file."""
    found: dict[str, set] = {}
    for name, version in re.findall(r"^([\w.-]+)==([\w.]+)", path.read_text("utf-8"), re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def hashes(path):
    """Return {(requirement, hash)} of a lock file: what is taken for it, and nothing else."""
    parts = re.split(r"\n(?=[A-Za-z])", path.read_text("utf-8"))
    return {
        (re.match(r"[\w.-]+==[\w.]+", part)[0], digest)
        for part in parts
        for digest in re.findall(r"--hash=(\w+:\w+)", part)
    }


def tracked(root):
    """Return the files that belong to the repository (everything but what git ignores)."""
    if shutil.which("git") is None or not (root / ".git").exists():
        pytest.skip("needs git and a clone")
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    return [root / name for name in listing.stdout.splitlines() if (root / name).is_file()]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-labs.txt"])
def test_locks_pin_and_hash_everything_and_name_no_host(root, name):
    text = (root / name).read_text(encoding="utf-8")
    requirements = re.split(r"\n(?=[A-Za-z])", re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE))
    requirements = [part for part in requirements if part.strip()]
    assert len(requirements) > 40
    for requirement in requirements:
        assert re.match(r"\s*[\w.\[\]-]+==", requirement), requirement[:60]
        assert "--hash=sha256:" in requirement, requirement[:60]
    assert not re.search(r"https?:|file:|index-url|find-links", text)


def test_labs_lock_is_part_of_the_whole_lock_and_smaller(root):
    whole, labs = pins(root / "requirements.txt"), pins(root / "requirements-labs.txt")
    assert labs.items() <= whole.items()
    assert hashes(root / "requirements-labs.txt") <= hashes(root / "requirements.txt")
    assert len(labs) < len(whole) / 2
    assert not {"jupyter-book", "sphinx", "ruff", "playwright", "pytest"} & labs.keys()
    assert {"numpy", "keras", "matplotlib", "scikit-learn", "jupytext"} <= labs.keys()


def test_locks_hold_what_their_inputs_ask_for(root):
    whole = pins(root / "requirements.txt")
    for source in ("requirements.in", "requirements-labs.in"):
        for line in (root / source).read_text(encoding="utf-8").splitlines():
            match = re.match(r"([\w.-]+)==([\w.]+?)(\.\*)?(?:\s|$)", line)
            if not match:
                continue
            name, version, rest = match.groups()
            assert name in whole, f"{source}: run `make lock`"
            for pinned in whole[name]:
                fits = pinned.startswith(version + ".") if rest else pinned == version
                assert fits, f"{source}: {line}, locked {pinned}; run `make lock`"


def test_npm_lock_names_no_host_and_fits_package_json(root):
    text = (root / "package-lock.json").read_text(encoding="utf-8")
    lock = json.loads(text)
    assert "resolved" not in text
    assert "://" not in text
    wanted = json.loads((root / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert lock["packages"][""]["dependencies"] == wanted
    for name, package in lock["packages"].items():
        assert not name or package["integrity"].startswith("sha512-")


def test_no_machine_path_and_no_registry_host_is_named(root):
    hosts = ["pypi." + "org", "pythonhosted." + "org", "registry." + "npmjs", "deb." + "debian"]
    paths = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/[\w.]")
    wrong = []
    for path in tracked(root):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        name = path.relative_to(root).as_posix()
        wrong += [f"{name}: {host}" for host in hosts if host in text]
        wrong += [f"{name}: {match.group()}" for match in paths.finditer(text)]
    assert wrong == []


def test_ci_and_workflows_run_the_readmes_command(root):
    script = root / ".ci/run"
    assert script.read_text(encoding="utf-8").rstrip().endswith("make test")
    subprocess.run(["bash", "-n", script], check=True)
    workflows = sorted((root / ".github/workflows").glob("*.yml"))
    assert workflows
    for workflow in workflows:
        jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
        runs = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
        assert [run.split("#")[0].strip() for run in runs] == ["bash .ci/run"]


def fake_python(folder, version):
    """Write a python3 of that version that knows just enough for the check."""
    path = folder / "python3"
    path.write_text(
        "#!/bin/sh\n"
        f'[ "$1" = --version ] && {{ echo "Python {version}"; exit 0; }}\n'
        f'exec {sys.executable} -c "import sys; sys.version_info = ({version.replace(".", ", ")}, '
        '\'final\', 0); exec(sys.argv[1])" "$2"\n',
        encoding="utf-8",
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.mark.parametrize(
    ("version", "fits"), [("3.10.9", False), ("3.14.0", False), ("3.12.1", True)]
)
def test_pythons_that_do_not_fit_are_refused_with_a_clear_message(root, tmp_path, version, fits):
    fake_python(tmp_path, version)
    environment = {"PATH": str(tmp_path)}
    command = ["/bin/sh", str(root / "tools/find_python.sh")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if fits:
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == "python3"
    else:
        assert done.returncode == 1
        assert "needs Python 3.11, 3.12 or 3.13" in done.stderr
        assert f"found: Python {version}" in done.stderr


def test_no_python_at_all_is_explained(root, tmp_path):
    done = subprocess.run(
        ["/bin/sh", str(root / "tools/find_python.sh")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "found: no python3" in done.stderr


def test_a_named_python_is_taken(root):
    done = subprocess.run(
        ["/bin/sh", str(root / "tools/find_python.sh")],
        env={"PATH": "/nowhere", "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == sys.executable


@pytest.fixture
def clone(root, tmp_path):
    """What Binder needs of the repository, in a folder of its own."""
    target = tmp_path / "clone"
    target.mkdir()
    for name in ("environment.yml", "postBuild", "requirements-labs.txt", "pyproject.toml"):
        shutil.copy2(root / name, target)
    for name in ("README.md", "LICENSE"):
        shutil.copy2(root / name, target)
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(root / "src", target / "src", ignore=ignore)
    return target


def test_repo2docker_understands_the_repository(clone):
    """Without --no-build it would need a container engine; this prints the image's recipe."""
    done = subprocess.run(
        [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."],
        cwd=clone,
        capture_output=True,
        text=True,
        check=False,
    )
    recipe = done.stdout + done.stderr
    assert done.returncode == 0, recipe[-2000:]
    copied = recipe.index("COPY --chown=0:0 src/ ${REPO_DIR}/")
    update = recipe.index('--file "environment.yml"')
    built = recipe.index("RUN ./postBuild")
    assert copied < update < built  # the lock must be there before it is installed


def test_environment_is_python_and_the_labs_lock(root):
    environment = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    *packages, pip = environment["dependencies"]
    assert packages == ["python=3.11", "pip"]
    assert pip == {"pip": ["-r requirements-labs.txt"]}
    assert os.access(root / "postBuild", os.X_OK)


def link_installed(names, venv):
    """Put installed packages into an environment of its own, by links and with its own scripts."""
    (target,) = venv.glob("lib/python*/site-packages")
    for name in names:
        files = importlib.metadata.distribution(name).files
        # a folder that is a package is one link; others hold parts of several distributions
        tops = {file.parts[0]: file.locate().parents[len(file.parts) - 2] for file in files}
        packages = {top for top, folder in tops.items() if (folder / "__init__.py").is_file()}
        for top in packages:
            (target / top).symlink_to(tops[top])
        for file in files:
            if file.parts[0] in packages:
                continue
            link, installed = Path(os.path.normpath(target / file)), Path(file.locate())
            link.parent.mkdir(parents=True, exist_ok=True)
            if link.parent == venv / "bin" and installed.read_bytes().startswith(b"#!"):
                _, _, script = installed.read_bytes().partition(b"\n")
                link.write_bytes(b"#!%s\n%s" % (bytes(venv / "bin/python"), script))
                link.chmod(0o755)
            elif installed.is_file() and not link.exists():  # licences are listed twice
                link.symlink_to(installed.resolve())


@pytest.fixture
def binder(clone, tmp_path):
    """A function that runs a command in an environment that holds what Binder installs, no more.

    `make` has installed requirements.txt with hashes, of which Binder's lock is a part, so nothing
    has to be fetched again. Binder's pip comes with its Python.
    """
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    environment = {**os.environ, "HOME": str(tmp_path)}
    environment["PATH"] = f"{venv / 'bin'}:{os.environ['PATH']}"
    for name in ("PYTHONPATH", "JUPYTER_CONFIG_DIR", "VIRTUAL_ENV"):
        environment.pop(name, None)

    def run(*command):
        return subprocess.run(
            command, cwd=clone, env=environment, capture_output=True, text=True, check=False
        )

    run.venv = venv
    return run


def chosen(path):
    """Return {name: version} of what a lock file installs on this platform."""
    lines = re.findall(r"^[\w.-]+==[^\\\n]+", path.read_text("utf-8"), re.MULTILINE)
    found = [Requirement(line) for line in lines]
    return {
        each.name: each.specifier for each in found if not each.marker or each.marker.evaluate()
    }


def test_binders_packages_are_complete_and_enough_for_the_labs(clone, binder, tmp_path):
    versions = chosen(clone / "requirements-labs.txt")
    for name, version in versions.items():
        assert importlib.metadata.version(name) in version, "run `make`"
    link_installed([*versions, "pip"], binder.venv)
    done = binder("python", "-m", "pip", "check")
    assert done.returncode == 0, done.stdout
    done = binder("./postBuild")
    assert done.returncode == 0, done.stderr[-2000:]
    probe = (
        "import glassnet, jupytext, keras, matplotlib, pathlib, sklearn\n"
        "assert 'clone' in pathlib.Path(glassnet.__file__).parts\n"
        "print(keras.layers.Dense(3)(keras.ops.ones((2, 4))).shape)"
    )
    done = binder("python", "-c", probe)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == "(2, 3)"
    overrides = tmp_path / ".jupyter/labconfig/default_setting_overrides.json"
    assert "Jupytext Notebook" in overrides.read_text(encoding="utf-8")


def test_what_is_missing_or_does_not_fit_is_noticed(binder):
    link_installed(["h5py", "keras", "numpy", "pip"], binder.venv)
    (about,) = binder.venv.rglob("numpy-*.dist-info/METADATA")
    text = re.sub(r"(?m)^Version: .*", "Version: 1.0", about.read_text("utf-8"), count=1)
    about.unlink()  # a link
    about.write_text(text, encoding="utf-8")
    complaints = binder("python", "-m", "pip", "check").stdout
    assert re.search(r"keras \S+ requires optree, which is not installed", complaints)
    assert re.search(r"h5py \S+ has requirement numpy\S+, but you have numpy 1\.0", complaints)


def test_the_readmes_figures_are_those_measured(root):
    """Every row of the benchmarks that has a target stands in the README as it was measured."""
    results = (root / "benchmarks/results.md").read_text(encoding="utf-8").splitlines()
    verdicts = ("met", "stretch", "missed")
    judged = [line for line in results if line.rstrip("| ").split("|")[-1].strip() in verdicts]
    readme = (root / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(judged) >= 12
    assert [line for line in judged if line not in readme] == []
