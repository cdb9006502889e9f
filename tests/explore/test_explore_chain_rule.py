"""The graphs of the scene chain_rule are differentiated rightly, by the layers and in sum."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.explore.traces.chain_rule import GRAPHS, chain_rule_trace, differentiate
from glassnet.gradcheck import numerical_gradient


def test_derivatives_are_the_sums_of_their_terms():
    runs = chain_rule_trace()["static"]["runs"]
    for name, nodes in GRAPHS.items():
        run = runs[name]
        for k, (node, *_) in enumerate(nodes[:-1]):
            leaving = [i for i, arrow in enumerate(run["arrows"]) if arrow[0] == node]
            total = np.array(run["terms"])[:, leaving].sum(axis=1)
            np.testing.assert_allclose(np.array(run["bars"])[:, k], total, rtol=1e-6, atol=1e-12)


def test_the_layers_agree_with_finite_differences():
    def end(x):
        return (x[0] * x[1]) * (x[0] + x[0] * x[1])

    _, _, bars = differentiate(GRAPHS["products"], {"u": [1.5], "v": [-0.7]})
    expected = numerical_gradient(end, np.array([1.5, -0.7]))
    np.testing.assert_allclose([bars["u"][0], bars["v"][0]], expected, rtol=1e-8)


def test_bias_and_target_change_the_unit():
    bars = chain_rule_trace(bias=-6, target=1)["static"]["runs"]["neuron"]["bars"][5 * 7 + 6]
    a = 0.5  # sigmoid of 2 * 3 - 6
    np.testing.assert_allclose(bars[2:6], [-0.25, -0.25, -0.25, 2 * (a - 1)])


@pytest.mark.parametrize("options", [{"bias": 7}, {"target": 2}])
def test_wrong_options_raise(options):
    with pytest.raises(ValueError, match="Received"):
        chain_rule_trace(**options)
