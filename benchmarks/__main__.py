"""Time NumPy against Keras, interleaved in one process.

A whole quiet run writes ``benchmarks/results.json`` and ``results.md``, which the book shows. A run
of some cases only, or one that is not disturbed by noise because it counts processor time, writes
to ``_build/benchmarks/`` instead.

The number of threads is fixed before NumPy and TensorFlow load, so each setting runs in a process
of its own. So is oneDNN, a library that TensorFlow may use: without it TensorFlow gives the same
numbers in every run, as everywhere in this project, and the targets are held against that. A
process more for each setting measures TensorFlow with it.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

from .targets import WORK

COMMITTED = Path(__file__).parent
PROVISIONAL = Path("_build/benchmarks")
THREADS = [1, 2]
ROUNDS = 7
ONEDNN = "Keras tf.function with oneDNN"


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--cases", nargs="+", choices=WORK, default=list(WORK))
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="quiet rounds (at least 7)")
    parser.add_argument("--threads", type=int, nargs="+", default=THREADS)
    parser.add_argument(
        "--allow-noise",
        action="store_true",
        help="for trying out on a busy machine: processor time, nothing repeated",
    )
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)  # case, threads, oneDNN
    options = parser.parse_args()
    if options.worker:
        print(json.dumps(measure(*options.worker, options.rounds, options.allow_noise)))
        return
    results = []
    for case in options.cases:
        for threads in options.threads:
            print(f"{case}, {threads} thread(s) ...", file=sys.stderr, flush=True)
            for onednn in (0, 1):
                how = options.rounds, options.allow_noise
                results.append(_in_process(case, threads, onednn, *how))
    _write(results, options)


def _write(results, options):
    from .report import machine, markdown, rows_of

    clock = "processor time" if options.allow_noise else "time that passed"
    rounds = f"{clock}, median of {options.rounds} rounds"
    report = {"machine": machine(), "clock": rounds, "rows": rows_of(results), "results": results}
    text = markdown(report)
    whole = options.cases == list(WORK) and options.threads == THREADS and options.rounds >= ROUNDS
    target = COMMITTED if whole and not options.allow_noise else PROVISIONAL
    target.mkdir(parents=True, exist_ok=True)
    (target / "results.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    (target / "results.md").write_text(text, encoding="utf-8")
    print(text)


def _in_process(case, threads, onednn, rounds, allow_noise):
    limits = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = os.environ | {name: str(threads) for name in limits}
    environment |= {"TF_ENABLE_ONEDNN_OPTS": str(onednn)}
    environment |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-m", "benchmarks", "--rounds", str(rounds)]
    command += ["--allow-noise"] * allow_noise
    command += ["--worker", case, str(threads), str(onednn)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def measure(case, threads, onednn, rounds, allow_noise=False):
    """Time one case in this process and return a dict of plain values."""
    import tensorflow as tf

    from .timing import interleave, summarise

    tf.config.threading.set_intra_op_parallelism_threads(int(threads))
    tf.config.threading.set_inter_op_parallelism_threads(1)
    versions, pairs = importlib.import_module(f"benchmarks.{case}").versions()
    if int(onednn):  # only TensorFlow differs
        versions = {"NumPy": versions["NumPy"], ONEDNN: versions["Keras tf.function"]}
        pairs = [("NumPy", ONEDNN)]
    times, disturbed = interleave(versions, rounds=rounds, cpu_time=allow_noise)
    for name, work in versions.items():  # a version may do several steps in one call, or a part
        times[name] = [value / getattr(work, "calls", 1) for value in times[name]]
    return {
        "case": case,
        "threads": int(threads),
        "rounds": rounds,
        "disturbed": disturbed,
        "milliseconds": {name: 1e3 * sorted(t)[len(t) // 2] for name, t in times.items()},
        "ratios": {b: summarise(times, a, b) for a, b in pairs},
    }


if __name__ == "__main__":
    main()
