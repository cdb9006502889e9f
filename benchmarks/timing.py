"""Time versions of the same work in turn, and notice when something else disturbs a round."""

from __future__ import annotations

import os
from statistics import median
from time import perf_counter, process_time

import psutil

#: A round counts as disturbed if other processes used more than this share of one core in it.
DISTURBANCE = 0.10


def interleave(versions, *, rounds=7, seconds=0.25, attempts=60, cpu_time=False):
    """Time each version once a round, in rotating order, until `rounds` quiet rounds are done.

    Interleaving puts slow drifts (clock, temperature, neighbours) into all versions alike, so that
    their ratio within a round means something even if the times themselves do not.

    Parameters
    ----------
    versions : dict of str to callable
        Each call does one unit of the same work.
    rounds : int
        Undisturbed rounds wanted.
    seconds : float
        Each version is repeated within a round for about this long.
    attempts : int
        Rounds tried at most, disturbed ones included.
    cpu_time : bool
        Measure the time that the processor works for this process, all threads added, instead of
        the time that passes; no round counts as disturbed then. On a busy machine this is a rough
        guide, since neighbours still take a share of the caches.

    Returns
    -------
    times : dict of str to list of float
        Seconds for one call, one entry a quiet round.
    disturbed : int
        Rounds thrown away.

    Raises
    ------
    RuntimeError
        If the machine is not quiet for long enough.
    """
    repeats = {}
    for name, work in versions.items():
        work()  # first call: compile, allocate
        start = perf_counter()
        work()
        repeats[name] = max(1, round(seconds / max(perf_counter() - start, 1e-6)))
    times = {name: [] for name in versions}
    order, disturbed = list(versions), 0
    for _ in range(attempts):
        if len(times[order[0]]) == rounds:
            return times, disturbed
        found, foreign = _round(
            versions, order, repeats, process_time if cpu_time else perf_counter
        )
        if foreign > DISTURBANCE and not cpu_time:
            disturbed += 1
        else:
            for name, value in found.items():
                times[name].append(value)
        order = order[1:] + order[:1]
    raise RuntimeError(
        f"The machine is not quiet: {disturbed} of {attempts} rounds were disturbed by other "
        f"processes, {rounds} quiet ones are needed."
    )


def _round(versions, order, repeats, clock):
    """Time every version once; also return the cores' share that other processes used."""
    busy, own, start = _busy_seconds(), _own_seconds(), perf_counter()
    found = {}
    for name in order:
        begin = clock()
        for _ in range(repeats[name]):
            versions[name]()
        found[name] = (clock() - begin) / repeats[name]
    elapsed = perf_counter() - start
    foreign = (_busy_seconds() - busy) - (_own_seconds() - own)
    return found, foreign / elapsed


def _busy_seconds():
    """CPU seconds that all processes on the machine have used so far."""
    times = psutil.cpu_times()
    return sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0)


def _own_seconds():
    """CPU seconds that this process has used so far, all threads."""
    times = os.times()
    return times.user + times.system


def summarise(times, ours, theirs):
    """Median, lowest and highest ratio of two versions, round by round."""
    ratios = [a / b for a, b in zip(times[ours], times[theirs], strict=True)]
    return {"median": median(ratios), "low": min(ratios), "high": max(ratios)}
