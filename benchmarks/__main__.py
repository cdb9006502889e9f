"""Run the benchmarks and write ``_build/benchmarks/results.json`` and ``results.md``.

The number of threads is fixed before NumPy and TensorFlow load, so each setting runs in a process
of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

CASES = ("mlp",)
OUTPUT = Path("_build/benchmarks")


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="quiet rounds (at least 7)")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--worker", nargs=2, metavar=("CASE", "THREADS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        print(json.dumps(measure(*options.worker, options.rounds)))
        return
    results = []
    for case in CASES:
        for threads in options.threads:
            print(f"{case}, {threads} thread(s) ...", file=sys.stderr, flush=True)
            results.append(_in_process(case, threads, options.rounds))
    OUTPUT.mkdir(parents=True, exist_ok=True)
    text = table(results)
    (OUTPUT / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    (OUTPUT / "results.md").write_text(text)
    print(text)


def _in_process(case, threads, rounds):
    limits = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = os.environ | {name: str(threads) for name in limits}
    environment |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-m", "benchmarks", "--rounds", str(rounds)]
    command += ["--worker", case, str(threads)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def measure(case, threads, rounds):
    """Time one case in this process and return a dict of plain values."""
    import importlib

    import keras
    import numpy
    import tensorflow as tf

    from .timing import interleave, summarise

    tf.config.threading.set_intra_op_parallelism_threads(int(threads))
    tf.config.threading.set_inter_op_parallelism_threads(1)
    versions, pairs = importlib.import_module(f"benchmarks.{case}").versions()
    times, disturbed = interleave(versions, rounds=rounds)
    for name, work in versions.items():  # a version may do several steps in one call
        times[name] = [value / getattr(work, "calls", 1) for value in times[name]]
    return {
        "case": case,
        "threads": int(threads),
        "rounds": rounds,
        "disturbed": disturbed,
        "milliseconds": {name: 1e3 * sorted(t)[len(t) // 2] for name, t in times.items()},
        "ratios": {f"{a} / {b}": summarise(times, a, b) for a, b in pairs},
        "versions": {"numpy": numpy.__version__, "keras": keras.__version__},
        "tensorflow": tf.__version__,
        "machine": platform.machine(),
    }


def table(results):
    """Return the results as a Markdown table: ratio of times, median with lowest and highest."""
    lines = ["| work | threads | compared with | ratio (median) | lowest to highest | ms NumPy |"]
    lines += ["| --- | --- | --- | --- | --- | --- |"]
    for result in results:
        for pair, ratio in result["ratios"].items():
            lines.append(
                f"| {result['case']} | {result['threads']} | {pair.split(' / ')[1]} "
                f"| {ratio['median']:.3f} | {ratio['low']:.3f} to {ratio['high']:.3f} "
                f"| {result['milliseconds']['NumPy']:.3f} |"
            )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
