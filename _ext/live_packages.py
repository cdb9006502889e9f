"""Which packages and data files a page's cells ask for, also through glassnet: from the sources."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path

from live_marks import Cell, names_of

# the package of a module, where that is not its own name
PACKAGE_OF = {"sklearn": "scikit-learn", "mpl_toolkits": "matplotlib", "PIL": "pillow"}
ALWAYS = "numpy"
GLASSNET = "glassnet"
SCENES = "glassnet.explore.traces"
FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)*\.\w+")
FOLDER = re.compile(r"[\w-]+")

Place = tuple[str, str]  # a module and a name in it


def imported(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the packages that import statements among the nodes ask for."""
    modules = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules.add((node.module or "").partition(".")[0])
    return {PACKAGE_OF.get(module, module) for module in modules}


def bindings(body: list[ast.stmt], here: list[str]) -> dict[str, Place]:
    """Return what the names stand for that a module, or a cell, imports from glassnet."""
    found = {}
    for node in body:
        if not isinstance(node, ast.ImportFrom):
            continue
        origin = here[: len(here) - node.level + 1] if node.level else []
        module = ".".join([*origin, *filter(None, [node.module])])
        if module.partition(".")[0] == GLASSNET:
            found |= {alias.asname or alias.name: (module, alias.name) for alias in node.names}
    return found


def places(node: ast.stmt, used: set[str], imports: dict[str, Place]) -> set[Place]:
    """Return what a statement, which uses some names, uses of glassnet.

    A module's contents are attributes, ``data.load_digits``; a scene is a text, ``"gibbs"``.
    """
    found = {imports[name] for name in used & imports.keys()}
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            if part.value.id in imports:
                found.add((".".join(imports[part.value.id]), part.attr))
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            found.add((f"{SCENES}.{part.value}", f"{part.value}_trace"))
    return found


class _Module:
    """What a module of glassnet defines, what its names stand for, and what it imports at once."""

    def __init__(self, name: str, text: str, is_package: bool) -> None:
        self.name, self.cell = name, Cell(text)
        body = self.cell.body
        self.defined = {n.name: n for n in body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        here = name.split(".")
        self.imports = bindings(body, here if is_package else here[:-1])
        self.at_once = imported(body)

    def uses(self, name: str) -> set[Place]:
        """Return what a function or class of the module uses of glassnet."""
        node = self.defined[name]
        used, _ = names_of(node, self.cell.text_of(node))
        own = {(self.name, other) for other in used & self.defined.keys() - {name}}
        return own | places(node, used, self.imports)


class Glassnet:
    """The sources of glassnet, to find out what a name of theirs imports when it is used.

    Parameters
    ----------
    package : path
        The folder of glassnet.
    available : set of str
        The packages that can be had.
    """

    def __init__(self, package: Path, available: set[str]) -> None:
        self.available = available
        self.modules: dict[str, _Module] = {}
        self.known: dict[Place, set[str]] = {}
        for path in sorted(package.rglob("*.py")):
            parts = path.relative_to(package.parent).with_suffix("").parts
            is_package = parts[-1] == "__init__"
            name = ".".join(parts[:-1] if is_package else parts)
            self.modules[name] = _Module(name, path.read_text(encoding="utf-8"), is_package)

    def at_import(self, place: Place) -> set[str]:
        """Return the packages that ``from module import name`` needs at once."""
        names = (place[0], ".".join(place))
        found = [self.modules[name].at_once for name in names if name in self.modules]
        return set().union(*found) & self.available

    def packages(self, place: Place) -> set[str]:
        """Return the packages that a name needs when it is used, through other names too."""
        if place not in self.known:
            self.known[place] = set()  # what refers to itself adds nothing
            module, name = self.modules.get(place[0]), place[1]
            if module and name in module.defined:
                found = imported(ast.walk(module.defined[name])) & self.available
                found |= module.at_once & self.available
                self.known[place] = found.union(*map(self.packages, module.uses(name)))
            elif module and name in module.imports:
                self.known[place] = self.packages(module.imports[name])
        return self.known[place]


def packages_of(sources: list[str], glassnet: Glassnet) -> list[list[str]]:
    """Return for every cell of a page which packages of the browser it needs."""
    imports: dict[str, Place] = {}
    found = []
    for source in sources:
        cell, needs = Cell(source), {ALWAYS}
        new = bindings(cell.body, [])
        imports |= new
        needs |= set().union(*map(glassnet.at_import, new.values()))
        for statement in cell.body:
            needs |= imported(ast.walk(statement)) & glassnet.available
            used, _ = names_of(statement, cell.text_of(statement))
            if not isinstance(statement, ast.Import | ast.ImportFrom):
                used_places = places(statement, used, imports)
                needs |= set().union(*map(glassnet.packages, used_places))
        found.append(sorted(needs))
    return found


def files_of(sources: list[str], folder: Path, root: Path) -> list[Path]:
    """Return the files of the repository whose names stand in a page's cells.

    They are looked for in the page's folder, in the root, and in the folders named by the cells.
    """
    texts = set()
    for source in sources:
        for node in ast.walk(ast.Module(Cell(source).body, [])):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
    words = sorted(text for text in texts if FOLDER.fullmatch(text))
    folders = [folder, root, *(root / word for word in words if (root / word).is_dir())]
    named = {text for text in texts if len(text) < 100 and FILE.fullmatch(text)}
    found = {place / name for place in folders for name in named if (place / name).is_file()}
    return sorted(path for path in found if path.resolve().is_relative_to(root.resolve()))
