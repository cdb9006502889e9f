# ruff: noqa: E501 - one fault a line
"""Faults to plant, each with the check that must notice it.

A check called ``gradient: name`` is one of `gradient_checks`, ``keras: name`` a case of the
catalogue. The old text must occur exactly once in the file.
"""

from __future__ import annotations

from typing import NamedTuple

from planted_sequence_faults import SEQUENCE_FAULTS


class Fault(NamedTuple):
    file: str
    old: str
    new: str
    check: str


_ACTIVATIONS = [
    # activations/saturating.py
    ("saturating", "sigmoid(x) * sigmoid(-x)  #", "sigmoid(x) * sigmoid(x)  #", "gradient: sigmoid()"),
    ("saturating", "np.where(x < 0, e, 1)", "np.where(x < 0, 1, e)", "keras: sigmoid"),
    ("saturating", "return 1 - tanh(x) ** 2", "return 1 - x**2", "gradient: tanh()"),
    ("saturating", "astype(x.dtype) / 6", "astype(x.dtype) / 5", "gradient: hard_sigmoid()"),
    ("saturating", "(1 / (1 + np.abs(as_float(x)))) ** 2", "1 / (1 + np.abs(as_float(x)))", "gradient: softsign()"),
    ("saturating", "np.heaviside(as_float(x), 1)", "np.heaviside(as_float(x), 0)", "keras: step"),
    # activations/rectifiers.py
    ("rectifiers", " + slope * (x < threshold).astype(x.dtype)", "", "keras: relu, negative_slope=0.25, max_value=2.5, threshold=0.75"),
    ("rectifiers", "np.where(x > 0, 1, real_in(", "np.where(x >= 0, 1, real_in(", "keras: leaky_relu"),
    ("rectifiers", "1, alpha * np.exp(", "1, alpha * np.expm1(", "gradient: elu(alpha=0.4)"),
    ("rectifiers", "SELU_SCALE * np.where(x >= 0, 1, below)", "np.where(x >= 0, 1, below)", "gradient: selu()"),
    ("rectifiers", "SELU_ALPHA = 1.6732632423543772", "SELU_ALPHA = 1.67326", "keras: selu"),
    ("rectifiers", "(x > 0) + alpha * (x < 0)", "(x > 0) + (x < 0)", "gradient: prelu()"),
    ("rectifiers", "axis=tuple(range(x.ndim - 1))", "axis=0", "keras: prelu"),
    # activations/smooth.py
    ("smooth", "(1 + x * sigmoid(-x))", "(1 + sigmoid(-x))", "gradient: silu()"),
    ("smooth", "3 * _GELU_CUBIC", "_GELU_CUBIC", "gradient: gelu(approximate=True)"),
    ("smooth", "np.exp(-0.5 * x**2)", "np.exp(-(x**2))", "gradient: gelu()"),
    ("smooth", "(1 - t**2) * sigmoid(x)", "(1 - t**2)", "gradient: mish()"),
    ("smooth", "return sigmoid(x)\n", "return sigmoid(-x)\n", "gradient: softplus()"),
    # activations/normalised.py
    ("normalised", "np.sum(y * dy, axis", "np.mean(y * dy, axis", "gradient: softmax()"),
    ("normalised", "np.sum(y * dy, axis,", "np.sum(y * dy, -1,", "gradient: softmax(axis=0)"),
    ("normalised", "dy - np.exp(y) *", "dy - y *", "gradient: log_softmax()"),
    ("normalised", "e / np.sum(e, axis,", "e / np.sum(e, -1,", "keras: softmax, axis=1"),
]  # fmt: skip

_LOSSES = [
    ("regression", "return 2 * (y_pred - y_true)", "return (y_pred - y_true)", "gradient: MeanSquaredError()"),
    ("regression", "np.sign(y_pred - y_true)", "np.sign(y_true - y_pred)", "gradient: MeanAbsoluteError()"),
    ("regression", "-delta, delta) / y_pred", "-1, 1) / y_pred", "gradient: Huber(delta=0.6)"),
    ("regression", "delta * (size - inner)", "(size - inner)", "keras: huber, delta=0.6"),
    ("regression", "np.tanh(y_pred - y_true)", "np.sinh(y_pred - y_true)", "gradient: LogCosh()"),
    ("regression", "- math.log(2), axis", ", axis", "keras: log_cosh"),
    ("probabilistic", "(rates + EPSILON)) / rates.shape[-1]", "(rates + EPSILON))", "gradient: Poisson()"),
    ("probabilistic", "EPSILON, 0, -y / p)", "EPSILON, 0, -p / y)", "gradient: KLDivergence()"),
    ("probabilistic", "np.where(y_pred < EPSILON, 0, -y / p)", "-y / p", "keras: kl_divergence"),
    ("margin", "np.where(y * y_pred > 1, 0, -y)", "np.where(y * y_pred > 0, 0, -y)", "gradient: Hinge()"),
    ("margin", "-2 * y * np.maximum", "-2 * np.maximum", "gradient: SquaredHinge()"),
    ("crossentropy", "(sigmoid(y_pred) - y) / n", "(sigmoid(y_pred) - y_true) / n", "gradient: BinaryCrossentropy(label_smoothing=0.2, from_logits=True)"),
    ("crossentropy", "dp * (p - y) / (p * (1 - p)) / n", "dp * (p - y) / n", "gradient: BinaryCrossentropy(label_smoothing=0.2)"),
    ("crossentropy", "dp * (p - y) /", "(p - y) /", "keras: binary_crossentropy"),
    ("crossentropy", "softmax(y_pred, axis=axis) - y", "softmax(y_pred) - y", "gradient: CategoricalCrossentropy(axis=1, from_logits=True, reduction='mean_with_sample_weight')"),
    ("crossentropy", "(g - np.sum(g * q, axis=axis, keepdims=True)) / total", "g / total", "gradient: CategoricalCrossentropy(label_smoothing=0.2)"),
    ("crossentropy", "softmax(y_pred) - onehot", "onehot - softmax(y_pred)", "gradient: SparseCategoricalCrossentropy(from_logits=True, ignore_class=2)"),
    ("crossentropy", "np.where(counts[..., np.newaxis], gradient, 0)", "gradient", "keras: sparse_categorical_crossentropy, from_logits=True, ignore_class=-1"),
    ("crossentropy", "z = y_pred if from_logits else np.log(_clipped(y_pred)[0])", "z = y_pred", "keras: sparse_categorical_crossentropy"),
    ("crossentropy", "alpha / classes", "alpha", "keras: categorical_crossentropy, label_smoothing=0.2"),
    ("base", "return factors / divisor if divisor", "return factors if divisor", "keras: MeanSquaredError"),
    ("base", 'total.sum() if reduction == "mean_with_sample_weight" else count', "count", "keras: Huber"),
    ("base", "factors = self._factors(like_losses, y_true, y_pred, sample_weight)", "factors = self._factors(like_losses, y_true, y_pred, None)", "gradient: MeanSquaredError()"),
]  # fmt: skip

_LAYERS = [
    ("core", "dx = dy @ kernel.T", "dx = dy @ kernel", "gradient: Dense(units=5, activation='gelu')"),
    ("core", "x.T @ dy,", "x.T @ np.abs(dy),", "gradient: Dense(units=3)"),
    ("core", "dy.sum(axis=0)", "dy.mean(axis=0)", "gradient: Dense(units=3)"),
    ("core", "dz = self.activation.backward(dy, z, y)", "dz = self.activation.backward(dy, y, y)", "gradient: Dense(units=5, activation='gelu')"),
    ("core", "self._cache = cache, z, y", "self._cache = cache, y, z", "gradient: Dense(units=3, activation='softmax', use_bias=False)"),
    ("core", "self.activation.backward(dy, z, y), x)", "dy, x)", "keras: Dense(units=4, activation='tanh'), input (7, 2, 3, 5)"),
    ("core", 'dense_forward(x, self.params["kernel"], self.params.get("bias"))', 'dense_forward(x, self.params["kernel"])', "keras: Dense(units=4), input (7, 5)"),
    ("core", "return dy * mask / (1 - rate)", "return dy * mask", "gradient: Dropout(rate=0.3)"),
    ("core", "return x * mask / (1 - rate)", "return x * mask / rate", "keras: Dropout(rate=0.3), a given mask"),
    ("core", ">= self.rate", "< self.rate", "statistics: dropout keeps"),
    ("reshaping", "flatten_backward(self._check_gradient(dy), ", "flatten_backward(self._check_gradient(dy)[:, ::-1], ", "gradient: Flatten()"),
    ("reshaping", "x.reshape(x.shape[0], math.prod(x.shape[1:]))", "x.swapaxes(1, -1).reshape(x.shape[0], -1)", "keras: Flatten(), input (7, 2, 3, 5)"),
    ("reshaping", "reshape_backward(self._check_gradient(dy), ", "reshape_backward(self._check_gradient(dy)[:, ::-1], ", "gradient: Reshape(target_shape=(5, -1))"),
    ("reshaping", "x.reshape(x.shape[:1] + tuple(target_shape))", 'x.reshape(x.shape[:1] + tuple(target_shape), order="F")', "keras: Reshape(target_shape=(5, -1)), input (7, 2, 3, 5)"),
    ("activation", "dy * ((x > 0) + alpha * (x < 0))", "dy * ((x > 0) - alpha * (x < 0))", "gradient: PReLU()"),
    ("activation", "dy * np.minimum(x, 0)", "dy * np.maximum(x, 0)", "gradient: PReLU(shared_axes=[1])"),
    ("activation", "(self._check_gradient(dy), *self._cache)", "(self._check_gradient(dy), *self._cache[::-1])", "gradient: Activation(activation='silu')"),
]  # fmt: skip

_OPTIMIZERS = [
    ("sgd", "    param -= learning_rate * grad\n", "    param += learning_rate * grad\n", "SGD()"),
    ("sgd", "param += velocity\n", "param += momentum * velocity\n", "SGD(learning_rate=0.1, momentum=0.9)"),
    ("sgd", "momentum * velocity - learning_rate * grad", "momentum * velocity", "SGD(learning_rate=0.1, momentum=0.7, nesterov=True)"),
    ("adam", "param -= alpha * m / (np.sqrt(v) + epsilon)", "param -= learning_rate * m / (np.sqrt(v) + epsilon)", "Adam()"),
    ("adam", "(np.sqrt(v) + epsilon)", "np.sqrt(v + epsilon)", "Adam()"),
    ("adam", "step=self.iterations + 1", "step=self.iterations + 2", "Adam()"),
    ("adam", "np.maximum(v_max, v, out=v_max)", "v_max[...] = v", "Adam(learning_rate=0.02, beta_2=0.8, amsgrad=True)"),
    ("adaptive", "/ np.sqrt(scale + epsilon)", "/ (np.sqrt(scale) + epsilon)", "RMSprop(learning_rate=0.02, rho=0.8, epsilon=0.01)"),
    ("adaptive", "np.maximum(mean_square - mean**2, 0)", "mean_square", "RMSprop(learning_rate=0.02, centered=True, momentum=0.6, epsilon=0.001)"),
    ("adaptive", "accumulator += grad**2", "accumulator += np.abs(grad)", "Adagrad()"),
    ("adaptive", "(1 - rho) * step**2", "(1 - rho) * grad**2", "Adadelta()"),
    ("clipping", "max(global_norm([grad]), clipnorm)", "max(np.abs(grad).max(), clipnorm)", "SGD(learning_rate=0.1, clipnorm=1.5)"),
    ("clipping", "max(global_norm(grads), clipnorm)", "max(global_norm(grads[:1]), clipnorm)", "SGD(learning_rate=0.1, global_clipnorm=3.0)"),
    ("clipping", "np.clip(grad, -clipvalue, clipvalue)", "np.clip(grad, 0, clipvalue)", "SGD(learning_rate=0.1, clipvalue=0.6)"),
    ("base", "(learning_rate * weight_decay) * param", "weight_decay * param", "SGD(learning_rate=0.1, weight_decay=0.03)"),
    ("base", "average += (1 - momentum) * param", "average += momentum * param", "SGD(learning_rate=0.1, use_ema=True, ema_momentum=0.8)"),
    ("base", "% self.ema_overwrite_frequency == 0", "% self.ema_overwrite_frequency == 1", "SGD(learning_rate=0.1, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=7)"),
    ("base", "self._learning_rate(self.iterations)", "self._learning_rate(self.iterations + 1)", "Adam(learning_rate=ExponentialDecay(initial_learning_rate=0.1, decay_steps=17, decay_rate=0.7))"),
]  # fmt: skip

_INITIALIZERS = [
    ("return inputs * size, outputs * size", "return outputs * size, inputs * size", "HeNormal()"),
    ("return inputs * size, outputs * size", "return inputs, outputs", "LecunUniform()"),
    ("limit = np.sqrt(3) * stddev", "limit = np.sqrt(6) * stddev", "GlorotUniform()"),
    ("stddev / _TRUNCATED_STDDEV *", "stddev *", "GlorotNormal()"),
    ('scale, mode, distribution = 2.0, "fan_in", "truncated_normal"', 'scale, mode, distribution = 1.0, "fan_in", "truncated_normal"', "HeNormal()"),
    ("return self.gain * (q.T", "return (q.T", "Orthogonal(gain=1.6)"),
    ("np.abs(z) > 2", "np.abs(z) > 3", "TruncatedNormal()"),
]  # fmt: skip

_SCHEDULES = [
    ("self.decay_rate**periods", "self.decay_rate**step", "ExponentialDecay(initial_learning_rate=0.1, decay_steps=17, decay_rate=0.7)"),
    ("(1 + self.decay_rate * periods)", "(self.decay_rate + periods)", "InverseTimeDecay(initial_learning_rate=0.1, decay_steps=17, decay_rate=0.7)"),
    ("math.ceil(step / decay_steps)", "math.floor(step / decay_steps)", "PolynomialDecay(initial_learning_rate=0.1, decay_steps=31, end_learning_rate=0.02, power=0.5, cycle=True)"),
    ("start, step = self.warmup_target, step - self.warmup_steps", "start = self.warmup_target", "CosineDecay(initial_learning_rate=0.02, decay_steps=31, alpha=0.15, warmup_target=0.1, warmup_steps=13)"),
    ("self.m_mul**restarts", "self.m_mul", "CosineDecayRestarts(initial_learning_rate=0.1, first_decay_steps=13, t_mul=1.5, m_mul=0.8)"),
    ("bisect_left(self.boundaries, step)", "bisect_left(self.boundaries, step + 1)", "PiecewiseConstantDecay(boundaries=[7, 13, 31], values=[0.1, 0.3, 0.07, 0.02])"),
    ("return self.after(step - self.warmup_steps)", "return self.after(step)", "LinearWarmup(target=0.1, warmup_steps=13, after=CosineDecay(initial_learning_rate=0.1, decay_steps=31))"),
]  # fmt: skip

_OTHERS = [
    ("metrics/means.py", "(y_pred > self.threshold)", "(y_pred >= self.threshold)", "metrics.BinaryAccuracy"),
    ("metrics/means.py", "math.sqrt(super().result())", "super().result()", "metrics.RootMeanSquaredError"),
    ("metrics/counts.py", "self.true_positives + self.false_positives\n", "self.true_positives + self.false_negatives\n", "metrics.Precision"),
    ("models/training.py", "self.loss.gradient(y, y_pred, sample_weight)", "self.loss.gradient(y, y_pred)", "models.Sequential, regression step by step"),
    ("models/training.py", "self.total += loss * batch.samples", "self.total += loss * 8", "models.Sequential.fit"),
    ("models/training.py", "self.rng.permutation(data.samples) if shuffle else None", "self.rng.permutation(data.samples)", "models.Sequential.fit"),
    ("perceptron.py", "np.where(mistake, -y, 0)", "np.where(mistake, y, 0)", "perceptron.perceptron_loss"),
    ("perceptron.py", "weights[:, rival] -= x[n]", "weights[:, rival] -= 2 * x[n]", "perceptron.perceptron_fit_multiclass, replayed"),
]  # fmt: skip


def _in(package, faults):
    for file, old, new, check in faults:
        kind, _, name = check.partition(": ")
        name = name if name.startswith((package, "models.")) else f"{package}.{name}"
        yield Fault(f"{package}/{file}.py", old, new, f"{kind}: {name}")


FAULTS = [
    *_in("activations", _ACTIVATIONS),
    *_in("losses", _LOSSES),
    *_in("layers", _LAYERS),
    *_in("layers", SEQUENCE_FAULTS),
    *(Fault(f"optimizers/{f}.py", a, b, f"keras: optimizers.{c}") for f, a, b, c in _OPTIMIZERS),
    *(Fault("initializers.py", a, b, f"keras: initializers.{c}") for a, b, c in _INITIALIZERS),
    *(Fault("schedules.py", a, b, f"keras: schedules.{c}") for a, b, c in _SCHEDULES),
    *(Fault(f, a, b, f"keras: {c}") for f, a, b, c in _OTHERS),
]
