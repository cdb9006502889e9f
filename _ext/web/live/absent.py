"""TensorFlow and Keras where they cannot be: importing them is no error, using them is one."""

from __future__ import annotations

import ast

__all__ = ["HELPER", "Absent", "replaced"]

HELPER = "__absent__"  # under this name cells find `Absent`
_MODULES = {"keras", "tensorflow", "tf_keras"}


class Absent:
    """What an import binds instead of a module that a browser does not have.

    Parameters
    ----------
    name : str
        Of the module, or of something in it.
    """

    def __init__(self, name):
        self._name = name

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(f"{self._name} is not there: it needs TensorFlow")
        return Absent(f"{self._name}.{name}")

    def __call__(self, *_arguments, **_options):
        if self._name.rpartition(".")[2].startswith("set_"):
            return  # a setting, such as keras.utils.set_random_seed(0), has nothing to set
        self._refuse()

    def __mro_entries__(self, _bases):
        self._refuse()

    def __repr__(self):
        return f"<{self._name}: not in a browser>"

    def _refuse(self):
        raise ImportError(
            f"{self._name} needs TensorFlow, which does not run in a browser. "
            "Run this cell in a notebook, locally or on Binder."
        )


def replaced(tree):
    """Return a module's tree whose own imports of TensorFlow and Keras bind stand-ins.

    Imports inside of something else are left: ``try`` and functions know what they do.
    """
    body = [new for statement in tree.body for new in _replaced(statement)]
    return ast.Module(body=body, type_ignores=tree.type_ignores)


def _replaced(statement):
    if isinstance(statement, ast.ImportFrom):
        if statement.level or (statement.module or "").partition(".")[0] not in _MODULES:
            return [statement]
        return [
            _binding(alias.asname or alias.name, f"{statement.module}.{alias.name}", statement)
            for alias in statement.names
        ]
    if not isinstance(statement, ast.Import):
        return [statement]
    there, new = [], []
    for alias in statement.names:
        root = alias.name.partition(".")[0]
        if root in _MODULES:
            new.append(
                _binding(alias.asname or root, alias.name if alias.asname else root, statement)
            )
        else:
            there.append(alias)
    if there:
        new.append(ast.copy_location(ast.Import(names=there), statement))
    return new


def _binding(name, module, statement):
    """Return ``name = Absent("module")`` in the place of an import."""
    (new,) = ast.parse(f"{name} = {HELPER}({module!r})").body
    for node in ast.walk(new):
        ast.copy_location(node, statement)
    return new
