"""The blocks of a Transformer: one that encodes a sequence, and one that decodes with its help."""

from __future__ import annotations

from glassnet.layers.base import known_axis
from glassnet.layers.residual import TransformerBlock

__all__ = ["TransformerDecoder", "TransformerEncoder"]


class TransformerEncoder(TransformerBlock):
    """Self-attention, then a dense network for every step: KerasHub's ``TransformerEncoder``.

    The weights, in order: ``self_attention_...`` (kernel and bias of query, key, value and output),
    ``self_attention_norm_...`` (gamma, beta), ``feedforward_norm_...``,
    ``feedforward_intermediate_...`` and ``feedforward_output_...`` (kernel, bias).

    Parameters
    ----------
    intermediate_dim : int
        Units of the first of the two dense layers; the second has as many as the input features.
    num_heads : int
        Each head has features // num_heads dimensions.
    dropout : float
        Share of the entries of each sublayer's output that is dropped in training, before the sum.
        (KerasHub drops attention weights too.)
    activation : str or ActivationPair
        Of the first dense layer.
    layer_norm_epsilon : float
    kernel_initializer, bias_initializer : str or Initializer
    normalize_first : bool
        Whether to normalise before each sublayer (pre-norm) instead of after the sum (post-norm).
    name : str, optional

    Attributes
    ----------
    parts : dict of str to Layer
        The layers that the block is made of; ``parts["self_attention"].weights_of_values`` are the
        attention weights of the last `forward`, shape (batch, heads, time, time).

    Raises
    ------
    ValueError
        If a number is out of its range, a name is unknown, or the input is no sequence of vectors
        with at least one feature a head.

    References
    ----------
    Vaswani et al. (2017). Attention is all you need.
    """

    def layout(self, shape, memory_shape=None):
        """Return (name, layer, shape of its input) for each part."""
        wide = (*shape[:-1], self.intermediate_dim)
        return [
            ("self_attention", self._attention(shape[-1]), [shape, shape]),
            ("self_attention_norm", self._norm(), shape),
            ("feedforward_norm", self._norm(), shape),
            (
                "feedforward_intermediate",
                self._dense(self.intermediate_dim, self.activation),
                shape,
            ),
            ("feedforward_output", self._dense(shape[-1]), wide),
        ]

    def forward(self, x, training=False, mask=None):
        """Return y, shape of x.

        Parameters
        ----------
        x : ndarray, shape (batch, time, features)
        training : bool
            Whether to drop.
        mask : ndarray of bool, shape (batch, time), optional
            False for steps that nobody shall attend to. They get outputs, too, which mean nothing.
        """
        x = self._check_input(x)

        def attend(x):
            return self.parts["self_attention"].forward([x, x], mask=[None, mask])

        x = self._around("self_attention", x, attend, training)
        y = self._around("feedforward", x, self._feed_forward, training)
        self._cache = ()
        return y

    def backward(self, dy):
        """Fill `grads` and return dx, shape of x."""
        dy = self._check_gradient(dy)
        dx = self._back_around("feedforward", dy, self._feed_forward_backward)
        dx = self._back_around(
            "self_attention", dx, lambda dy: sum(self.parts["self_attention"].backward(dy))
        )
        self._collect()
        return dx


class TransformerDecoder(TransformerBlock):
    """A block that looks back at itself and at a memory: KerasHub's ``TransformerDecoder``.

    Self-attention that sees no later step, then attention to the memory, which is the output of an
    encoder, then a dense network for every step. Built for a single shape instead of a list of two,
    it has no second part: the block of a language model.

    The weights, in order: ``self_attention_...`` (kernel and bias of query, key, value and output),
    ``self_attention_norm_...`` (gamma, beta), the same of ``cross_attention_...`` if there is a
    memory, ``feedforward_intermediate_...``, ``feedforward_output_...`` (kernel, bias) and
    ``feedforward_norm_...``.

    Parameters
    ----------
    intermediate_dim, num_heads, dropout, activation, layer_norm_epsilon, kernel_initializer
        As for `TransformerEncoder`.
    bias_initializer, normalize_first, name
        As for `TransformerEncoder`.

    Attributes
    ----------
    parts : dict of str to Layer
        The layers that the block is made of; ``parts["cross_attention"].weights_of_values`` are
        the weights of the memory in the last `forward`, shape (batch, heads, time, steps).

    Raises
    ------
    ValueError
        If a number is out of its range, a name is unknown, or an input is no sequence of vectors.

    References
    ----------
    Vaswani et al. (2017). Attention is all you need.
    """

    def layout(self, shape, memory_shape=None):
        """Return (name, layer, shape of its input) for each part."""
        parts = [
            ("self_attention", self._attention(shape[-1]), [shape, shape]),
            ("self_attention_norm", self._norm(), shape),
        ]
        if memory_shape is not None:
            shapes = [shape, memory_shape]
            parts += [
                ("cross_attention", self._attention(shape[-1]), shapes),
                ("cross_attention_norm", self._norm(), shape),
            ]
        wide = (*shape[:-1], self.intermediate_dim)
        dense = self._dense(self.intermediate_dim, self.activation)
        return [
            *parts,
            ("feedforward_intermediate", dense, shape),
            ("feedforward_output", self._dense(shape[-1]), wide),
            ("feedforward_norm", self._norm(), shape),
        ]

    def compute_output_shape(self, input_shape):
        """Return the shape of the first input."""
        if not isinstance(input_shape, list):
            return super().compute_output_shape(input_shape)
        if len(input_shape) != 2 or len(input_shape[1]) != 3:
            raise ValueError(
                f"Layer {self.name!r} needs [target, memory], each of shape (batch, time, "
                f"features). Received: input_shape={input_shape}"
            )
        known_axis(input_shape[1], -1, self)
        return super().compute_output_shape(input_shape[0])

    def forward(self, x, training=False, mask=None):
        """Return y, shape of the first input.

        Parameters
        ----------
        x : list of ndarray, or ndarray
            Target, shape (batch, time, features), and memory, shape (batch, steps, features_m); the
            target alone if there is no memory.
        training : bool
            Whether to drop.
        mask : list of ndarray of bool, or ndarray, optional
            ``[target_mask, memory_mask]``, shapes (batch, time) and (batch, steps), each may be
            None; False for steps that nobody shall attend to.
        """
        arrays = self._check_input(x)
        several = isinstance(arrays, list)
        target, memory = arrays if several else (arrays, None)
        own_mask, memory_mask = self._masks(mask, several)
        parts = self.parts

        def look_back(x):
            options = {"mask": [None, own_mask], "use_causal_mask": True}
            return parts["self_attention"].forward([x, x], **options)

        def look_up(x):
            return parts["cross_attention"].forward([x, memory], mask=[None, memory_mask])

        y = self._around("self_attention", target, look_back, training)
        if several:
            y = self._around("cross_attention", y, look_up, training)
        y = self._around("feedforward", y, self._feed_forward, training)
        self._cache = (several,)
        return y

    def _masks(self, mask, several):
        if not several or mask is None:
            return mask, None
        if not isinstance(mask, (list, tuple)) or len(mask) != 2:
            raise ValueError(
                "`mask` must be a list [target_mask, memory_mask]. Received: another value"
            )
        return mask

    def backward(self, dy):
        """Fill `grads` and return the gradients of the inputs, as they were given.

        Parameters
        ----------
        dy : ndarray, shape of the first input
        """
        dy = self._check_gradient(dy)
        (several,) = self._cache
        by_memory = []

        def look_up_backward(dy):
            dquery, dmemory = self.parts["cross_attention"].backward(dy)
            by_memory.append(dmemory)
            return dquery

        dx = self._back_around("feedforward", dy, self._feed_forward_backward)
        if several:
            dx = self._back_around("cross_attention", dx, look_up_backward)
        dx = self._back_around(
            "self_attention", dx, lambda dy: sum(self.parts["self_attention"].backward(dy))
        )
        self._collect()
        return [dx, *by_memory] if several else dx
