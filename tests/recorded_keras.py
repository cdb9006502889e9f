"""Keras' side of a comparison, computed once however often ours is put to the test.

The appendix compares everything with Keras when the notebooks are run, and there
`glassnet.crosscheck.recording` keeps what Keras computed. Tests that run the same comparisons
again, with a fault in our side or to see what is called, take Keras' side from there, provided that
the package is the same to the byte; what is not there, Keras computes once in a process.
"""

from __future__ import annotations

import contextlib
import functools
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from unittest import mock

from glassnet.crosscheck import comparisons, recording, runs, training
from glassnet.crosscheck.storage import SUFFIX, Record, load
from tools.execute_pages import cache_folder

ROOT = Path(__file__).resolve().parent.parent
PAGES = "keras-values/chapters/appendix/crosscheck*"
USERS = comparisons, runs, training


def recorded(root: Path = ROOT) -> list[Record]:
    """Return what the pages of the appendix have recorded with this state of the package."""
    folders = sorted(cache_folder(root).glob(PAGES))
    return [
        record for f in folders for file in sorted(f.glob(f"*{SUFFIX}")) for record in load(file)
    ]


class Memory:
    """Stands for `recording.keras_values`: looks values up, and keeps what it had to compute.

    While `keeps` is False it only looks up, since what runs may be faulty.
    """

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.records: dict[str, list[Record]] = defaultdict(list)
        self.keeps = True
        self.found = self.computed = 0
        for record in records:
            if record.values is not None:
                self.records[_key(record)].append(record)

    def keras_values(self, kind, about, inputs, compute, recordable=True):
        """Return values and a note, see `recording.keras_values`."""
        asked = Record(kind, recording._texts(about), recording._fingerprints(inputs), "", "", None)
        same = self.records[_key(asked)] if recordable else []
        for record in same:
            if not any(recording._differences(record, asked.about, asked.prints)):
                self.found += 1
                return record.values, record.note
        values, note = recording.keras_values(kind, about, inputs, compute, recordable)
        self.computed += 1
        if self.keeps:
            same.append(asked._replace(note=note, values=values))
        return values, note


def _key(record: Record) -> str:
    """Words and shapes, also of the cotangent: it has the shape of our output, right or wrong."""
    shapes = {name: [p and list(p[0]) for p in prints] for name, prints in record.prints.items()}
    return json.dumps([record.kind, record.about, shapes], sort_keys=True)


@functools.cache
def _memory() -> Memory:
    return Memory(recorded())


@contextlib.contextmanager
def keras_once(memory: Memory | None = None, faulty: bool = False) -> Iterator[Memory]:
    """Let comparisons within the block take Keras' values from the memory of this process."""
    memory = memory or _memory()
    memory.keeps = not faulty
    with contextlib.ExitStack() as stack:
        for module in USERS:
            stack.enter_context(mock.patch.object(module, "keras_values", memory.keras_values))
        yield memory
