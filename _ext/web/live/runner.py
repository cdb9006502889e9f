"""Runs the cells of one page, one after the other, in one namespace; lives in the browser's worker.

``Interpreter.run`` executes a source and tells the page, by ``emit(kind, fields)``, what comes of
it: text as it is printed, the value of a last expression, figures, warnings, and errors with a
traceback of the reader's own code.
"""

from __future__ import annotations

import ast
import builtins
import linecache
import sys
import time
import tokenize
import types
import warnings
from io import StringIO

from . import absent, faults, figures, stand_ins
from .shown import bundle_of

__all__ = ["Interpreter"]

MOST = 200_000  # characters of text that one run may print; a page with more is of no use
AT_ONCE = 100  # lines that are sent as they come; after these, some twenty times a second
PAUSE = 0.05


class Stream:
    """What ``print`` writes to: lines go out as they come, many of them in bundles.

    Parameters
    ----------
    send : callable
        Takes the text.
    """

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, send):
        self.send = send
        self.start()

    def start(self):
        """Begin a new cell: its text and its lines are counted afresh."""
        self.parts, self.length, self.lines, self.last = [], 0, 0, 0.0

    def write(self, text):
        """Take a text, and send what there is if a line ends here."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self.length <= MOST:
            kept = text[: max(MOST - self.length, 0)]
            cut = "" if len(kept) == len(text) else "\n... the rest is not shown\n"
            self.parts.append(kept + cut)
        self.length += len(text)
        if "\n" in text or "\r" in text:
            self.lines += 1
            now = time.perf_counter()
            if self.lines <= AT_ONCE or now - self.last > PAUSE:
                self.last = now
                self.flush()
        return len(text)

    def flush(self):
        """Send what has been kept back."""
        text = "".join(self.parts)
        self.parts = []
        if text:
            self.send(text)

    def writelines(self, lines):
        """Write several texts."""
        for line in lines:
            self.write(line)

    def isatty(self):
        """Return that nobody sits at a terminal."""
        return False

    def writable(self):
        """Return that it can be written to."""
        return True

    def readable(self):
        """Return that nothing can be read."""
        return False


class Interpreter:
    """The state of a page: its namespace, and where its output goes.

    Parameters
    ----------
    emit : callable
        Takes the kind of an output and a dict of what belongs to it.
    """

    def __init__(self, emit):
        self.emit = emit
        self.out = Stream(lambda text: emit("stdout", {"text": text}))
        self.err = Stream(lambda text: emit("stderr", {"text": text}))
        sys.stdout, sys.stderr = self.out, self.err
        main = types.ModuleType("__main__")
        sys.modules["__main__"] = main
        self.names = main.__dict__
        self.names |= {"display": self.display, absent.HELPER: absent.Absent}
        builtins.input = _no_input
        warnings.showwarning = self.warn
        figures.install(self.put)
        stand_ins.install(self.display, lambda: self.put("clear", {}))

    def put(self, kind, fields):
        """Send an output after the text that was printed before it."""
        self.out.flush()
        self.err.flush()
        self.emit(kind, fields)

    def run(self, number, source):
        """Run the source of a cell.

        Parameters
        ----------
        number : int
            Of the cell, for tracebacks.
        source : str

        Returns
        -------
        dict
            With `ok`, the `seconds` it took and, where an import failed, the `missing` module.
        """
        name = f"cell {number}"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        self.names.pop("__warningregistry__", None)  # a second run warns again
        self.out.start()
        self.err.start()
        start, missing, ok = time.perf_counter(), None, True
        try:
            self._execute(source, name)
            figures.flush()
        except BaseException as error:  # exit() too ends the cell, not the page
            ok, missing = False, _missing(error)
            self.put("error", {"name": type(error).__name__, "text": faults.trimmed(error)})
            figures.close()
        seconds = time.perf_counter() - start
        self.out.flush()
        self.err.flush()
        return {"ok": ok, "seconds": seconds, "missing": missing}

    def _execute(self, source, name):
        tree = absent.replaced(ast.parse(source, name))
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr) and not _ends_in_semicolon(source):
            last = ast.Expression(tree.body.pop().value)
        exec(compile(tree, name, "exec", dont_inherit=True), self.names)
        if last is None:
            return
        value = eval(compile(last, name, "eval", dont_inherit=True), self.names)
        if value is not None:
            self.names["_"] = value
            self.display(value)

    def display(self, *values, **_options):
        """Show values as a notebook would: as figure, HTML or text."""
        for value in values:
            own = getattr(value, "_ipython_display_", None)
            if callable(own) and not isinstance(value, type):
                own()
            elif not figures.show(value):
                kind, fields = bundle_of(value)
                self.put(kind, fields)

    def warn(self, message, category, filename, lineno, file=None, line=None):
        """Send a warning, which is neither an error nor what a cell prints."""
        place = faults.place(filename)
        self.put("warning", {"text": f"{category.__name__}: {message} ({place}, line {lineno})"})


def _ends_in_semicolon(source):
    """Return whether the reader asks, as in a notebook, not to see the last value."""
    idle = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER}
    tokens = tokenize.generate_tokens(StringIO(source).readline)
    words = [token.string for token in tokens if token.type not in idle]
    return bool(words) and words[-1] == ";"


def _missing(error):
    """Return the top-level module that an import did not find, or None."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        return error.name.partition(".")[0]
    return None


def _no_input(_prompt=""):
    raise RuntimeError("input() cannot ask anything on this page: write the value into the cell.")
