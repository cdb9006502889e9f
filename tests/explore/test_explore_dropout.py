"""The scene of dropout and batch normalisation: what its texts say, and its options."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.explore.traces import dropout


@pytest.fixture(scope="module")
def trace():
    return dropout.dropout_trace()


def outputs(static, rate):
    """Outputs with the masks of a rate, and that of the whole network."""
    first, last = ({key: np.array(static[layer][key]) for key in ("kernel", "bias")}
                   for layer in ("first", "last"))  # fmt: skip
    h = np.tanh(np.array(static["example"]) @ first["kernel"] + first["bias"])
    kept = np.array([[int(bit) for bit in mask] for mask in static["masks"][str(rate)]])
    out = (kept * h / (1 - rate)) @ last["kernel"][:, 0] + last["bias"][0]
    return out, float(h @ last["kernel"][:, 0] + last["bias"][0])


@pytest.mark.parametrize("rate", dropout.RATES)
def test_no_mask_gives_the_answer_but_their_mean_comes_near(trace, rate):
    each, whole = outputs(trace["static"], rate)
    partial = [
        z for z, mask in zip(each, trace["static"]["masks"][str(rate)], strict=True) if "0" in mask
    ]
    assert np.abs(np.array(partial) - whole).min() > 0.01
    assert abs(each.mean() - whole) < 2.5 * each.std() / np.sqrt(len(each))


@pytest.mark.parametrize("momentum", dropout.MOMENTA)
def test_moving_averages_start_near_0_and_1_and_end_near_those_of_the_data(trace, momentum):
    values = np.array(trace["static"]["batches"])
    moving = np.array(trace["static"]["moving"][str(momentum)])
    assert moving[0, 0] == pytest.approx((1 - momentum) * values[0].mean())
    assert moving[0, 1] == pytest.approx(momentum + (1 - momentum) * values[0].var())
    assert abs(moving[-1, 0] - values.mean()) < 0.6
    assert abs(moving[-1, 1] - values.var()) < 1.5


@pytest.mark.parametrize("options", [{"view": "both"}, {"batches": 0}, {"batches": 41}])
def test_options_out_of_range_raise(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        dropout.dropout_trace(**options)
