# ruff: noqa: E501 - one fault a line
"""Faults to plant in penalties, constraints and what layers and models do with them."""

from __future__ import annotations

FAULTS = [
    ("regularizers.py", "float(self.l1 * np.abs(w).sum())\n", "float(self.l1 * np.abs(w).mean())\n", "keras: regularizers.L1(l1=0.3)"),
    ("regularizers.py", "return self.l1 * np.sign(w)\n", "return self.l1 * (2 * (w >= 0) - 1)\n", "keras: regularizers.L1()"),
    ("regularizers.py", "float(self.l2 * np.square(w).sum())\n", "float(self.l2 * np.square(w).sum() / 2)\n", "keras: regularizers.L2()"),
    ("regularizers.py", "return 2 * self.l2 * w\n", "return self.l2 * w\n", "keras: regularizers.L2(l2=0.3)"),
    ("regularizers.py", "self.l1 * np.sign(w) + 2 * self.l2 * w", "self.l2 * np.sign(w) + 2 * self.l1 * w", "keras: regularizers.L1L2(l1=0.3, l2=0.7)"),
    ("regularizers.py", "def __init__(self, l1=0.0, l2=0.0)", "def __init__(self, l1=0.01, l2=0.01)", "keras: regularizers, by name"),
    ("constraints.py", "np.sqrt(np.square(w).sum(axis=axis, keepdims=True))", "np.square(w).sum(axis=axis, keepdims=True)", "keras: constraints.UnitNorm()"),
    ("constraints.py", "return np.maximum(w, 0)", "return np.abs(w)", "keras: constraints.NonNeg()"),
    ("constraints.py", "return w / (_EPSILON + norms(w, self.axis))", "return w / (_EPSILON + norms(w, 0))", "keras: constraints.UnitNorm(axis=1)"),
    ("constraints.py", "_EPSILON = 1e-7", "_EPSILON = 1e-5", "keras: constraints.UnitNorm(axis=1)"),
    ("constraints.py", "np.minimum(lengths, self.max_value)", "self.max_value", "keras: constraints.MaxNorm()"),
    ("constraints.py", "(1 - self.rate) * lengths", "self.rate * lengths", "keras: constraints.MinMaxNorm(min_value=1.5, max_value=2.3, rate=0.4, axis=[0, 1])"),
    ("constraints.py", "np.clip(lengths, self.min_value, self.max_value)", "np.minimum(lengths, self.max_value)", "keras: constraints.MinMaxNorm(min_value=1.5, max_value=2.3)"),
    ("layers/base.py", "self.grads[key] + rule.gradient(self.params[key])", "self.grads[key] - rule.gradient(self.params[key])", "keras: layers.Dense, every weight has its rules, units=4"),
    ("layers/base.py", "for key, rule in self.regularizers.items()), 0.0)", "for key, rule in list(self.regularizers.items())[1:]), 0.0)", "keras: layers.Dense, every weight has its rules, units=4"),
    ("layers/base.py", "constraint(self.params[key])", "constraint(self.params[key].T).T", "keras: layers.LSTM, every weight has its rules, units=4"),
    ("layers/base.py", 'getattr(self, f"{word}_{kind}")', 'getattr(self, f"bias_{kind}")', "keras: layers.GRU, every weight has its rules, units=4"),
    ("models/training.py", "*weights)) + self.penalty()", "*weights))", "keras: models.Sequential, rules on weights step by step"),
    ("models/training.py", "*weights)) + penalty", "*weights))", "keras: models.Sequential.fit, rules on weights and averages"),
    ("models/training.py", "            layer.add_penalty_gradients()", "            pass", "keras: models.Functional.fit, rules on weights"),
    ("models/training.py", "            layer.apply_constraints()", "            pass", "keras: models.Sequential, rules on weights step by step"),
    ("layers/wrappers.py", 'f"{prefix}_{key}": rule', 'f"forward_{key}": rule', "keras: layers.Bidirectional, every weight has its rules"),
]  # fmt: skip
