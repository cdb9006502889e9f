"""Sequences out of a model that only says how likely each next token is.

The model is a function ``step(tokens, state) -> (log_probabilities, state)``: it takes the last
token of every sequence, shape (rows,), and whatever it keeps between two steps, an array or a
tuple of arrays whose first axis is the sequences. It returns the logarithms of the probabilities of
all next tokens, shape (rows, vocabulary), and the new state.
"""

from __future__ import annotations

import numpy as np

from glassnet._validation import positive_int, real_in

__all__ = ["beam_search", "greedy_decode"]

PADDING = 0  # what stands after the end of a sequence


def greedy_decode(step, start_state, start_token, end_token, max_length):
    """Take the likeliest token at every step, until the end token comes.

    Parameters
    ----------
    step : callable
        ``step(tokens, state) -> (log_probabilities, state)``.
    start_state : ndarray or tuple of ndarray, first axis (batch,)
    start_token, end_token : int
    max_length : int
        Tokens after which a sequence is cut off.

    Returns
    -------
    tokens : ndarray of int, shape (batch, length)
        Without the start token, with the end token where it came, filled up with 0.
    scores : ndarray, shape (batch,)
        The logarithm of the probability of each sequence.

    Raises
    ------
    ValueError
        If `max_length` is not positive, or `step` does not give a vector a sequence.
    """
    rows, state = _rows(start_state), start_state
    tokens, finished = np.full(rows, start_token), np.zeros(rows, bool)
    chosen, scores = [], np.zeros(rows)
    for _ in range(positive_int(max_length, "max_length")):
        log_p, state = _stepped(step, tokens, state, end_token)
        tokens = np.where(finished, PADDING, log_p.argmax(axis=-1))
        scores += np.where(finished, 0, log_p.max(axis=-1))
        chosen.append(tokens)
        finished = finished | (tokens == end_token)
        if finished.all():
            break
    return np.stack(chosen, axis=1, dtype=np.int64), scores.astype(log_p.dtype)


def beam_search(
    step, start_state, start_token, end_token, max_length, beam_width, length_penalty=0.0
):
    r"""Keep the best few beginnings at every step, and extend each by every token.

    A sequence y of length n, the end token included, has the score
    :math:`\frac{1}{n^\alpha} \sum_{t=1}^{n} \log p(y_t \mid y_{<t})`. Without the penalty
    :math:`\alpha` a longer sequence can only score lower, so short ones win too often.

    Parameters
    ----------
    step : callable
        ``step(tokens, state) -> (log_probabilities, state)``, here for batch * beam_width rows.
    start_state : ndarray or tuple of ndarray, first axis (batch,)
    start_token, end_token : int
    max_length : int
        Tokens after which a sequence is cut off.
    beam_width : int
        How many beginnings are kept for each sequence; 1 is `greedy_decode`.
    length_penalty : float
        The exponent alpha, at least 0.

    Returns
    -------
    tokens : ndarray of int, shape (batch, beam_width, length)
        The best first; without the start token, with the end token where it came, filled up with 0.
    scores : ndarray, shape (batch, beam_width)
        Minus infinity where there are not as many sequences.

    Raises
    ------
    ValueError
        If a number is out of its range, or `step` does not give a vector a sequence.

    References
    ----------
    Sutskever, Vinyals and Le (2014). Sequence to sequence learning with neural networks. Wu et al.
    (2016). Google's neural machine translation system, section 7, has a penalty of this kind.
    """
    width = positive_int(beam_width, "beam_width")
    alpha = real_in(length_penalty, "length_penalty", 0)
    batch = _rows(start_state)
    rows = np.arange(batch)[:, np.newaxis]
    state = _pick(start_state, np.repeat(np.arange(batch), width))
    tokens = np.full((batch, width, 1), start_token, np.int64)
    sums = np.full((batch, width), -np.inf)
    sums[:, 0] = 0  # at first all beginnings are the same, and only one of them counts
    lengths, finished = np.zeros((batch, width)), np.zeros((batch, width), bool)
    for _ in range(positive_int(max_length, "max_length")):
        log_p, state = _stepped(step, tokens[..., -1].ravel(), state, end_token)
        log_p = log_p.reshape(batch, width, -1)
        only_padding = np.where(np.arange(log_p.shape[-1]) == PADDING, 0, -np.inf)
        extended = sums[..., np.newaxis] + np.where(finished[..., np.newaxis], only_padding, log_p)
        lengths = lengths + ~finished
        parent, token = _best(extended / lengths[..., np.newaxis] ** alpha, width)
        sums = extended[rows, parent, token]
        state = _pick(state, (rows * width + parent).ravel())
        tokens = np.concatenate([tokens[rows, parent], token[..., np.newaxis]], axis=-1)
        lengths, finished = lengths[rows, parent], finished[rows, parent] | (token == end_token)
        if finished.all():
            break
    return tokens[..., 1:], (sums / lengths**alpha).astype(log_p.dtype)


def _best(scores, width):
    """Indices of the `width` highest scores of each sequence, (parent, token), the best first."""
    flat = scores.reshape(len(scores), -1)
    order = np.argsort(-flat, axis=-1, kind="stable")[:, :width]
    return np.divmod(order, scores.shape[-1])


def _stepped(step, tokens, state, end_token):
    """Call `step`, and check that it says something about every token of every sequence."""
    log_p, state = step(tokens, state)
    log_p = np.asarray(log_p)
    if log_p.ndim != 2 or len(log_p) != len(tokens) or not 0 < end_token < log_p.shape[1]:
        raise ValueError(
            f"`step` must give log probabilities of shape ({len(tokens)}, vocabulary) with an "
            f"`end_token` above 0. Received: shape={log_p.shape}, end_token={end_token!r}"
        )
    return log_p, state


def _rows(state):
    """How many sequences there are."""
    return len(state[0] if isinstance(state, tuple) else state)


def _pick(state, rows):
    """Return the state of the given rows, one after the other."""
    return tuple(part[rows] for part in state) if isinstance(state, tuple) else state[rows]
