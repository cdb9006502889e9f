"""Which exercises are done, kept in a file of your own and sent nowhere."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections import Counter
from pathlib import Path

from glassnet.exercises.report import Report
from glassnet.exercises.task import all_tasks

__all__ = ["file", "next_hint", "progress", "record"]

_DONE = {}  # what could not be written is remembered as long as the program runs
_HINTS = Counter()


def file():
    """Return the path of the file: of ``GLASSNET_PROGRESS``, or in the home folder."""
    given = os.environ.get("GLASSNET_PROGRESS")
    return Path(given) if given else Path.home() / ".glassnet" / "progress.json"


def progress():
    """Return how many exercises of each chapter are done.

    The file is ``.glassnet/progress.json`` in the home folder, or the one that the environment
    variable ``GLASSNET_PROGRESS`` names.

    Returns
    -------
    Report
    """
    done, known = _done(), all_tasks()
    totals = Counter(task.topic for task in known.values())
    solved = Counter(known[name].topic for name in done if name in known)
    lines = [f"{topic}: {solved[topic]} of {total}" for topic, total in totals.items()]
    head = f"{solved.total()} of {len(known)} exercises done"
    return Report("progress", None, "\n".join([head, *lines]))


def record(name):
    """Remember that exercise `name` is done; a file that cannot be written is no error."""
    done = _done()
    if done.get(name):
        return
    _DONE[name] = True
    path = file()
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(done | _DONE, indent=1, sort_keys=True), encoding="utf-8")
        os.replace(draft, path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()


def next_hint(name, count):
    """Return the number, from 0, of the hint to be shown now."""
    number = _HINTS[name] % count
    _HINTS[name] += 1
    return number


def _done():
    """Return what the file says; a damaged one is put aside, not overwritten."""
    path = file()
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, PermissionError, IsADirectoryError):
        return dict(_DONE)
    except (ValueError, OSError):
        stored = None
    if not isinstance(stored, dict):
        _put_aside(path)
        return dict(_DONE)
    return {key: True for key, value in stored.items() if value is True} | _DONE


def _put_aside(path):
    with contextlib.suppress(OSError):
        os.replace(path, path.with_suffix(".damaged"))
