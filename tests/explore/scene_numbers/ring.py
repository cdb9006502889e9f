"""The numbers of the scene ring: both games played again, and the samples counted by hand."""

from __future__ import annotations

from functools import cache

import numpy as np

from glassnet import activations, data, layers, models, optimizers

MOMENTS = (0, 20, 40, 80, 120, 160, 200, 260, 320, 400, 500, 600)
CASES = [
    (0, {}),
    (2, {"run": "shaky"}),
    (5, {"field": False}),
    (7, {"run": "shaky", "field": False}),
    (9, {}),
    (11, {}),
    (11, {"run": "shaky"}),
]


@cache
def _game(beta_1):
    """Play to the end; at each moment the samples, D of the data and D of the samples."""

    def network(outputs):
        hidden = [layers.Dense(32, activation="relu") for _ in range(2)]
        return models.Sequential([*hidden, layers.Dense(outputs)])

    x, mode = data.make_gaussian_ring(800, 8, np.random.default_rng(0), dtype=np.float32)
    gan = models.GAN(network(2), network(1), 8)
    gan.build(np.random.default_rng(4))
    gan.compile(optimizers.Adam(0.005, beta_1=beta_1), optimizers.Adam(0.005, beta_1=beta_1))
    z = np.random.default_rng(1).standard_normal((400, 8)).astype(np.float32)
    draw, seen = np.random.default_rng(4), []
    for step in range(MOMENTS[-1] + 1):
        if step in MOMENTS:
            made = gan.generator.forward(z)
            say = [activations.sigmoid(gan.discriminator.forward(a))[:, 0] for a in (x, made)]
            seen.append((made.astype(float), *(each.astype(float) for each in say)))
        if step < MOMENTS[-1]:
            batch = x[draw.integers(0, 800, 64)]
            gan.discriminator_step(batch, gan.latent(64, gan.rng))
            gan.generator_step(gan.latent(64, gan.rng))
    return mode, seen


def rows(step, values):
    mode, seen = _game({"steady": 0.5, "shaky": 0.9}[values["run"]])
    made, real, fake = seen[step]
    angle = 2 * np.pi * np.arange(8) / 8
    centres = 2 * np.column_stack([np.cos(angle), np.sin(angle)])
    near = np.hypot(*(made[:, np.newaxis] - centres).transpose(2, 0, 1)) <= 0.15
    table = [[near[:, k].sum(), real[mode == k].mean()] for k in range(8)]
    return [*table, [near.sum(), fake.mean()], [None, real.mean()]]
