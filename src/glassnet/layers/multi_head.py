"""Attention with several heads, each of which compares in a space of its own."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from glassnet import initializers
from glassnet._validation import positive_int
from glassnet.layers.attention import checked_masks, checked_shapes
from glassnet.layers.base import Layer, initializer_config
from glassnet.layers.masking import as_mask
from glassnet.layers.scores import (
    attend_backward,
    attend_forward,
    causal_mask,
    dot_scores_backward,
    dot_scores_forward,
)

__all__ = [
    "MultiHeadAttention",
    "merge_heads_backward",
    "merge_heads_forward",
    "split_heads_backward",
    "split_heads_forward",
]


def split_heads_forward(x, kernel, bias=None):
    """Affine map of every step into the space of each head.

    Parameters
    ----------
    x : ndarray, shape (batch, time, features)
    kernel : ndarray, shape (features, heads, dim)
    bias : ndarray, shape (heads, dim), optional

    Returns
    -------
    y : ndarray, shape (batch, heads, time, dim)
    cache : tuple
        What `split_heads_backward` needs.
    """
    y = x @ kernel.reshape(len(kernel), -1)  # one product for all heads
    y = y.reshape(*x.shape[:2], *kernel.shape[1:])
    if bias is not None:
        y = y + bias
    return y.swapaxes(1, 2), (x, kernel)


def split_heads_backward(dy, cache):
    """Gradients of a scalar loss through `split_heads_forward`.

    Parameters
    ----------
    dy : ndarray, shape (batch, heads, time, dim)
    cache : tuple
        From `split_heads_forward`.

    Returns
    -------
    dx : ndarray, shape (batch, time, features)
    grads : dict
        ``"kernel"``, shape (features, heads, dim), and ``"bias"``, shape (heads, dim).
    """
    x, kernel = cache
    features = len(kernel)
    rows = dy.swapaxes(1, 2).reshape(-1, kernel[0].size)
    dx = (rows @ kernel.reshape(features, -1).T).reshape(x.shape)
    dkernel = (x.reshape(-1, features).T @ rows).reshape(kernel.shape)
    return dx, {"kernel": dkernel, "bias": rows.sum(axis=0).reshape(kernel.shape[1:])}


def merge_heads_forward(x, kernel, bias=None):
    """Affine map of what all heads have found at a step.

    Parameters
    ----------
    x : ndarray, shape (batch, heads, time, dim)
    kernel : ndarray, shape (heads, dim, features)
    bias : ndarray, shape (features,), optional

    Returns
    -------
    y : ndarray, shape (batch, time, features)
    cache : tuple
        What `merge_heads_backward` needs.
    """
    beside = x.swapaxes(1, 2).reshape(x.shape[0], x.shape[2], -1)  # (batch, time, heads * dim)
    y = beside @ kernel.reshape(-1, kernel.shape[-1])
    return y if bias is None else y + bias, (beside, kernel)


def merge_heads_backward(dy, cache):
    """Gradients of a scalar loss through `merge_heads_forward`.

    Parameters
    ----------
    dy : ndarray, shape (batch, time, features)
    cache : tuple
        From `merge_heads_forward`.

    Returns
    -------
    dx : ndarray, shape (batch, heads, time, dim)
    grads : dict
        ``"kernel"``, shape (heads, dim, features), and ``"bias"``, shape (features,).
    """
    beside, kernel = cache
    rows = dy.reshape(-1, dy.shape[-1])
    dbeside = dy @ kernel.reshape(-1, kernel.shape[-1]).T
    dx = dbeside.reshape(*dy.shape[:2], *kernel.shape[:2]).swapaxes(1, 2)
    dkernel = (beside.reshape(len(rows), -1).T @ rows).reshape(kernel.shape)
    return dx, {"kernel": dkernel, "bias": rows.sum(axis=0)}


class MultiHeadAttention(Layer):
    """Attention with several heads, the twin of ``keras.layers.MultiHeadAttention``.

    The input is a list: queries, shape (batch, queries, features), values, shape
    (batch, keys, features_v), and optionally keys, shape (batch, keys, features_k); without them
    the values are the keys too. (Keras takes them as separate arguments.) A single array attends to
    itself.

    Parameters
    ----------
    num_heads : int
    key_dim : int
        Length of the projected queries and keys of each head.
    value_dim : int, optional
        Length of the projected values of each head; `key_dim` if not given.
    use_bias : bool
        Whether the four projections have a bias.
    kernel_initializer, bias_initializer : str or Initializer
    name : str, optional
    **weight_rules : str, Regularizer or Constraint
        ``kernel_regularizer``, ``bias_regularizer``, ``kernel_constraint`` and ``bias_constraint``;
        see `Layer`.

    Attributes
    ----------
    weights_of_values : ndarray, shape (batch, heads, queries, keys)
        The weights of the last `forward`.

    Raises
    ------
    ValueError
        If a number is not a positive integer, or the inputs do not fit.

    References
    ----------
    Vaswani et al. (2017). Attention is all you need.
    """

    uses_mask = True
    supports_masking = True
    weight_words: ClassVar = {
        f"{part}_{kind}": kind
        for part in ("query", "key", "value", "output")
        for kind in ("kernel", "bias")
    }

    def __init__(
        self,
        num_heads,
        key_dim,
        value_dim=None,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        name=None,
        **weight_rules,
    ):
        super().__init__(name, **weight_rules)
        self.num_heads = positive_int(num_heads, "num_heads")
        self.key_dim = positive_int(key_dim, "key_dim")
        self.value_dim = self.key_dim if value_dim is None else positive_int(value_dim, "value_dim")
        self.use_bias = bool(use_bias)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)

    def create_weights(self, input_shape, rng, dtype):
        """Draw the kernels of the four projections, and their biases."""
        query, value, key = self._shapes(input_shape)
        heads, dim, dim_v = self.num_heads, self.key_dim, self.value_dim
        kernels = {  # shape of the kernel, shape of the bias
            "query": ((query[-1], heads, dim), (heads, dim)),
            "key": ((key[-1], heads, dim), (heads, dim)),
            "value": ((value[-1], heads, dim_v), (heads, dim_v)),
            "output": ((heads, dim_v, query[-1]), (query[-1],)),
        }
        for name, (kernel, bias) in kernels.items():
            self.params[f"{name}_kernel"] = self.kernel_initializer(kernel, rng, dtype)
            if self.use_bias:
                self.params[f"{name}_bias"] = self.bias_initializer(bias, rng, dtype)

    def _shapes(self, shapes):
        shapes = shapes if isinstance(shapes, list) else [tuple(shapes)] * 2
        return checked_shapes(shapes, self, same_dim=False)

    def compute_output_shape(self, input_shape):
        """Return the shape of the queries."""
        return tuple(self._shapes(input_shape)[0])

    def compute_mask(self, x, mask=None):
        """Return the mask of the queries."""
        return mask[0] if isinstance(mask, (list, tuple)) else mask

    def forward(
        self,
        x,
        training=False,
        mask=None,
        attention_mask=None,
        return_attention_scores=False,
        use_causal_mask=False,
    ):
        """Return y, shape of the queries, or a list of it and the weights.

        Parameters
        ----------
        x : ndarray or list of ndarray
            Query, value, and optionally key, or one array that attends to itself.
        training : bool
            Makes no difference.
        mask : array_like of bool, shape (batch, time), or a list of two, optional
            Which steps count; for a list of inputs ``[query_mask, value_mask]``, each may be None.
        attention_mask : array_like of bool, shape (batch, queries, keys), optional
            Which keys each query may see.
        return_attention_scores : bool
        use_causal_mask : bool
            Whether a query may only see keys at its own position and before.
        """
        arrays = self._check_input(x)
        single = not isinstance(arrays, list)
        if single:
            arrays, mask = [arrays, arrays], None if mask is None else [mask, mask]
        query, value, key = (*arrays, arrays[1])[:3]
        seen = self._seen(mask, query, value, attention_mask, use_causal_mask)
        (q, q_cache), (k, k_cache), (v, v_cache) = (
            split_heads_forward(array, *self._weights(name))
            for name, array in (("query", query), ("key", key), ("value", value))
        )
        scores, score_cache = dot_scores_forward(q, k, self.key_dim**-0.5)
        found, cache = attend_forward(scores, v, seen)
        y, output_cache = merge_heads_forward(found, *self._weights("output"))
        self.weights_of_values = cache[0]
        caches = q_cache, k_cache, v_cache, score_cache, cache, output_cache
        self._cache = caches, return_attention_scores, 1 if single else len(arrays)
        return [y, cache[0]] if return_attention_scores else y

    def _weights(self, name):
        return self.params[f"{name}_kernel"], self.params.get(f"{name}_bias")

    def _seen(self, mask, query, value, attention_mask, use_causal_mask):
        """Return which keys each query may see, broadcast to (batch, heads, queries, keys)."""
        query_mask, value_mask = checked_masks(mask, query, value)
        parts = []
        if query_mask is not None:
            parts.append(query_mask[:, np.newaxis, :, np.newaxis])
        if value_mask is not None:
            parts.append(value_mask[:, np.newaxis, np.newaxis, :])
        if attention_mask is not None:
            shape = query.shape[0], query.shape[1], value.shape[1]
            parts.append(as_mask(attention_mask, shape, "attention_mask")[:, np.newaxis])
        if use_causal_mask:
            parts.append(causal_mask(query.shape[1], value.shape[1]))
        seen = None
        for part in parts:
            seen = part if seen is None else seen & part
        return seen

    def backward(self, dy):
        """Fill `grads` and return the gradients of the inputs, as they were given.

        Parameters
        ----------
        dy : ndarray, shape of y, or a list with the gradient by the weights
        """
        dweights = None
        if self._cache is not None and self._cache[1]:
            dy, dweights = dy
        dy = self._check_gradient(dy)
        (q_cache, k_cache, v_cache, score_cache, cache, output_cache), _, inputs = self._cache
        dfound, grads = merge_heads_backward(dy, output_cache)
        parts = {"output": grads}
        dscores, dv = attend_backward(dfound, cache, dweights)
        dq, dk, _ = dot_scores_backward(dscores, score_cache)
        dquery, parts["query"] = split_heads_backward(dq, q_cache)
        dkey, parts["key"] = split_heads_backward(dk, k_cache)
        dvalue, parts["value"] = split_heads_backward(dv, v_cache)
        self.grads = {
            name: parts[name.partition("_")[0]][name.partition("_")[2]] for name in self.params
        }
        if inputs == 1:
            return dquery + dkey + dvalue
        return [dquery, dvalue, dkey] if inputs == 3 else [dquery, dvalue + dkey]

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {
            "num_heads": self.num_heads,
            "key_dim": self.key_dim,
            "value_dim": self.value_dim,
            "use_bias": self.use_bias,
            "kernel_initializer": initializer_config(self.kernel_initializer),
            "bias_initializer": initializer_config(self.bias_initializer),
        }
