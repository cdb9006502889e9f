"""The result of a comparison: rows of differences, a table in notebooks and in terminals."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

import numpy as np

__all__ = ["CrosscheckError", "Report", "Row", "compare_arrays"]

RTOL, ATOL = 1e-10, 1e-12

_HEADINGS = (
    "Quantity",
    "Largest absolute difference",
    "Largest relative difference",
    "Tolerance",
    "Verdict",
)


class CrosscheckError(AssertionError):
    """Two computations that should agree do not; the message is the table."""


class Row(NamedTuple):
    """One compared quantity.

    `max_abs` is the largest :math:`|a-b|`. `max_rel` is the largest
    :math:`|a-b| / (|b| + \\mathrm{atol}/\\mathrm{rtol})`: relative to the reference b, and harmless
    where b is nearly zero. With it, ``ok`` is the same as ``max_rel <= rtol``, which is the same as
    :math:`|a-b| \\le \\mathrm{atol} + \\mathrm{rtol}\\,|b|` in every entry.
    """

    quantity: str
    max_abs: float
    max_rel: float
    rtol: float
    atol: float
    ok: bool

    @property
    def verdict(self):
        """The result in one word, ``"agrees"`` or ``"differs"``."""
        return "agrees" if self.ok else "differs"

    def cells(self):
        """Return the row's texts, one for each column of the table."""
        parts = [f"{t:.0e} {kind}" for t, kind in ((self.rtol, "rel"), (self.atol, "abs")) if t]
        return (
            self.quantity,
            f"{self.max_abs:.1e}",
            f"{self.max_rel:.1e}" if self.rtol else "-",  # nothing is judged by it then
            ", ".join(parts) or "exact",
            self.verdict,
        )


class Report:
    """A titled table of rows.

    Parameters
    ----------
    title : str
        What was compared with what.
    rows : iterable of Row
    note : str
        A sentence shown below the table, for instance why a tolerance is not the usual one.

    Raises
    ------
    ValueError
        If there is no row: a comparison of nothing would always agree.
    """

    def __init__(self, title, rows, note=""):
        self.title = title
        self.rows = tuple(rows)
        self.note = note
        if not self.rows:
            raise ValueError(f"A report needs at least one row. Received: none, title={title!r}")

    @property
    def ok(self):
        """True if every row agrees."""
        return all(row.ok for row in self.rows)

    @classmethod
    def join(cls, title, reports):
        """Return one report with the rows of several, each row named after its report's title.

        Parameters
        ----------
        title : str
        reports : iterable of Report

        Returns
        -------
        Report
        """
        reports = list(reports)
        rows = [
            row._replace(quantity=f"{report.title}: {row.quantity}")
            for report in reports
            for row in report.rows
        ]
        notes = dict.fromkeys(report.note for report in reports if report.note)
        return cls(title, rows, " ".join(notes))

    def require(self):
        """Return the report itself if every row agrees.

        Raises
        ------
        CrosscheckError
            If a row differs; the message holds the table.
        """
        if not self.ok:
            raise CrosscheckError(str(self))
        return self

    def with_title(self, title):
        return Report(title, self.rows, self.note)

    def __str__(self):
        lines = [_HEADINGS, *(row.cells() for row in self.rows)]
        widths = [max(len(line[i]) for line in lines) for i in range(len(_HEADINGS))]
        # Numbers line up at the right, words at the left.
        aligned = (
            "  ".join(
                text.rjust(width) if column in (1, 2) else text.ljust(width)
                for column, (text, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )
        return "\n".join([self._caption(), *aligned, *([self.note] if self.note else [])])

    def __repr__(self):
        return str(self)

    def _caption(self):
        differing = sum(not row.ok for row in self.rows)
        counted = f"{differing} of {len(self.rows)} differ" if differing else "all agree"
        return f"{self.title} - {counted}"

    def _repr_html_(self):
        head = "".join(f'<th scope="col">{heading}</th>' for heading in _HEADINGS)
        body = "".join(_html_row(row) for row in self.rows)
        note = f'<p class="gn-note">{escape(self.note)}</p>' if self.note else ""
        return (
            f'<table class="gn-report"><caption>{escape(self._caption())}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"
        )


def _html_row(row):
    quantity, *numbers, verdict = (escape(text) for text in row.cells())
    cells = "".join(f"<td>{text}</td>" for text in numbers)
    colour = "gn-ok" if row.ok else "gn-fail"
    return f'<tr><th scope="row">{quantity}</th>{cells}<td class="{colour}">{verdict}</td></tr>'


def compare_arrays(quantity, ours, theirs, rtol=RTOL, atol=ATOL):
    """Compare two arrays entry by entry.

    Parameters
    ----------
    quantity : str
        Name of the row.
    ours, theirs : array_like, same shape
        The second is the reference. NaN agrees with nothing, infinity only with itself.
    rtol, atol : float
        The entries agree if ``|ours - theirs| <= atol + rtol * |theirs|``.

    Returns
    -------
    Row
        Other shapes make a row that differs, infinitely, and names both shapes.
    """
    ours, theirs = (np.asarray(a, dtype=np.float64) for a in (ours, theirs))
    if ours.shape != theirs.shape:
        quantity = f"{quantity}: shape {ours.shape} against {theirs.shape}"
        return Row(quantity, np.inf, np.inf, rtol, atol, False)
    if not ours.size:
        return Row(f"{quantity}: empty", np.inf, np.inf, rtol, atol, False)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        difference = np.where(ours == theirs, 0.0, np.abs(ours - theirs))
        difference = np.where(np.isnan(difference), np.inf, difference)
        floor = atol / rtol if rtol else 0.0
        relative = np.where(difference == 0, 0.0, difference / (np.abs(theirs) + floor))
        relative = np.where(np.isnan(relative), np.inf, relative)  # an infinity against a number
        ok = np.all((difference <= atol + rtol * np.abs(theirs)) & (difference < np.inf))
    return Row(quantity, float(difference.max()), float(relative.max()), rtol, atol, bool(ok))
