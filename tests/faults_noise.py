# ruff: noqa: E501 - one fault a line
"""Faults to plant in the layers that draw."""

from __future__ import annotations

FAULTS = [
    ("layers/noise.py", "return x + stddev * noise", "return x + stddev**2 * noise", "keras: layers.GaussianNoise(stddev=0.3), input (7, 5), training"),
    ("layers/noise.py", "    return dy\n", "    return -dy\n", "keras: layers.GaussianNoise(stddev=1.0), input (7, 2, 3, 5), training"),
    ("layers/noise.py", "self.rng.standard_normal(x.shape)", "self.rng.random(x.shape)", "keras: layers.GaussianNoise, drawn"),
    ("layers/noise.py", "return x * (1 + math.sqrt(rate / (1 - rate)) * noise)", "return x * (1 + math.sqrt(rate) * noise)", "keras: layers.GaussianDropout(rate=0.3), input (7, 5), training"),
    ("layers/noise.py", "return x * (1 + math.sqrt(rate / (1 - rate)) * noise)", "return x * (1 + math.sqrt(rate * (1 - rate)) * noise)", "keras: layers.GaussianDropout, drawn"),
    ("layers/noise.py", "return dy * (1 + math.sqrt(rate / (1 - rate)) * noise)", "return dy * math.sqrt(rate / (1 - rate)) * noise", "keras: layers.GaussianDropout(rate=0.9), input (7, 3, 5), training"),
    ("layers/noise.py", "return (shape[0], *(1,) * self.rank, shape[-1])", "return (1, *shape[1:-1], shape[-1])", "keras: layers.SpatialDropout1D, drawn"),
    ("layers/noise.py", "return (shape[0], *(1,) * self.rank, shape[-1])", "return shape", "keras: layers.SpatialDropout2D, drawn"),
    ("layers/noise.py", "return (shape[0], *(1,) * self.rank, shape[-1])", "return (1, *(1,) * self.rank, shape[-1])", "keras: layers.SpatialDropout1D, drawn"),
    ("layers/core.py", "self.rng.random(self.mask_shape(x.shape), np.float32)", "self.rng.random(x.shape, np.float32)", "keras: layers.SpatialDropout2D, drawn"),
]  # fmt: skip
