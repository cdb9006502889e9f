# ruff: noqa: E501 - one fault a line
"""Faults to plant, each with the check that must notice it.

A check called ``gradient: name`` is one of `gradient_checks`, ``keras: name`` a case of the
catalogue. The old text must occur exactly once in the file. Families of their own have a file
``faults_<family>.py`` each.
"""

from __future__ import annotations

import importlib
from pathlib import Path
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
    ("base", "factors = self._factors(like_losses, y_true, y_pred, sample_weight, mask)", "factors = self._factors(like_losses, y_true, y_pred, None, mask)", "gradient: MeanSquaredError()"),
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
    ("adam", "out=part), alpha, out=part)", "out=part), learning_rate, out=part)", "Adam()"),
    ("adam", "np.add(np.sqrt(v, out=part), epsilon, out=part)", "np.sqrt(np.add(v, epsilon, out=part), out=part)", "Adam()"),
    ("adam", "np.square(grad, out=part), 1 - beta_2", "np.square(grad, out=part), beta_2", "Adam()"),
    ("adam", "np.multiply(grad, 1 - beta_1, out=part)", "np.multiply(grad, beta_1, out=part)", "Adam()"),
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
    ("models/training.py", "self.loss.gradient(y, y_pred, *weights)", "self.loss.gradient(y, y_pred)", "models.Sequential, regression step by step"),
    ("models/training.py", "self.total += loss * batch.samples", "self.total += loss * 8", "models.Sequential.fit"),
    ("models/training.py", "self.rng.permutation(data.samples) if shuffle else None", "self.rng.permutation(data.samples)", "models.Sequential.fit"),
    ("perceptron.py", "np.where(mistake, -y, 0)", "np.where(mistake, y, 0)", "perceptron.perceptron_loss"),
    ("perceptron.py", "weights[:, rival] -= x[n]", "weights[:, rival] -= 2 * x[n]", "perceptron.perceptron_fit_multiclass, replayed"),
]  # fmt: skip

_C2 = "gradient: Conv2D(filters=5, kernel_size=(3, 2))"
_C2_GROUPS = "gradient: Conv2D(filters=6, kernel_size=3, groups=2, activation='tanh')"
_C2_STRIDES = "gradient: Conv2D(filters=5, kernel_size=(4, 2), strides=(2, 3))"
_C2_DILATED = "gradient: Conv2D(filters=5, kernel_size=2, dilation_rate=(2, 3))"
_C2_PORTIONS = "keras: Conv2D(filters=2, kernel_size=(3, 3)), input (3, 40, 45, 25)"
_C2_OVERLAP = "keras: Conv2D(filters=5, kernel_size=(4, 3), strides=(2, 2)), input (2, 9, 8, 3)"
_DEPTHWISE = "gradient: DepthwiseConv2D(kernel_size=(3, 2), depth_multiplier=3)"
_SEPARABLE = "gradient: SeparableConv2D(filters=5, kernel_size=2, strides=2)"
_TRANSPOSE = "gradient: Conv2DTranspose(filters=5, kernel_size=(3, 2), strides=(2, 3))"
_SAME = "keras: Conv2D(filters=5, kernel_size=(3, 2), padding='same', strides=(2, 2)), input (2, 9, 7, 3)"
_SUMS = "keras: conv_forward(strides=(2, 3), padding='same'), input (2, 9, 7, 4)"
_SUMS_GROUPS = "keras: conv_forward(groups=2, padding='valid'), input (2, 9, 7, 4)"
_SUMS_TURNED = "keras: conv_transpose_forward(strides=(2, 3), padding='same'), input (2, 7, 6, 3)"

_CONVOLUTIONS = [
    # where the windows lie
    ("_windows", "pads.append((total // 2, total - total // 2))", "pads.append((total - total // 2, total // 2))", _SAME),
    ("_windows", "(math.ceil(n / stride) - 1) * stride + reach - n", "reach - 1", "keras: Conv2D(filters=4, kernel_size=(3, 2), groups=2, padding='same', strides=(2, 2)), input (2, 8, 7, 6)"),
    ("_windows", 'pads.append((reach - 1 if padding == "causal" else 0, 0))', 'pads.append((0, reach - 1 if padding == "causal" else 0))', "keras: Conv1D(filters=4, kernel_size=3, padding='causal', dilation_rate=3), input (2, 11, 5)"),
    ("_windows", "first = i * dilation", "first = i", _SUMS.replace("strides=(2, 3), padding='same'", "dilation_rate=(3, 2), padding='valid'")),
    ("_windows", "(n - 1) * stride + 1, stride))", "n))", _SUMS),
    ("_windows", "places = (slice(a, a + n)", "places = (slice(0, n)", _SUMS),
    # the plain sums
    ("conv", "@ kernel[tap][:, outputs]\n    if", "@ kernel[tuple(-1 - i for i in tap)][:, outputs]\n    if", _SUMS),
    ("conv", "    if bias is not None:\n        y += bias", "    if bias is None:\n        y += bias", _SUMS),
    ("conv", "+= g @ kernel[tap][:, outputs].T", "= g @ kernel[tap][:, outputs].T", _SUMS),
    ("conv", "as_rows(seen).T @ as_rows(g)", "as_rows(seen).T @ np.abs(as_rows(g))", _SUMS),
    ("conv", "as_rows(dy).sum(axis=0)", "as_rows(dy).mean(axis=0)", _SUMS),
    ("conv", "slice(group * filters, (group + 1) * filters)", "slice(0, filters)", _SUMS_GROUPS),
    ("conv", "slice(group * channels, (group + 1) * channels)", "slice(0, channels)", _SUMS_GROUPS),
    # the fast ones
    ("conv_fast", "_row_windows(columns, i, w), row[:, outputs], out=term", "_row_windows(columns, len(flat) - 1 - i, w), row[:, outputs], out=term", _C2),
    ("conv_fast", "dy[some, :, outputs] @ row[:, outputs].T", "dy[some, :, outputs] @ flat[-1 - i][:, outputs].T", _C2_STRIDES),
    ("conv_fast", "rows += (dy", "rows[...] = (dy", _C2_STRIDES),
    ("conv_fast", "+= columns[..., j, :]", "= columns[..., j, :]", _C2_OVERLAP),
    ("conv_fast", "first, stride = j * w.dilation_rate[1], w.strides[1]", "first, stride = j, w.strides[1]", _C2_DILATED),
    ("conv_fast", "columns[..., j, :] = _places_at(padded, j, w)", "columns[..., -1 - j, :] = _places_at(padded, j, w)", _C2_PORTIONS),
    ("conv_fast", "i * w.dilation_rate[0], w.strides[0]", "i, w.strides[0]", "keras: Conv2D(filters=5, kernel_size=(3, 2), padding='valid', dilation_rate=(2, 3)), input (2, 9, 7, 3)"),
    ("conv_fast", "dy[some, :, outputs]).sum(axis=0)", "dy[some, :, outputs]).mean(axis=0)", _C2),
    ("conv_fast", "row[:, outputs] += (seen", "row[:, outputs] = (seen", _C2_PORTIONS),
    ("conv_fast", "inputs = slice(group * channels, (group + 1) * channels)", "inputs = slice(0, channels)", "keras: Conv2D(filters=9, kernel_size=(3, 2), groups=3), input (2, 8, 7, 6)"),
    ("conv_fast", "part[...] = w.crop(padded)", "part[...] = padded[:, : w.lengths[0], : w.lengths[1]]", _SAME),
    ("conv_fast", "np.flip(kernel, range(len(size)))", "np.flip(kernel, 0)", _C2),
    ("conv_fast", ".swapaxes(-1, -3)", ".swapaxes(-2, -3)", _C2_GROUPS),
    ("conv_fast", "(r - a, r - b)", "(r - b, r - a)", "keras: Conv2D(filters=5, kernel_size=(3, 2), padding='same'), input (2, 9, 7, 3)"),
    ("conv_fast", "total += np.matmul", "total = np.matmul", _C2_GROUPS),
    ("_convolution", "self.activation.backward(dy, z, y)", "self.activation.backward(dy, y, y)", _C2_GROUPS),
    ("_convolution", "as_rows(dz).sum(axis=0)", "as_rows(dy).sum(axis=0)", _C2_GROUPS),
    ("_convolution", "as_rows(dz).sum(axis=0)", "as_rows(dz).mean(axis=0)", "gradient: Conv1D(filters=4, kernel_size=3, padding='causal')"),
    # channel by channel
    ("conv_variants", "(dy * kernel[tap]).sum(axis=-1)", "(dy * kernel[tap]).mean(axis=-1)", _DEPTHWISE),
    ("conv_variants", "(seen * dy).sum(axis=everywhere)", "(seen * dy[::-1]).sum(axis=everywhere)", _DEPTHWISE),
    ("conv_variants", "y += windows.at(padded, tap)[..., np.newaxis] * kernel[tap]", "y += windows.at(padded, tap)[..., ::-1, np.newaxis] * kernel[tap]", "keras: DepthwiseConv2D(kernel_size=(3, 2), padding='valid'), input (2, 9, 7, 5)"),
    ("conv_variants", "depthwise_conv_backward(dz @ pointwise[0, 0].T, cache)", "depthwise_conv_backward(dz @ np.abs(pointwise[0, 0]).T, cache)", _SEPARABLE),
    ("conv_variants", "as_rows(each).T @ as_rows(dz)", "as_rows(each[::-1]).T @ as_rows(dz)", _SEPARABLE),
    # turned around
    ("conv_transpose", "+= x @ kernel[tap].T", "= x @ kernel[tap].T", _SUMS_TURNED),
    ("conv_transpose", "dx += reached @ kernel[tap]", "dx += reached @ kernel[tap[0], -1 - tap[1]]", _SUMS_TURNED),
    ("conv_transpose", "as_rows(reached).T @ as_rows(x)", "as_rows(reached).T @ as_rows(x[::-1])", _SUMS_TURNED),
    ("conv_transpose", "fast_kernel_gradient(x, dz, kernel.shape, windows)", "fast_kernel_gradient(x, dz, kernel.shape, windows)[::-1]", _TRANSPOSE),
    ("conv_transpose", "n * stride + (max(reach - stride, 0)", "n * stride + (reach - stride", "keras: Conv2DTranspose(filters=4, kernel_size=(2, 1), strides=(3, 2)), input (2, 7, 6, 3)"),
    ("conv_transpose", "2 * (reach // 2)", "reach", "keras: Conv2DTranspose(filters=4, kernel_size=(3, 5), padding='same', strides=(2, 3), output_padding=(1, 2)), input (2, 7, 6, 3)"),
]  # fmt: skip

_MAX = "gradient: MaxPooling2D(pool_size=(3, 2), strides=(2, 1))"
_MEAN = "gradient: AveragePooling2D(pool_size=(3, 2), strides=(2, 1))"
_MEAN_SAME = (
    "keras: AveragePooling2D(padding='same', pool_size=(3, 2), strides=(2, 1)), input (2, 9, 7, 5)"
)
_BILINEAR = "gradient: UpSampling2D(size=(2, 3), interpolation='bilinear')"

_POOLING = [
    ("pooling", "winner[greater] = number", "winner[greater] = number // 2", _MAX),
    ("pooling", "[...] += np.where(winner == number, dy, 0)", "[...] = np.where(winner == number, dy, 0)", _MAX),
    ("pooling", "winner == number", "winner != number", _MAX),
    ("pooling", "greater = entry > y ", "greater = entry >= y ", "keras: MaxPooling2D, ties"),
    ("pooling", "windows.pad(x, value=-np.inf)", "windows.pad(x)", "keras: MaxPooling1D(padding='same', pool_size=3, strides=2), input (2, 11, 5)"),
    ("pooling", "share = dy / entries", "share = dy", _MEAN),
    ("pooling", "[...] += share", "[...] = share", _MEAN),
    ("pooling", "for tap in windows.taps()) / entries", "for tap in windows.taps()) / math.prod(windows.size)", _MEAN_SAME),
    ("pooling", "inside = windows.pad(np.ones((1, *windows.lengths, 1), x.dtype))", "inside = windows.pad(np.ones((1, *windows.lengths, 1), x.dtype), 1)", _MEAN_SAME),
    ("global_pooling", "(dy.reshape(greatest.shape) / kept.sum(axis=_spatial(x), keepdims=True))", "dy.reshape(greatest.shape)", "keras: GlobalMaxPooling2D, ties"),
    ("global_pooling", "(x == greatest)", "(x != greatest)", "gradient: GlobalMaxPooling2D()"),
    ("global_pooling", " / math.prod(lengths)", "", "gradient: GlobalAveragePooling2D()"),
    ("global_pooling", "x.mean(axis=_spatial(x)", "x.sum(axis=_spatial(x)", "keras: GlobalAveragePooling1D(keepdims=False), input (2, 7, 5)"),
    ("resizing", ".sum(axis=(2, 4))", ".mean(axis=(2, 4))", "gradient: UpSampling2D(size=(2, 3))"),
    ("resizing", "height, rows, width, columns, channels).sum(axis=(2, 4))", "rows, height, columns, width, channels).sum(axis=(1, 3))", "gradient: UpSampling2D(size=(2, 3))"),
    ("resizing", "_along_rows(down.T, across.T @ dy)", "_along_rows(down.T[::-1], across.T @ dy)", _BILINEAR),
    ("resizing", "+ 0.5) / factor - 0.5", ") / factor", "keras: UpSampling2D(size=(2, 4), interpolation='bilinear'), input (2, 5, 7, 3)"),
    ("resizing", "places = np.clip(places, 0, length - 1)", "places = np.clip(places, 0, length)", "keras: UpSampling2D(size=(2, 2), interpolation='bilinear'), input (2, 5, 7, 3)"),
    ("resizing", "above : dy.shape[1] - below, left", "below : dy.shape[1] - above, left", "gradient: ZeroPadding2D(padding=((0, 1), (3, 2)))"),
    ("resizing", "((0, 0), *padding, (0, 0))", "((0, 0), *(pair[::-1] for pair in padding), (0, 0))", "keras: ZeroPadding2D(padding=((0, 1), (3, 2))), input (2, 5, 7, 3)"),
]  # fmt: skip

_BATCH = "gradient: BatchNormalization(), training"
_BATCH_AXIS = "gradient: BatchNormalization(axis=1, epsilon=0.1), training"
_BATCH_KERAS = "keras: BatchNormalization(), input (4, 6, 7, 5), training"
_BATCH_IDLE = "gradient: BatchNormalization(axis=1)"
_LAYER = "gradient: LayerNormalization(axis=[1, 3])"
_GROUP = "gradient: GroupNormalization(groups=2)"
_RMS = "gradient: RMSNormalization(epsilon=0.1)"

_NORMALIZATION = [
    ("normalization", "(dx_hat - by_mean - x_hat * by_variance)", "(dx_hat - x_hat * by_variance)", _BATCH),
    ("normalization", "(dx_hat - by_mean - x_hat * by_variance)", "(dx_hat - by_mean)", _BATCH),
    ("normalization", "(dx_hat - by_mean - x_hat * by_variance)", "(dx_hat - by_mean + x_hat * by_variance)", _BATCH),
    ("normalization", "return scale * (dx_hat - by_mean", "return (dx_hat - by_mean", _BATCH),
    ("normalization", "(dx_hat * x_hat).mean(axis=axes", "(dx_hat * x_hat).sum(axis=axes", _BATCH_AXIS),
    ("normalization", "by_mean = dx_hat.mean(axis=axes", "by_mean = dx_hat.mean(axis=axes[:1]", _BATCH_AXIS),
    ("normalization", "(centred**2).mean(axis=axes, keepdims=True)", "(centred**2).mean(axis=axes, keepdims=True) * 1.02", _BATCH_KERAS),
    ("normalization", "scale = 1 / np.sqrt(variance + epsilon)\n    x_hat = centred * scale\n    return x_hat, mean, variance, (x_hat, scale, axes)", "scale = 1 / (np.sqrt(variance) + epsilon)\n    x_hat = centred * scale\n    return x_hat, mean, variance, (x_hat, scale, axes)", _BATCH_KERAS),
    ("batch_normalization", "(mean, variance), strict=True", "(mean, variance * len(x) / (len(x) - 1)), strict=True", "keras: BatchNormalization(), input (7, 5), training"),
    ("batch_normalization", "running *= self.momentum", "running *= 1 - self.momentum", _BATCH_KERAS),
    ("batch_normalization", "(1 - self.momentum) * new", "self.momentum * new", _BATCH_KERAS),
    ("batch_normalization", "if not training:", "if training:", _BATCH_KERAS),
    ("batch_normalization", "return dx_hat * scale, grads", "return dx_hat, grads", _BATCH_IDLE),
    ("batch_normalization", "(x - mean) * scale, gamma", "x * scale, gamma", "keras: BatchNormalization(), input (7, 5)"),
    ("batch_normalization", "spread(mean, x, axes), spread(variance, x, axes)", "spread(variance, x, axes), spread(mean**2, x, axes)", "keras: BatchNormalization(), input (7, 5)"),
    ("normalization", '"gamma": (dy * x_hat).sum(axis=axes)', '"gamma": (dy * x_hat).mean(axis=axes)', _BATCH),
    ("normalization", '"beta": dy.sum(axis=axes)', '"beta": (dy * x_hat).sum(axis=axes)', _BATCH),
    ("normalization", "dy * spread(gamma, dy, axes), grads", "dy, grads", _LAYER),
    ("sample_normalization", "standardise_forward(x, others(x, kept), epsilon)", "standardise_forward(x, (0, *others(x, kept)), epsilon)", "keras: LayerNormalization(epsilon=0.01), input (2, 7, 5)"),
    ("sample_normalization", "return standardise_backward(dx_hat, inner), grads", "return standardise_backward(dy, inner), grads", _LAYER),
    ("sample_normalization", "divided = (groups, x.shape[axis] // groups)", "divided = (x.shape[axis] // groups, groups)", "keras: GroupNormalization(groups=2), input (3, 5, 7, 6)"),
    ("sample_normalization", "others(grouped, (0, axis))", "others(grouped, (0, axis + 1))", "keras: GroupNormalization(groups=2), input (3, 5, 7, 6)"),
    ("sample_normalization", "standardise_backward(dx_hat.reshape(grouped_shape), inner)", "standardise_backward(dy.reshape(grouped_shape), inner)", _GROUP),
    ("sample_normalization", "s * (dx_hat - x_hat * by_s)", "s * dx_hat", _RMS),
    ("sample_normalization", "s * (dx_hat - x_hat * by_s)", "dx_hat - x_hat * by_s", _RMS),
    ("sample_normalization", "by_s = (dx_hat * x_hat).mean", "by_s = (dy * x_hat).mean", _RMS),
    ("sample_normalization", "(x**2).mean(axis=others(x, kept), keepdims=True) + epsilon)", "(x**2).mean(axis=others(x, kept), keepdims=True)) + epsilon", "keras: RMSNormalization(epsilon=0.3), input (2, 7, 5)"),
]  # fmt: skip

_RESIDUAL = "models.Functional, a residual block step by step"

_GRAPHS = [
    ("layers/merging.py", "return [dy] * count", "return [dy / count] * count", "gradient: layers.Add()"),
    ("layers/merging.py", "math.prod(xs[:i] + xs[i + 1 :])", "math.prod(xs)", "gradient: layers.Multiply()"),
    ("layers/merging.py", "math.prod(xs[:i] + xs[i + 1 :])", "math.prod(xs[:i])", "gradient: layers.Multiply()"),
    ("layers/merging.py", "np.split(dy, ends[:-1], axis)", "np.split(dy[:, ::-1], ends[:-1], axis)", "gradient: layers.Concatenate(axis=1)"),
    ("layers/merging.py", "np.concatenate(xs, axis), (ends", "np.concatenate(xs[::-1], axis), (ends", "keras: layers.Concatenate(), input [(4, 3, 5), (4, 3, 2)]"),
    ("models/functional.py", "gradients[parent] + part if", "part if", f"keras: {_RESIDUAL}"),
    ("models/functional.py", "gradients = {self.outputs: dy}", "gradients = {self.outputs: 2 * dy}", f"keras: {_RESIDUAL}"),
]  # fmt: skip


def _in(package, faults):
    for file, old, new, check in faults:
        kind, _, name = check.partition(": ")
        name = name if name.startswith((package, "models.")) else f"{package}.{name}"
        yield Fault(f"{package}/{file}.py", old, new, f"{kind}: {name}")


def _of_families():
    """The faults of every file ``faults_<family>.py`` beside this one."""
    for path in sorted(Path(__file__).parent.glob("faults_*.py")):
        yield from (Fault(*fault) for fault in importlib.import_module(path.stem).FAULTS)


FAULTS = [
    *_in("activations", _ACTIVATIONS),
    *_in("losses", _LOSSES),
    *_in("layers", _LAYERS),
    *_in("layers", _CONVOLUTIONS),
    *_in("layers", _POOLING),
    *_in("layers", _NORMALIZATION),
    *_in("layers", SEQUENCE_FAULTS),
    *(Fault(f"optimizers/{f}.py", a, b, f"keras: optimizers.{c}") for f, a, b, c in _OPTIMIZERS),
    *(Fault("initializers.py", a, b, f"keras: initializers.{c}") for a, b, c in _INITIALIZERS),
    *(Fault("schedules.py", a, b, f"keras: schedules.{c}") for a, b, c in _SCHEDULES),
    *(Fault(f, a, b, f"keras: {c}") for f, a, b, c in _OTHERS),
    *(Fault(f, a, b, c) for f, a, b, c in _GRAPHS),
    *_of_families(),
]
