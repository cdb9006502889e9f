# ruff: noqa: E501 - one fault a line
"""Faults to plant on the way of a mask: in statistics, layers, models, losses and metrics."""

from __future__ import annotations

_MASKED = "keras: layers.BatchNormalization, masked, momentum=0.8, input (4, 6, 5), training"
_POOLED = "keras: layers.GlobalAveragePooling1D, masked, keepdims=True"
_FIT = "keras: models.Sequential.fit, masks up to the loss"
_LOSS = "keras: losses.MeanSquaredError, masked"

FAULTS = [
    ("layers/normalization.py", "mean = (shares * x).sum(axis=axes", "mean = x.mean(axis=axes", _MASKED),
    ("layers/normalization.py", "variance = (shares * centred**2)", "variance = (shares * x**2)", _MASKED),
    ("layers/normalization.py", "keepdims=True) + _NONE_AT_ALL", "keepdims=True)", _MASKED),
    ("layers/normalization.py", "(dx_hat - shares * (by_mean", "(dx_hat - (by_mean", _MASKED),
    ("layers/normalization.py", "(x_hat - rest) * by_variance", "x_hat * by_variance", "keras: layers.BatchNormalization, masked, axis=1, input (4, 6, 5), training"),
    ("layers/normalization.py", "(by_mean + (x_hat - rest)", "(by_mean - (x_hat - rest)", "keras: layers.BatchNormalization, masked, axis=1, input (4, 6, 5), training"),
    ("layers/batch_normalization.py", "np.broadcast_to(mask[..., np.newaxis], x.shape)", "np.broadcast_to(~mask[..., np.newaxis], x.shape)", _MASKED),
    ("layers/global_pooling.py", "shares /= shares.sum(axis=1, keepdims=True)", "shares /= shares.shape[1]", _POOLED),
    ("layers/global_pooling.py", "return shares * dy.reshape(", "return (shares > 0) * dy.reshape(", _POOLED),
    ("layers/global_pooling.py", "    uses_mask = True\n", "    uses_mask = False\n", "keras: models.Sequential, masked means step by step"),
    ("layers/merging.py", "np.logical_or.reduce(mask)", "np.logical_and.reduce(mask)", "keras: layers.Add(), mask of its output"),
    ("layers/merging.py", "self.axis).any(axis=-1)", "self.axis).all(axis=-1)", "keras: layers.Concatenate(), mask of its output"),
    ("layers/merging.py", "np.ones(np.shape(part), bool)", "np.zeros(np.shape(part), bool)", "keras: layers.Concatenate(axis=1), mask of its output"),
    ("layers/merging.py", "np.ones((), x.dtype)) for m", "np.zeros((), x.dtype)) for m", "keras: layers.Multiply, masks (True, False, True)"),
    ("layers/merging.py", "return y * any_left, (", "return y, (", "keras: layers.Multiply, masks (True, True, True)"),
    ("layers/merging.py", "[gradient * m for", "[gradient for", "keras: layers.Multiply, masks (True, True, True)"),
    ("models/sequential.py", "self.output_mask = mask", "self.output_mask = None", _FIT),
    ("models/functional.py", "self.output_mask = masks[self.outputs]", "self.output_mask = None", "keras: models.Functional, masks that meet step by step"),
    ("models/layered.py", 'options = {"mask": mask} if masked and layer.uses_mask else {}', "options = {}", "keras: models.Functional, masks that meet step by step"),
    ("models/training.py", "mask if metric.uses_mask else None", "None", _FIT),
    ("models/training.py", "mask if metric.uses_mask else None", "mask", _FIT),
    ("models/training.py", "self.loss.gradient(y, y_pred, *weights)", "self.loss.gradient(y, y_pred, sample_weight)", _FIT),
    ("models/training.py", "weights = batch.sample_weight, self.output_mask", "weights = batch.sample_weight, None", _FIT),
    ("losses/base.py", "counted = mask if counted is None else mask & counted", "counted = mask", "keras: losses.SparseCategoricalCrossentropy, masked, ignore_class=2"),
    ("losses/base.py", "counted = mask if counted is None else mask & counted", "counted = ~mask", _LOSS),
]  # fmt: skip
