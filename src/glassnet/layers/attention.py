"""Attention: averages whose weights come from a comparison of queries with keys."""

from __future__ import annotations

import numpy as np

from glassnet import initializers
from glassnet._validation import one_of
from glassnet.layers.base import Layer
from glassnet.layers.masking import as_mask
from glassnet.layers.scores import (
    additive_scores_backward,
    additive_scores_forward,
    attend_backward,
    attend_forward,
    causal_mask,
    dot_scores_backward,
    dot_scores_forward,
)

__all__ = ["AdditiveAttention", "Attention"]


class Attention(Layer):
    """Attention by dot products, the twin of ``keras.layers.Attention``.

    The input is a list: queries, shape (batch, queries, dim), values, shape (batch, keys, dim_v),
    and keys, shape (batch, keys, dim). Without keys the values are the keys too.

    Parameters
    ----------
    use_scale : bool
        Whether to learn a factor for the scores.
    score_mode : str
        ``"dot"`` product, or ``"concat"``: a factor times the sum of the features of
        tanh(query + key).
    name : str, optional

    Attributes
    ----------
    weights_of_values : ndarray, shape (batch, queries, keys)
        The weights of the last `forward`.

    Raises
    ------
    ValueError
        If `score_mode` is unknown, or the inputs are not two or three sequences that fit.

    References
    ----------
    Luong, Pham and Manning (2015). Effective approaches to attention-based neural machine
    translation.
    """

    uses_mask = True

    def __init__(self, use_scale=False, score_mode="dot", name=None):
        super().__init__(name)
        self.use_scale = bool(use_scale)
        self.score_mode = one_of(score_mode, ("dot", "concat"), "score_mode")

    def create_weights(self, input_shape, rng, dtype):
        """Make the factors, 1 at first."""
        if self.use_scale:
            self.params["scale"] = np.ones((), dtype)
        if self.score_mode == "concat":
            self.params["concat_score_weight"] = np.ones((), dtype)

    def compute_output_shape(self, input_shape):
        """Return (batch, queries, dim of the values)."""
        query, value, _ = checked_shapes(input_shape, self)
        return (*query[:-1], value[-1])

    def compute_mask(self, x, mask=None):
        """Return the mask of the queries."""
        return None if mask is None else mask[0]

    def scores(self, query, key):
        """Return the scores, and the cache with which `scores_backward` goes back."""
        scale = self.params.get("scale", 1.0)
        if self.score_mode == "dot":
            return dot_scores_forward(query, key, scale)
        return additive_scores_forward(query, key, self.params["concat_score_weight"], scale)

    def scores_backward(self, dscores, cache):
        """Return dquery, dkey, and the gradients of `params`."""
        if self.score_mode == "dot":
            return dot_scores_backward(dscores, cache)
        dquery, dkey, grads = additive_scores_backward(dscores, cache)
        return dquery, dkey, {"concat_score_weight": grads["scale"], "scale": grads["weight"]}

    def forward(
        self, x, training=False, mask=None, return_attention_scores=False, use_causal_mask=False
    ):
        """Return y, and with `return_attention_scores` a list of it and the weights.

        Parameters
        ----------
        x : list of ndarray
            Query, value, and optionally key.
        training : bool
            Makes no difference.
        mask : list, optional
            ``[query_mask, value_mask]``, shapes (batch, queries) and (batch, keys), each may be
            None. A masked query gives zero, a masked value has no weight.
        return_attention_scores : bool
        use_causal_mask : bool
            Whether a query may only see keys at its own position and before.
        """
        arrays = self._check_input(x)
        query, value, key = (*arrays, arrays[1])[:3]
        query_mask, value_mask = checked_masks(mask, query, value)
        scores, score_cache = self.scores(query, key)
        seen = None if value_mask is None else value_mask[:, np.newaxis, :]
        if use_causal_mask:
            causal = causal_mask(*scores.shape[1:])
            seen = causal if seen is None else seen & causal
        y, cache = attend_forward(scores, value, seen)
        if query_mask is not None:
            y = y * query_mask[..., np.newaxis]
        self.weights_of_values = cache[0]
        self._cache = cache, score_cache, query_mask, return_attention_scores, len(arrays)
        return [y, cache[0]] if return_attention_scores else y

    def backward(self, dy):
        """Fill `grads` and return the gradients of the inputs, as a list of as many arrays.

        Parameters
        ----------
        dy : ndarray, shape of y, or a list with the gradient by the weights
        """
        dweights = None
        if self._cache is not None and self._cache[3]:
            dy, dweights = dy
        dy = self._check_gradient(dy)
        cache, score_cache, query_mask, _, inputs = self._cache
        if query_mask is not None:
            dy = dy * query_mask[..., np.newaxis]
        dscores, dvalue = attend_backward(dy, cache, dweights)
        dquery, dkey, grads = self.scores_backward(dscores, score_cache)
        self.grads = {name: np.asarray(grads[name]) for name in self.params}
        return [dquery, dvalue, dkey] if inputs == 3 else [dquery, dvalue + dkey]

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        config = {"use_scale": self.use_scale, "score_mode": self.score_mode}
        return super().get_config() | config


class AdditiveAttention(Attention):
    """Attention by a small network, the twin of ``keras.layers.AdditiveAttention``.

    Inputs and masks are those of `Attention`.

    Parameters
    ----------
    use_scale : bool
        Whether to learn a factor for each feature; else they are 1.
    name : str, optional

    Raises
    ------
    ValueError
        If the inputs are not two or three sequences that fit.

    References
    ----------
    Bahdanau, Cho and Bengio (2015). Neural machine translation by jointly learning to align and
    translate.
    """

    def __init__(self, use_scale=True, name=None):
        super().__init__(use_scale, name=name)

    def create_weights(self, input_shape, rng, dtype):
        """Draw the factors, shape (dim,), as Keras does."""
        if self.use_scale:
            draw = initializers.get("glorot_uniform")
            self.params["scale"] = draw((input_shape[0][-1],), rng, dtype)

    def scores(self, query, key):
        """Return the scores, and the cache with which `scores_backward` goes back."""
        return additive_scores_forward(query, key, self.params.get("scale", 1.0))

    def scores_backward(self, dscores, cache):
        """Return dquery, dkey, and the gradients of `params`."""
        return additive_scores_backward(dscores, cache)

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        config = super().get_config()
        del config["score_mode"]
        return config


def checked_shapes(shapes, layer, same_dim=True):
    """Return the shapes of query, value and key, or raise ValueError if they do not fit."""
    given = shapes
    if (
        not isinstance(shapes, list)
        or len(shapes) not in (2, 3)
        or any(len(s) != 3 for s in shapes)
    ):
        fits = False
    else:
        query, value, key = (*shapes, shapes[1])[:3]
        fits = value[1] == key[1] and None not in (query[-1], value[-1], key[-1])
        fits = fits and (query[-1] == key[-1] or not same_dim)
    if not fits:
        raise ValueError(
            f"Layer {layer.name!r} needs [query, value] or [query, value, key], each of shape "
            f"(batch, time, features), that fit together. Received: input_shape={given}"
        )
    return query, value, key


def checked_masks(mask, query, value):
    """Return the masks of queries and values as booleans, None where there is none."""
    if mask is None:
        return None, None
    if not isinstance(mask, (list, tuple)) or len(mask) not in (2, 3):
        raise ValueError("`mask` must be a list [query_mask, value_mask]. Received: another value")
    return tuple(
        None if part is None else as_mask(part, array.shape[:2], name)
        for part, array, name in zip(
            mask[:2], (query, value), ("query_mask", "value_mask"), strict=True
        )
    )
