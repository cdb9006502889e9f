"""The trace of softmax: its options."""

from __future__ import annotations

import pytest

from glassnet.explore import Player, make_trace


def test_options_set_the_controls():
    trace = make_trace("softmax", logits=(1.5, -2), label=1, temperature=0.5)
    values = {control["name"]: control["value"] for control in trace["controls"]}
    assert values == {"temperature": 0.5, "label": 1, "z1": 1.5, "z2": -2}
    assert Player(trace).png().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "options", [{"logits": (1,)}, {"logits": (0, 5)}, {"label": 5}, {"temperature": 3}]
)
def test_options_out_of_range_raise(options):
    with pytest.raises(ValueError, match=r"Received: |cannot have the value"):
        make_trace("softmax", **options)
