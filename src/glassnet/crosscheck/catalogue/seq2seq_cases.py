"""Models that translate, trained beside twins made of Keras' layers; decoding by enumeration."""

from __future__ import annotations

import functools
import itertools

import numpy as np

from glassnet import losses, models, optimizers

from ..precision import float64, load_keras, make_exact
from ..report import Report, compare_arrays
from ..twins import hand_over, keras_twin, randomise_weights
from .registry import case

SOURCE, TARGET, STEPS, TIME = 11, 9, 6, 5  # sizes of the vocabularies, lengths

RTOL, ATOL = 1e-8, 1e-10  # of whole runs: rounding grows from step to step


def sentences(rng, samples=20):
    """Source and target tokens of different lengths, filled up with 0."""
    source = rng.integers(3, SOURCE, (samples, STEPS))
    target = rng.integers(3, TARGET, (samples, TIME + 1))
    target[:, 0] = 1
    for tokens in (source, target):
        for row, length in zip(tokens, rng.integers(2, tokens.shape[1], samples), strict=True):
            row[length:] = 0
    return source, target


class Twin:
    """A Keras layer for each layer of ours, with its weights, and how they hang together."""

    def __init__(self, network, connect):
        self.network, self.connect = network, connect
        self.parts = {}
        for layer in network.layers:
            twin = self.parts[layer.name] = keras_twin(layer)
            shape = _concrete(layer.input_shape)
            twin.build(shape)
            twin.set_weights(layer.get_weights())
        self.variables = [
            variable for part in self.parts.values() for variable in part.trainable_variables
        ]

    def __call__(self, source, target, training=False):
        return self.connect(self.parts, source, target, training)


def _concrete(shape):
    """Shapes without None, which some Keras layers want."""
    if isinstance(shape, list):
        return [_concrete(each) for each in shape]
    return tuple(2 if axis is None else axis for axis in shape)


def recurrent(parts, source, target, training):
    """Seq2Seq in Keras."""
    _, keras = load_keras()
    mask = keras.ops.not_equal(source, 0)
    memory, *states = parts["encoder"](parts["source_embedding"](source), mask=mask)
    y, *_ = parts["decoder"](parts["target_embedding"](target), initial_state=states)
    if "attention" in parts:
        given = [y, memory]
        if "query" in parts:
            given = [parts["query"](y), memory, parts["key"](memory)]
        context = parts["attention"](given, mask=[None, mask])
        y = parts["combine"](keras.ops.concatenate([context, y], axis=-1))
    return parts["predict"](y)


def attentive(parts, source, target, training):
    """Transformer in Keras."""
    masks = [np.asarray(tokens) != 0 for tokens in (target, source)]
    x, y = parts["source_embedding"](source), parts["target_embedding"](target)
    for name, part in parts.items():
        side, _, kind = name.partition("_")
        options = {} if kind == "norm" else {"training": training}
        if kind == "dropout":
            options["training"] = training and part.rate > 0
        if side == "encoder":
            x = part(x, **options, **({"mask": masks[1]} if kind.isdigit() else {}))
        elif side == "decoder":
            y = part([y, x], **options, mask=masks) if kind.isdigit() else part(y, **options)
    return parts["predict"](y)


def _dense(gradients):
    """Fill up what comes in slices: Keras would leave rows alone that do not occur."""
    tensorflow, _ = load_keras()
    return [tensorflow.convert_to_tensor(gradient) for gradient in gradients]


def trained(network, connect, rng, steps=3):
    """Compare the logits, all gradients, and a few steps of training with those of the twin."""
    tensorflow, _ = load_keras()
    source, target = sentences(rng)
    inputs, labels = (source, target[:, :-1]), target[:, 1:]
    network.build(rng, dtype=np.float64)
    for layer in network.layers:
        randomise_weights(layer, rng)
    network.compile(
        optimizers.SGD(0.05, momentum=0.9),
        losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0),
    )
    dy = rng.standard_normal((len(source), TIME, TARGET))
    logits = network.forward(inputs)
    network.backward(dy)
    gradients = [np.array(gradient) for gradient in network.gradients]
    ours, theirs = [], []
    with float64():
        twin = Twin(network, connect)
        values = [variable.value for variable in twin.variables]
        with tensorflow.GradientTape() as tape:
            reference = twin(*map(tensorflow.constant, inputs))
            total = tensorflow.reduce_sum(reference * dy)
        slopes = _dense(tape.gradient(total, values, unconnected_gradients="zero"))
        loss, optimizer = keras_twin(network.loss), keras_twin(network.optimizer)
        note = make_exact(optimizer)
        optimizer.build(twin.variables)
        for _ in range(steps):
            batch = rng.permutation(len(source))[:7]
            x, y = tuple(part[batch] for part in inputs), labels[batch]
            ours.append(network.train_on_batch(x, y)["loss"])
            for layer in network.layers:
                hand_over(layer, twin.parts[layer.name])
            with tensorflow.GradientTape() as tape:
                value = loss(y, twin(*map(tensorflow.constant, x), training=True))
            values = [variable.value for variable in twin.variables]
            optimizer.apply(_dense(tape.gradient(value, values)), twin.variables)
            theirs.append(float(value))
        after = [variable.numpy() for variable in twin.variables]
    names = [f"{layer.name}/{key}" for layer in network.layers for key in layer.params]
    rows = [compare_arrays("logits", logits, reference.numpy())]
    for name, gradient, slope in zip(names, gradients, slopes, strict=True):
        rows.append(compare_arrays(f"gradient of {name}", gradient, slope.numpy()))
    rows.append(compare_arrays(f"loss of each of {steps} steps", ours, theirs, RTOL, ATOL))
    for name, weight, other in zip(names, network.trainable_weights, after, strict=True):
        rows.append(compare_arrays(f"{name} afterwards", weight, other, RTOL, ATOL))
    return Report("translation against Keras, step by step", rows, note)


_COVERS = ("models.EncoderDecoder", "models.LayeredModel", "models.Model")


def _seq2seq(options, rng):
    return trained(models.Seq2Seq(SOURCE, TARGET, 4, 5, **options), recurrent, rng)


def _transformer(options, rng):
    network = models.Transformer(SOURCE, TARGET, 7, 8, 10, 2, **options)
    return trained(network, attentive, rng)


for _cell, _attention in (("gru", None), ("lstm", None), ("lstm", "dot"), ("gru", "additive")):
    case(
        f"models.Seq2Seq(cell={_cell!r}, attention={_attention!r}) step by step",
        "models.Seq2Seq",
        *_COVERS,
    )(functools.partial(_seq2seq, {"cell": _cell, "attention": _attention}))
for _options in (
    {},
    {"num_layers": 2, "dropout": 0.2, "normalize_first": True, "positions": "learned"},
):
    _shown = ", ".join(f"{key}={value!r}" for key, value in _options.items())
    case(f"models.Transformer({_shown}) step by step", "models.Transformer", *_COVERS)(
        functools.partial(_transformer, _options)
    )


class Chances:
    """A made-up language model: the chances of a token depend on all tokens before it."""

    def __init__(self, rng, batch, vocabulary, length):
        self.vocabulary = vocabulary
        self.tables = [
            np.log(rng.dirichlet(np.ones(vocabulary), (batch, *[vocabulary] * t)))
            for t in range(length)
        ]

    def start(self):
        """Which sequence a row belongs to, and what has been written so far."""
        return np.arange(len(self.tables[0])), np.zeros((len(self.tables[0]), 0), int)

    def step(self, tokens, state):
        sequence, written = state
        if tokens[0] >= 0:  # the start token is -1 here
            written = np.concatenate([written, tokens[:, np.newaxis]], axis=1)
        table = self.tables[written.shape[1]]
        return table[(sequence, *written.T)], (sequence, written)

    def ranked(self, sequence, end, length, alpha):
        """All sequences with their scores, the best first: every one is written out."""
        found = []
        for tokens in itertools.product(range(self.vocabulary), repeat=length):
            stop = tokens.index(end) + 1 if end in tokens else length
            if any(tokens[stop:]):  # after the end there is nothing but 0
                continue
            total = sum(self.tables[t][(sequence, *tokens[:t])][tokens[t]] for t in range(stop))
            found.append((total / stop**alpha, tokens))
        return sorted(found, reverse=True)


def _exhaustive(alpha, rng):
    """A beam as wide as there are sequences finds them all, in their order."""
    vocabulary, length, batch, end = 3, 4, 2, 2
    chances = Chances(rng, batch, vocabulary, length)
    tokens, scores = models.beam_search(
        chances.step, chances.start(), -1, end, length, vocabulary**length, alpha
    )
    rows = []
    for b in range(batch):
        best = chances.ranked(b, end, length, alpha)
        there = np.isfinite(scores[b])
        rows += [
            compare_arrays(f"sequences {b}", tokens[b][there], [y for _, y in best], 0, 0),
            compare_arrays(f"scores {b}", scores[b][there], [score for score, _ in best]),
        ]
    return Report("beam search against all sequences", rows)


for _alpha in (0.0, 0.75):
    case(f"models.beam_search, length_penalty={_alpha}", "models.beam_search")(
        functools.partial(_exhaustive, _alpha)
    )


@case("models.greedy_decode", "models.greedy_decode", "models.beam_search")
def _greedy(rng):
    """Step by step through the tables; and the same as a beam of width 1."""
    batch, vocabulary, length, end = 7, 4, 5, 3
    chances = Chances(rng, batch, vocabulary, length)
    options = chances.step, chances.start(), -1, end, length
    tokens, scores = models.greedy_decode(*options)
    narrow, narrow_scores = models.beam_search(*options, beam_width=1)
    expected, totals = np.zeros((batch, length), int), np.zeros(batch)
    for b, t in np.ndindex(batch, length):
        if end in expected[b, :t]:
            continue
        table = chances.tables[t][(b, *expected[b, :t])]
        expected[b, t] = max(range(vocabulary), key=table.__getitem__)
        totals[b] += table[expected[b, t]]
    used = tokens.shape[1]
    return Report(
        "greedy decoding, one sequence after the other",
        [
            compare_arrays("tokens", tokens, expected[:, :used], 0, 0),
            compare_arrays("nothing beyond", expected[:, used:].sum(), 0, 0, 0),
            compare_arrays("scores", scores, totals),
            compare_arrays("tokens of a beam of 1", narrow[:, 0], tokens, 0, 0),
            compare_arrays("scores of a beam of 1", narrow_scores[:, 0], scores),
        ],
    )
