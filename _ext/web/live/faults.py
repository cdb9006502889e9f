"""Tracebacks for readers: the lines of their cells, and of a package the one where it happened."""

from __future__ import annotations

import re
import traceback

__all__ = ["place", "trimmed"]

_OURS = re.compile(r"/gn_live/|/_pyodide/|/pyodide/_|<frozen (?!runpy)")
_PACKAGE = re.compile(r".*/(?:site-packages|python3\.\d+|python3\d+\.zip)/")


def place(filename):
    """Return the name of a file as a reader knows it: without folders that are not a package's."""
    return _PACKAGE.sub("", filename)


def trimmed(error):
    """Return the traceback of an error as text.

    Parameters
    ----------
    error : BaseException

    Returns
    -------
    str
        Frames of the reader's cells; of each way through packages the last frame; none of ours.
    """
    report = traceback.TracebackException.from_exception(error, compact=True)
    for one in _every(report, set()):
        own = (getattr(one, "filename", None) or "").startswith("cell ")  # a cell that is no Python
        one.stack[:] = [] if own else _kept(one.stack)
    lines = list(report.format())
    if not report.stack and lines[0].startswith("Traceback"):
        del lines[0]  # nothing led there
    return "".join(lines).rstrip("\n")


def _every(report, seen):
    """Yield the report of an error, and of those that led to it."""
    if report is None or id(report) in seen:
        return
    seen.add(id(report))
    yield report
    for other in (report.__cause__, report.__context__, *(report.exceptions or ())):
        yield from _every(other, seen)


def _kept(stack):
    """Return the frames from the reader's first one on, with one for each way through packages."""
    cells = [i for i, frame in enumerate(stack) if frame.filename.startswith("cell ")]
    frames = stack[cells[0] :] if cells else stack
    kept = []
    for frame in frames:
        if _OURS.search(frame.filename):
            continue
        package = not frame.filename.startswith("cell ")
        frame.line  # read while the name is still that of the file  # noqa: B018
        frame.filename = place(frame.filename)
        if package and kept and kept[-1][0]:
            kept.pop()
        kept.append((package, frame))
    return [frame for _, frame in kept]
