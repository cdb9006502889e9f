"""The results as JSON and as Markdown."""

from __future__ import annotations

import datetime
import os
import platform
from pathlib import Path

from .targets import TARGETS, WORK, verdict

COLUMNS = (
    "work",
    "threads",
    "compared with",
    "ratio",
    "lowest to highest",
    "ms NumPy",
    "target",
    "stretch",
    "verdict",
)


def rows_of(results):
    """Return one dict for each ratio, with the target it is held against.

    Parameters
    ----------
    results : list of dict
        From `measure`.

    Returns
    -------
    list of dict
        Keys: work, threads, reference, median, low, high, milliseconds, target, stretch, verdict.
    """
    rows = []
    for result in results:
        case = result["case"]
        for reference, ratio in result["ratios"].items():
            aim = TARGETS.get((case, reference))
            rows.append(
                {
                    "work": WORK[case],
                    "threads": result["threads"],
                    "reference": reference,
                    **ratio,
                    "milliseconds": result["milliseconds"]["NumPy"],
                    "target": aim and aim.target,
                    "stretch": aim and aim.stretch,
                    "verdict": verdict(case, reference, ratio["median"]),
                }
            )
    return rows


def machine():
    """Return where and when the results were measured, and with which versions."""
    import keras
    import numpy
    import tensorflow

    return {
        "date": datetime.date.today().isoformat(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "blas": numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"],
        "keras": keras.__version__,
        "tensorflow": tensorflow.__version__,
    }


def markdown(report):
    """Return the report as Markdown: where it was measured, the table, what was missed.

    Parameters
    ----------
    report : dict
        Keys: machine, clock, rows.
    """
    about = report["machine"]
    lines = [
        f"Measured on {about['date']}: {about['processor']}, {about['cores']} cores, "
        f"{about['system']}, Python {about['python']}, NumPy {about['numpy']} ({about['blas']}), "
        f"Keras {about['keras']}, TensorFlow {about['tensorflow']}; {report['clock']}.",
        "",
        "| " + " | ".join(COLUMNS) + " |",
        "| --- " * len(COLUMNS) + "|",
    ]
    for row in report["rows"]:
        aims = (f"{row[key]:.2f}" if row[key] else "" for key in ("target", "stretch"))
        lines.append(
            f"| {row['work']} | {row['threads']} | {row['reference']} | {row['median']:.3g} "
            f"| {row['low']:.3g} to {row['high']:.3g} | {row['milliseconds']:.3g} "
            f"| {' | '.join(aims)} | {row['verdict']} |"
        )
    missed = [row for row in report["rows"] if row["verdict"] == "missed"]
    lines += ["", "Targets missed: " + (", ".join(map(_named, missed)) or "none") + "."]
    return "\n".join(lines) + "\n"


def _named(row):
    return f"{row['work']} against {row['reference']} on {row['threads']} thread(s)"


def _processor():
    """Name of the processor, as far as the system tells."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
