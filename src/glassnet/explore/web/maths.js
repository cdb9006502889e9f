/* Forward mathematics that the scenes share, each the twin of a function of glassnet and held to it
   by golden vectors. Vectors and matrices are nested arrays; there are no gradients here. */
(function () {
  "use strict";
  const Glass = (globalThis.Glass = globalThis.Glass || { scenes: {}, waiting: [] });
  if (Glass.maths) return; // a second copy in one page changes nothing

  const each = (f, x) => (Array.isArray(x) ? x.map((value) => each(f, value)) : f(x));
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const dot = (a, b) => a.reduce((total, value, i) => total + value * b[i], 0);
  const add = (a, b) => a.map((value, i) => value + b[i]);
  const argmax = (values) => values.indexOf(Math.max(...values));
  const transpose = (m) => m[0].map((_, j) => m.map((row) => row[j]));

  /* ---- activations, of one number ---- */

  const sigmoid = (x) => {
    const e = Math.exp(-Math.abs(x)); // never overflows
    return (x < 0 ? e : 1) / (1 + e);
  };
  const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

  function erfc(x) {
    const z = Math.abs(x);
    let y;
    if (z < 2.5) { // power series of erf
      let term = z;
      let total = z;
      for (let n = 1; Math.abs(term) > 1e-18 * total; n++) {
        term *= (2 * z * z) / (2 * n + 1);
        total += term;
      }
      y = 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) * total;
    } else { // continued fraction, from its end
      let tail = 0;
      for (let n = 80; n > 0; n--) tail = n / 2 / (z + tail);
      y = Math.exp(-z * z) / (Math.sqrt(Math.PI) * (z + tail));
    }
    return x < 0 ? 2 - y : y;
  }

  const SELU = { scale: 1.0507009873554805, alpha: 1.6732632423543772 };
  const elu = (x, alpha = 1) => (x > 0 ? x : alpha * Math.expm1(x));
  const activations = {
    linear: (x) => x,
    step: (x) => (x >= 0 ? 1 : 0),
    sign: Math.sign,
    sigmoid,
    hard_sigmoid: (x) => Math.min(Math.max(x / 6 + 0.5, 0), 1),
    tanh: Math.tanh,
    relu: (x) => Math.max(x, 0),
    leaky_relu: (x, slope = 0.2) => (x > 0 ? x : slope * x),
    elu,
    selu: (x) => SELU.scale * elu(x, SELU.alpha),
    softplus,
    softsign: (x) => x / (1 + Math.abs(x)),
    silu: (x) => x * sigmoid(x),
    gelu: (x) => (x / 2) * erfc(-x * Math.SQRT1_2),
    mish: (x) => x * Math.tanh(softplus(x)),
  };

  /** Apply an activation, given by name, to a number or to every entry of a nested array. */
  function activate(name, x) {
    if (!activations[name]) throw new Error(`Unknown activation: ${name}`);
    return each((value) => activations[name](value), x);
  }

  function softmax(x, temperature = 1) {
    const top = Math.max(...x);
    const e = x.map((value) => Math.exp((value - top) / temperature));
    const total = sum(e);
    return e.map((value) => value / total);
  }

  function logSoftmax(x) {
    const top = Math.max(...x);
    const log = Math.log(sum(x.map((value) => Math.exp(value - top))));
    return x.map((value) => value - top - log);
  }

  /* ---- layers ---- */

  /** x W + b for a vector x, or for every row of a matrix. */
  function dense(x, kernel, bias) {
    if (Array.isArray(x[0])) return x.map((row) => dense(row, kernel, bias));
    const y = bias ? bias.slice() : kernel[0].map(() => 0);
    x.forEach((value, i) => kernel[i].forEach((weight, j) => (y[j] += value * weight)));
    return y;
  }

  const matmul = (a, b) => dense(a, b);

  /** A chain of dense layers {kernel, bias, activation}; returns the list [x, y1, y2, ...]. */
  function mlp(x, layers) {
    const values = [x];
    for (const { kernel, bias, activation } of layers) {
      const z = dense(values[values.length - 1], kernel, bias);
      values.push(activation === "softmax" ? softmax(z) : activate(activation || "linear", z));
    }
    return values;
  }

  /** Where windows lie along one axis: how many, and the places added before. As TensorFlow does. */
  function windows(length, size, stride = 1, padding = "valid") {
    if (padding === "valid") return { count: Math.floor((length - size) / stride) + 1, before: 0 };
    const count = Math.ceil(length / stride);
    const added = Math.max((count - 1) * stride + size - length, 0);
    return { count, before: Math.floor(added / 2) };
  }

  /** Correlation of x (height, width, channels) with a kernel (rows, columns, channels, filters). */
  function conv2d(x, kernel, bias, { stride = 1, padding = "valid" } = {}) {
    const filters = kernel[0][0][0].length;
    const down = windows(x.length, kernel.length, stride, padding);
    const across = windows(x[0].length, kernel[0].length, stride, padding);
    const place = (r, c) => {
      const y = bias ? bias.slice() : new Array(filters).fill(0);
      kernel.forEach((row, i) => row.forEach((tap, j) => {
        const seen = x[r * stride + i - down.before]?.[c * stride + j - across.before];
        if (seen) tap.forEach((weights, k) => weights.forEach((w, f) => (y[f] += seen[k] * w)));
      }));
      return y;
    };
    return grid(down.count, across.count, place);
  }

  /** Largest value or mean of each window, channel by channel; padding does not take part. */
  function pool2d(x, { size = 2, stride = size, padding = "valid", kind = "max" } = {}) {
    const down = windows(x.length, size, stride, padding);
    const across = windows(x[0].length, size, stride, padding);
    const place = (r, c) => x[0][0].map((_, k) => {
      const seen = [];
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          const at = x[r * stride + i - down.before]?.[c * stride + j - across.before];
          if (at) seen.push(at[k]);
        }
      }
      return kind === "max" ? Math.max(...seen) : sum(seen) / seen.length;
    });
    return grid(down.count, across.count, place);
  }

  /** A nested array (rows, columns) of f(row, column). */
  const grid = (rows, columns, f) =>
    Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (_, c) => f(r, c)));

  function rnnStep(x, h, kernel, recurrent, bias, activation = "tanh") {
    return activate(activation, add(dense(x, kernel, bias), dense(h, recurrent)));
  }

  /** One step of long short-term memory; the gates come back too. Order i, f, candidate, o. */
  function lstmStep(x, h, c, kernel, recurrent, bias) {
    const n = h.length;
    const z = add(dense(x, kernel, bias), dense(h, recurrent));
    const gate = (k, f) => z.slice(k * n, (k + 1) * n).map(f);
    const [i, f, candidate, o] = [sigmoid, sigmoid, Math.tanh, sigmoid].map((s, k) => gate(k, s));
    const cell = c.map((value, k) => f[k] * value + i[k] * candidate[k]);
    return { i, f, candidate, o, c: cell, h: cell.map((value, k) => o[k] * Math.tanh(value)) };
  }

  /** Dot-product attention over rows; mask[i][j] false hides key j from query i. */
  function attention(query, key, value, { scale = 1, mask = null } = {}) {
    const scores = matmul(query, transpose(key)).map((row) => row.map((score) => score * scale));
    const seen = scores.map((row, i) => row.map((s, j) => (mask && !mask[i][j] ? -1e9 : s)));
    const weights = seen.map((row) => softmax(row));
    return { scores, weights, output: matmul(weights, value) };
  }

  /* ---- losses of one example ---- */

  const squaredError = (y, p) => sum(p.map((value, i) => (value - y[i]) ** 2)) / p.length;
  /** The probability is kept in [ε, 1 - ε], ε = 1e-7, as in Keras. */
  function binaryCrossentropy(y, p) {
    const q = Math.min(Math.max(p, 1e-7), 1 - 1e-7);
    return -(y * Math.log(q) + (1 - y) * Math.log(1 - q));
  }
  const crossentropyFromLogits = (label, logits) => -logSoftmax(logits)[label];

  Glass.maths = {
    activate, activations, add, argmax, attention, binaryCrossentropy, conv2d, crossentropyFromLogits,
    dense, dot, each, erfc, grid, logSoftmax, lstmStep, matmul, mlp, pool2d, rnnStep, sigmoid, softmax,
    softplus, squaredError, sum, transpose, windows,
  };
})();
