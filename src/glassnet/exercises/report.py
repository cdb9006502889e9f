"""What a check says, for the terminal and for the page."""

from __future__ import annotations

import html

__all__ = ["Report"]

_VERDICTS = {True: "Right", False: "Not yet", None: ""}


class Report:
    """The answer of `check`, `hint`, `stub` or `solution`.

    Attributes
    ----------
    name : str
        Of the exercise.
    passed : bool or None
        None if nothing was checked. The report is true if this is.
    text : str
        One or several lines.
    code : str
        Python to be shown below; may be empty.
    """

    def __init__(self, name, passed, text, code=""):
        self.name, self.passed, self.text, self.code = name, passed, text, code

    def __bool__(self):
        return bool(self.passed)

    def __repr__(self):
        head = ": ".join(part for part in (self.name, _VERDICTS[self.passed]) if part)
        code = f"\n\n{self.code.rstrip()}" if self.code else ""
        return f"{head}\n{self.text}{code}"

    def _repr_html_(self):
        verdict = _VERDICTS[self.passed]
        kind = {True: "right", False: "wrong", None: "told"}[self.passed]
        head = f"<strong>{verdict}</strong> " if verdict else ""
        lines = "".join(f"<p>{_inline(line)}</p>" for line in self.text.splitlines())
        code = f"<pre><code>{html.escape(self.code)}</code></pre>" if self.code else ""
        return (
            f'<div class="gn-exercise gn-exercise-{kind}"><p>{head}'
            f"<code>{html.escape(self.name)}</code></p>{lines}{code}</div>"
        )


def _inline(text):
    """Escape a line; what stands between back-ticks becomes code."""
    parts = html.escape(text).split("`")
    if len(parts) % 2 == 0:  # a back-tick without a partner stays as it is
        return html.escape(text)
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(parts))
