"""Exercises of chapter 10: probabilities of sequences, their loss, and how to search for them."""

from __future__ import annotations

import numpy as np

from glassnet.exercises.task import task


def _log_softmax(z):
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def _targets(rng, *lengths):
    """Return targets, rows of tokens from 3 on, then 2 for the end, then 0."""
    rows = np.zeros((len(lengths), max(lengths)), dtype=int)
    for row, length in zip(rows, lengths, strict=True):
        row[: length - 1], row[length - 1] = rng.integers(3, 7, length - 1), 2
    return rows


@task(
    "seq2seq.shift_right",
    lambda rng: [(_targets(rng, 3, 5), 1), (_targets(rng, 4, 2, 4), 1), (_targets(rng, 4), 9)],
    about="Under teacher forcing the decoder reads the target one step late: at each step it is "
    "given what comes before, never the token that it should predict ({ref}`sec-seq2seq-forcing`).",
    hints=(
        "The first thing the decoder reads is the start token.",
        "After it come the tokens of the target but the last, which nobody has to read.",
    ),
)
def shift_right(targets, start):
    """Return what the decoder is given at each step of training.

    Parameters
    ----------
    targets : ndarray of int, shape (N, T)
        What it should predict at each step.
    start : int
        The start token.

    Returns
    -------
    ndarray of int, shape (N, T)
    """
    first = np.full((len(targets), 1), start)
    return np.concatenate([first, targets[:, :-1]], axis=1)


@shift_right.mistake(
    "The decoder is given the very token that it should predict. It will learn to copy it."
)
def _(targets, start):
    return targets.copy()


@shift_right.mistake(
    "The last token of the target stands in front: np.roll goes round. Put the start token there."
)
def _(targets, start):
    return np.roll(targets, 1, axis=1)


@shift_right.mistake("There is one token too many: nobody has to read the last one.")
def _(targets, start):
    return np.concatenate([np.full((len(targets), 1), start), targets], axis=1)


@shift_right.mistake("You shift to the left: the decoder would see the token after the next.")
def _(targets, start):
    return np.concatenate([targets[:, 1:], np.full((len(targets), 1), start)], axis=1)


@shift_right.mistake(
    "The start token takes the place of the first token. All others must move on by one."
)
def _(targets, start):
    return np.concatenate([np.full((len(targets), 1), start), targets[:, 1:]], axis=1)


def _logits(rng):
    """Return logits and targets of several lengths; the third case overflows, the last is long."""
    cases = [(1, 0, (3, 5)), (2, 0, (2, 4, 6)), (1, 900, (4, 1, 3)), (12, 0, (100, 90))]
    targets = [(*how, _targets(rng, *lengths)) for *how, lengths in cases]
    return [(shift + size * rng.standard_normal((*t.shape, 7)), t) for size, shift, t in targets]


@task(
    "seq2seq.sequence_log_probability",
    _logits,
    about="The logarithm of the product {eq}`eq-seq2seq-conditional`, for every target of a batch, "
    "from the logits of a decoder that was given the true beginnings. The end token counts, "
    "padding does not.",
    hints=(
        "Log probabilities are the logits minus the log of the sum of their exponentials.",
        "Take out the largest logit before the exponential: np.exp(900) is infinite.",
        "np.take_along_axis picks the log probability of each target. Add those that count.",
    ),
)
def sequence_log_probability(logits, targets):
    """Return the log probability of each target.

    Parameters
    ----------
    logits : ndarray, shape (N, T, K)
        Up to 1000 in absolute value.
    targets : ndarray of int, shape (N, T)
        Filled up with 0 after the end token.

    Returns
    -------
    ndarray, shape (N,)
    """
    z = logits - logits.max(axis=-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_p, targets[..., np.newaxis], axis=-1)[..., 0]
    return np.where(targets != 0, chosen, 0).sum(axis=1)


def _chosen(log_p, targets):
    return np.take_along_axis(log_p, targets[..., np.newaxis], axis=-1)[..., 0]


@sequence_log_probability.mistake("The padding after the end is counted as if it were tokens.")
def _(logits, targets):
    return _chosen(_log_softmax(logits), targets).sum(axis=1)


@sequence_log_probability.mistake("The logits themselves are added up. Softmax comes first.")
def _(logits, targets):
    return (_chosen(logits, targets) * (targets != 0)).sum(axis=1)


@sequence_log_probability.mistake(
    "The exponential of a large logit overflows. Take the largest one out first."
)
def _(logits, targets):
    log_p = np.log(np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True))
    return np.where(targets != 0, _chosen(log_p, targets), 0).sum(axis=1)


@sequence_log_probability.mistake(
    "You take the log of a product that is too small for a float and has become 0. Add logs."
)
def _(logits, targets):
    p = np.exp(_chosen(_log_softmax(logits), targets))
    return np.log(np.where(targets != 0, p, 1).prod(axis=1))


@sequence_log_probability.mistake(
    "This is the mean of a token. The probability of a sequence is a product, its log a sum."
)
def _(logits, targets):
    counts = targets != 0
    return (_chosen(_log_softmax(logits), targets) * counts).sum(axis=1) / counts.sum(axis=1)


@sequence_log_probability.mistake("The end token is left out. That the target stops counts, too.")
def _(logits, targets):
    return (_chosen(_log_softmax(logits), targets) * (targets > 2)).sum(axis=1)


def _log_p(rng):
    return [(_log_softmax(logits), targets) for logits, targets in _logits(rng)]


@task(
    "seq2seq.masked_loss_gradient",
    _log_p,
    about="The gradient of the mean cross-entropy of a token by the logits: "
    "{eq}`eq-seq2seq-delta`. Padding counts neither in the sum nor in what it is divided by.",
    hints=(
        "Without padding it is probability minus one-hot, divided by the number of tokens.",
        "At a place of padding all K numbers are zero.",
        "Divide by the tokens of the whole batch that count, not by N and not by N * T.",
    ),
)
def masked_loss_gradient(log_p, targets):
    """Return the gradient of the mean loss of a token by the logits.

    Parameters
    ----------
    log_p : ndarray, shape (N, T, K)
        The log probabilities of all tokens, log softmax of the logits.
    targets : ndarray of int, shape (N, T)
        0 is padding.

    Returns
    -------
    ndarray, shape (N, T, K)
    """
    counts = targets != 0
    one_hot = targets[..., np.newaxis] == np.arange(log_p.shape[-1])
    return (np.exp(log_p) - one_hot) * counts[..., np.newaxis] / counts.sum()


def _delta(log_p, targets, counts, divisor):
    one_hot = targets[..., np.newaxis] == np.arange(log_p.shape[-1])
    return (np.exp(log_p) - one_hot) * counts[..., np.newaxis] / divisor


@masked_loss_gradient.mistake(
    "The padding is rightly left out, but you divide by all places of the array, N * T."
)
def _(log_p, targets):
    return _delta(log_p, targets, targets != 0, targets.size)


@masked_loss_gradient.mistake("Padding has a gradient: the model would learn to predict it.")
def _(log_p, targets):
    return _delta(log_p, targets, np.ones(targets.shape), targets.size)


@masked_loss_gradient.mistake("You divide by the number of sequences, not by that of the tokens.")
def _(log_p, targets):
    return _delta(log_p, targets, targets != 0, len(targets))


@masked_loss_gradient.mistake(
    "You divide each sequence by its own length, so tokens of short ones count more. The mean is "
    "over all tokens of the batch."
)
def _(log_p, targets):
    counts = targets != 0
    return _delta(log_p, targets, counts, len(targets) * counts.sum(axis=1)[:, None, None])


@masked_loss_gradient.mistake("The one-hot target is subtracted from the *log* probabilities.")
def _(log_p, targets):
    counts = (targets != 0)[..., np.newaxis]
    one_hot = targets[..., np.newaxis] == np.arange(log_p.shape[-1])
    return (log_p - one_hot) * counts / counts.sum()


def _tables(rng):
    """Return tables of log probabilities in which greedy decoding ends, or does not."""
    cases = []
    for size, limit in [(6, 8), (5, 3), (7, 4)]:
        order = rng.permutation(np.arange(3, size))
        path = [1, *order, 2]
        table = rng.standard_normal((size, size))
        table[path[:-1], path[1:]] += 9.0
        cases.append((_log_softmax(table), 1, 2, limit))
    return cases


@task(
    "seq2seq.greedy_decode",
    _tables,
    about="Take the likeliest token, feed it back, stop at the end token. The model is the "
    "smallest there is, the table of {ref}`sec-seq2seq-chain`: the next token depends on the last.",
    hints=(
        "Keep the last token; in the beginning it is `start`, which is not written itself.",
        "The row of the last token holds the log probabilities of the next one.",
        "Append first, then look whether it was the end.",
    ),
)
def greedy_decode(log_p, start, end, limit):
    """Return the tokens that greedy decoding writes.

    Parameters
    ----------
    log_p : ndarray, shape (K, K)
        Log probability of the next token (column) after the last one (row).
    start, end : int
    limit : int
        Tokens at most, the end token included.

    Returns
    -------
    list of int
        Without the start token, with the end token if it came.
    """
    tokens, last = [], start
    while len(tokens) < limit and last != end:
        last = int(log_p[last].argmax())
        tokens.append(last)
    return tokens


def _written(log_p, start, end, limit):
    return greedy_decode.reference(log_p, start, end, limit)


@greedy_decode.mistake("The end token is missing from the result.")
def _(log_p, start, end, limit):
    return [token for token in _written(log_p, start, end, limit) if token != end]


@greedy_decode.mistake("It goes on after the end token, up to the limit.")
def _(log_p, start, end, limit):
    return _written(log_p, start, -1, limit)


@greedy_decode.mistake("The start token stands in the result. It is given, not written.")
def _(log_p, start, end, limit):
    return [start, *_written(log_p, start, end, limit)]


@greedy_decode.mistake("Rows and columns are exchanged: the row belongs to the last token.")
def _(log_p, start, end, limit):
    return _written(log_p.T, start, end, limit)


@greedy_decode.mistake(
    "What was written is not fed back: every step asks what comes after the start token."
)
def _(log_p, start, end, limit):
    return [int(log_p[start].argmax())] * limit


def _beams(rng):
    """Return scores of beginnings and log probabilities of their next tokens."""
    cases = [
        (rng.standard_normal(b) - 2, rng.standard_normal((b, k)))
        for b, k in [(2, 5), (3, 4), (4, 9)]
    ]
    return [(scores, _log_softmax(logits)) for scores, logits in cases]


@task(
    "seq2seq.beam_step",
    _beams,
    about="One step of a beam search: extend every beginning by every token, "
    "{eq}`eq-seq2seq-extend`, and keep as many as there were, {eq}`eq-seq2seq-select`.",
    hints=(
        "scores[:, np.newaxis] + log_p holds the scores of all B * K candidates.",
        "Sort them all together, np.argsort of the flattened array, and take the B best.",
        "Place k of the flattened array is beginning k // K with token k % K: np.divmod.",
    ),
)
def beam_step(scores, log_p):
    """Return the best extensions of all beginnings together, the best first.

    Parameters
    ----------
    scores : ndarray, shape (B,)
        Log probabilities of the B beginnings.
    log_p : ndarray, shape (B, K)
        Log probabilities of the next token after each of them.

    Returns
    -------
    parents : ndarray of int, shape (B,)
        Which beginning each of the B best extends.
    tokens : ndarray of int, shape (B,)
        By which token.
    scores : ndarray, shape (B,)
    """
    candidates = (scores[:, np.newaxis] + log_p).ravel()
    best = np.argsort(-candidates)[: len(scores)]
    parents, tokens = np.divmod(best, log_p.shape[1])
    return parents, tokens, candidates[best]


def _best(candidates, width, columns):
    best = np.argsort(-candidates.ravel())[:width]
    return *np.divmod(best, columns), candidates.ravel()[best]


@beam_step.mistake(
    "Every beginning keeps its own best extension. All candidates compete with each other: one "
    "beginning may have two successors, and another none."
)
def _(scores, log_p):
    total = scores + log_p.max(axis=1)
    order = np.argsort(-total)
    return order, log_p.argmax(axis=1)[order], total[order]


@beam_step.mistake("The scores of the beginnings are left out: only the last step is compared.")
def _(scores, log_p):
    return _best(log_p, len(scores), log_p.shape[1])


@beam_step.mistake("Log probabilities are multiplied. Probabilities multiply, their logs add.")
def _(scores, log_p):
    return _best(scores[:, np.newaxis] * log_p, len(scores), log_p.shape[1])


@beam_step.mistake("You keep the worst candidates: argsort puts the smallest first.")
def _(scores, log_p):
    parents, tokens, low = _best(-(scores[:, np.newaxis] + log_p), len(scores), log_p.shape[1])
    return parents, tokens, -low


@beam_step.mistake("These are the right candidates, but the best one stands last.")
def _(scores, log_p):
    return tuple(part[::-1] for part in beam_step.reference(scores, log_p))


@beam_step.mistake(
    "Parents and tokens are computed with the wrong length: a row has K entries, one a token."
)
def _(scores, log_p):
    return _best(scores[:, np.newaxis] + log_p, len(scores), len(scores))
