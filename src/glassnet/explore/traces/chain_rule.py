"""The chain rule on a graph: values forward, then derivatives back, one arrow at a time."""

from __future__ import annotations

import numpy as np

from glassnet import layers, losses
from glassnet._validation import real_in
from glassnet.explore.trace import Trace, range_control, select

__all__ = ["chain_rule_picture", "chain_rule_trace"]

INPUTS = (-3, -2, -1, 0, 1, 2, 3)

#: Nodes in the order of computation: name, formula, what it is made from, place in the drawing.
GRAPHS = {
    "products": [
        ("u", "", (), (0.0, 0.2)),
        ("v", "", (), (0.0, 0.8)),
        ("p", "u · v", ("u", "v"), (0.38, 0.8)),
        ("q", "u + p", ("u", "p"), (0.69, 0.2)),
        ("f", "p · q", ("p", "q"), (1.0, 0.8)),
    ],
    "neuron": [
        ("w", "", (), (0.0, 0.02)),
        ("x", "", (), (0.0, 0.52)),
        ("b", "", (), (0.2, 1.0)),
        ("m", "w · x", ("w", "x"), (0.36, 0.24)),
        ("z", "m + b", ("m", "b"), (0.56, 0.82)),
        ("a", "σ(z)", ("z",), (0.78, 0.2)),
        ("L", "(a−y)²", ("a",), (1.0, 0.82)),
    ],
}
LOCAL = {  # the derivative of the head of an arrow by its tail, as a formula
    "products": {"pf": "q", "qf": "p", "uq": "1", "pq": "1", "up": "v", "vp": "u"},
    "neuron": {"aL": "2(a − y)", "za": "a(1 − a)", "mz": "1", "bz": "1", "wm": "x", "xm": "w"},
}

TEXT = {
    "en": {
        "title": "The chain rule on a graph",
        "alt": (
            "Two graphs with the value of each node and the derivative of the last node by it. "
            "Left: p = uv, q = u + p, f = pq at u = 2, v = 3, with the derivatives 48, 28, 14, 6 "
            "and 1. Right: one sigmoid unit, whose weight gets a derivative of almost zero."
        ),
        "hint": (
            "Step, or click a node: its derivative is what comes from upstream times the local "
            "one. Why do u and p get two terms? In the sigmoid unit, which factor makes all "
            "derivatives small?"
        ),
        "table": [
            "node or arrow", "value", "from upstream", "local derivative", "derivative of the end",
            "by trying",
        ],
        "graph": "Graph",
        "drawing": "the graph: values from left to right, derivatives from right to left",
        "ledger": "the terms of the derivative of one node",
        "products": "u and p are used twice",
        "neuron": "one sigmoid unit and its loss",
        "first": "u, or w",
        "second": "v, or x",
        "through": "through",
        "upstream": "upstream",
        "local": "local",
        "product": "product",
        "sum": "sum",
        "trying": "by trying: raise and lower {node} by 0.001",
        "locals": "local derivatives at {node}",
        "say_input": "The inputs are given. Values are worked out from left to right.",
        "say_forward": "Forward: {node} = {formula} = {value}. This gives its local derivatives.",
        "say_seed": "Backward: it begins at the end, with ∂{end}/∂{end} = 1.",
        "say_edge": "From {head} to {node}: {up} from upstream times {slope} is {term}.",
        "say_more": "{node} is used once more, so a term is missing.",
        "say_sum": "With the other term the derivative by {node} is {bar}.",
        "say_done": "That is the derivative by {node}.",
    }
}  # fmt: skip


def chain_rule_trace(bias=1.0, target=0.0):
    """Record values and derivatives of two small graphs, for a grid of inputs.

    The nodes are layers of the package, `Multiply`, `Add` and a sigmoid `Activation`, and the
    squared error. All inputs of the grid are one batch.

    Parameters
    ----------
    bias, target : float
        Of the sigmoid unit: the node b, and the y of its loss.

    Returns
    -------
    Trace
    """
    given = {"b": real_in(bias, "bias", -6, 6), "y": real_in(target, "target", 0, 1)}
    first, second = (grid.ravel() for grid in np.meshgrid(INPUTS, INPUTS, indexing="ij"))
    runs = {}
    for name, nodes in GRAPHS.items():
        inputs = {key: np.full(first.shape, value) for key, value in given.items()}
        inputs |= {nodes[0][0]: first, nodes[1][0]: second}
        slopes, terms, bars = differentiate(nodes, inputs)
        runs[name] = {
            "arrows": ["".join(arrow) for arrow in terms],
            "slopes": np.transpose(list(slopes.values())),
            "terms": np.transpose(list(terms.values())),
            "bars": np.transpose([bars[node[0]] for node in nodes]),
        }
    return Trace(
        "chain_rule",
        text=TEXT,
        static={
            "inputs": INPUTS,
            "given": given,
            "graphs": {
                name: [
                    {"name": node, "formula": formula, "at": place, "uses": "".join(uses)}
                    for node, formula, uses, place in nodes
                ]
                for name, nodes in GRAPHS.items()
            },
            "local": LOCAL,
            "runs": runs,
        },
        frames=[],
        controls=[
            select("graph", "graph", "products", {"products": "products", "neuron": "neuron"}),
            range_control("first", "first", 2, values=INPUTS),
            range_control("second", "second", 3, values=INPUTS),
        ],
    )


def differentiate(nodes, inputs):
    """Run the layers of a graph forward and backward.

    Parameters
    ----------
    nodes : list of tuple
        As in `GRAPHS`.
    inputs : dict of str to ndarray, shape (n,)
        Values of the nodes without a formula, and the target y.

    Returns
    -------
    slopes : dict of (tail, head) to ndarray
        Local derivatives, in the order of the backward pass.
    terms : dict of (tail, head) to ndarray
        What each arrow contributes to the derivative of the last node by its tail.
    bars : dict of str to ndarray
        Derivative of the last node by each node.
    """
    values = {key: np.asarray(value, float)[:, np.newaxis] for key, value in inputs.items()}
    made = {}
    for node, formula, uses, _ in nodes:
        if uses:
            made[node] = _layer(formula, values.get("y"))
            x = [values[key] for key in uses]
            values[node] = made[node].forward(x if len(x) > 1 else x[0])
    slopes, terms = {}, {}
    bars = {node[0]: np.zeros_like(values[node[0]]) for node in nodes}
    bars[nodes[-1][0]] += 1
    for node, _, uses, _ in reversed(nodes):
        if uses:
            ones = _listed(made[node].backward(np.ones_like(bars[node])))
            back = _listed(made[node].backward(bars[node]))
            for tail, one, term in zip(uses, ones, back, strict=True):
                slopes[tail, node], terms[tail, node] = one[:, 0], term[:, 0]
                bars[tail] = bars[tail] + term
    return slopes, terms, {key: bar[:, 0] for key, bar in bars.items()}


class SquaredError(layers.Layer):
    """The loss as a node: the squared distance from a target."""

    def __init__(self, target):
        super().__init__()
        self.target = target

    def forward(self, x, training=False):
        self._x = x
        return losses.mean_squared_error(self.target, x)[:, np.newaxis]

    def backward(self, dy):
        return dy * losses.mean_squared_error_gradient(self.target, self._x)


def _layer(formula, target):
    """Return the built layer for a formula."""
    if formula.startswith("("):
        return SquaredError(target)
    if formula.startswith("σ"):
        layer, shape = layers.Activation("sigmoid"), (None, 1)
    else:
        layer = layers.Multiply() if "·" in formula else layers.Add()
        shape = [(None, 1), (None, 1)]
    layer.build(shape, np.random.default_rng(0), np.float64)
    return layer


def _listed(gradient):
    """Return the gradients by the inputs as a list, also where there is one input."""
    return gradient if isinstance(gradient, list) else [gradient]


def chain_rule_picture(trace):
    """Draw both graphs with values, local derivatives and derivatives."""
    from glassnet import plots

    static = trace["static"]
    first, second = (control["value"] for control in trace["controls"][1:])
    row = INPUTS.index(first) * len(INPUTS) + INPUTS.index(second)
    axes = plots.panels(2, width=4.7, height=3.2)
    for ax, (name, nodes) in zip(axes, static["graphs"].items(), strict=True):
        run = static["runs"][name]
        place = {node["name"]: (node["at"][0], -node["at"][1]) for node in nodes}
        for arrow, slope in zip(run["arrows"], run["slopes"][row], strict=True):
            tail, head = (place[key] for key in arrow)
            style = {"arrowstyle": "-|>", "shrinkA": 20, "shrinkB": 24, "color": "0.45"}
            ax.annotate("", head, tail, arrowprops=style)
            middle = 0.55 * np.array(tail) + 0.45 * np.array(head)
            ax.text(*middle, f"{slope:.3g}", ha="center", va="center", backgroundcolor="white")
        for node, bar in zip(nodes, run["bars"][row], strict=True):
            formula = node["name"] + (f" = {node['formula']}" if node["formula"] else "")
            box = {"boxstyle": "round", "fc": "#eef3f8", "ec": "0.35"}
            text = plots.label(f"{formula}\n∂ {bar:.3g}")
            ax.text(*place[node["name"]], text, ha="center", va="center", bbox=box, fontsize=9)
        ax.set(xlim=(-0.15, 1.15), ylim=(-1.1, 0.1), title=plots.label(trace.text(name)))
        ax.axis("off")
    return axes[0].figure
