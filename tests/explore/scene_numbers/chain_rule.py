"""The numbers of the scene chain_rule: derivatives by formulas, written out for both graphs."""

from __future__ import annotations

import numpy as np

CASES = [
    (0, {}),
    (2, {}),
    (4, {}),
    (8, {}),
    (10, {}),
    (10, {"first": -2, "second": 1}),
    (10, {"first": 0, "second": -3}),
    (11, {"graph": "neuron"}),
    (7, {"graph": "neuron", "first": 1, "second": -1}),
    (11, {"graph": "neuron", "first": -3, "second": 2}),
]


def products(u, v, **moved):
    p = u * v + moved.get("p", 0)
    q = u + p + moved.get("q", 0)
    return {"u": u, "v": v, "p": p, "q": q, "f": p * q + moved.get("f", 0)}


def neuron(w, x, b=1.0, **moved):
    m = w * x + moved.get("m", 0)
    z = m + b + moved.get("z", 0)
    a = 1 / (1 + np.exp(-z)) + moved.get("a", 0)
    return {"w": w, "x": x, "b": b, "m": m, "z": z, "a": a, "L": a**2 + moved.get("L", 0)}


def derivatives(values):
    """Derivative of the last node by each, and (local, term) of the arrows in their order."""
    if "f" in values:
        u, v, p, q, _ = values.values()
        bars = [2 * u * v * (1 + v), u**2 * (1 + 2 * v), q + p, p, 1]  # of f = u² v (1 + v)
        arrows = [(q, q), (p, p), (1, p), (1, p), (v, v * (q + p)), (u, u * (q + p))]
        ups = [1, 1, p, p, q + p, q + p]
        return bars, [(up, *arrow) for up, arrow in zip(ups, arrows, strict=True)]
    w, x, _, _, _, a, _ = values.values()
    delta = 2 * a * a * (1 - a)
    bars = [delta * x, delta * w, delta, delta, delta, 2 * a, 1]
    arrows = [(1, 2 * a, 2 * a), (2 * a, a * (1 - a), delta)]
    arrows += [(delta, 1, delta)] * 2 + [(delta, x, delta * x), (delta, w, delta * w)]
    return bars, arrows


def by_trying(function, inputs, node, h=0.001):
    ends = []
    for by in (h, -h):
        start = inputs | ({node: inputs[node] + by} if node in inputs else {})
        ends.append(list(function(**start, **({} if node in inputs else {node: by})).values())[-1])
    return (ends[0] - ends[1]) / (2 * h)


def rows(step, values):
    first, second = values["first"], values["second"]
    if values["graph"] == "products":
        function, inputs = products, {"u": first, "v": second}
        heads, tails = "ffqqpp", "pqupuv"
    else:
        function, inputs = neuron, {"w": first, "x": second, "b": 1.0}
        heads, tails = "Lazzmm", "azmbwx"
    found = function(**inputs)
    computed = list(inputs) + [n for n in found if n not in inputs][:step]
    seed = len(found) - len(inputs) + 1
    done = max(step - seed, 0)
    bars, arrows = derivatives(found)
    table = []
    for (node, value), bar in zip(found.items(), bars, strict=True):
        whole = step >= seed and node not in tails[done:]
        tried = by_trying(function, inputs, node) if whole else None
        known = value if node in computed else None
        table.append([known, None, None, bar if whole else None, tried])
    for k, (up, local, term) in enumerate(arrows):
        known = local if heads[k] in computed else None
        gone = k < done
        table.append([None, up if gone else None, known, term if gone else None, None])
    return table
