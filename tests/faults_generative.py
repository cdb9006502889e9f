# ruff: noqa: E501 - one fault a line
"""Faults to plant in autoencoders, Boltzmann machines and adversarial networks."""

from __future__ import annotations

_CONDITIONALS = "models.free_energy and conditionals, all states"
_LIKELIHOOD = "models.likelihood_gradient, all states"
_GIBBS = "models.sample_bits and gibbs_step"
_DIVERGENCE = "models.contrastive_divergence, all states"
_ANNEALED = "models.annealed_log_partition, all states"
_PERSISTENT = "models.RBM.fit, persistent, against scikit-learn"
_REPLAYED = "models.RBM, CD-2 with momentum, replayed"
_SAMPLED = "models.RBM.sample and fill_in, all states"
_GREEDY = "models.DBN.fit, against scikit-learn level by level"
_TURNED = "models.DBN, turned into networks, against Keras"
_DBN_SAMPLES = "models.DBN.sample, all states"
_STEPS = "models.Autoencoder, step by step"
_FIT = "models.Autoencoder.fit"
_CODES = "models.Autoencoder, codes and errors"
_DENOISING = "models.Autoencoder, denoising step by step"
_PRINCIPAL = "models.Autoencoder, linear, against the singular vectors"
_GAPS = "models.fill_in, linear, against the exact solution"
_NOISE = "models.gaussian_noise, masking_noise and salt_and_pepper_noise, shares"
_LOSSES = "models.discriminator_loss and generator_loss"
_VALUE = "models.value_function at the best discriminator"
_MODES = "models.mode_counts, against SciPy"
_GAME = "models.GAN, step by step"
_SATURATING = "models.GAN, saturating loss step by step"

_FAULTS = [
    # models/boltzmann.py
    ("boltzmann", "- h @ hidden_bias - np.sum((v @ kernel) * h", "- h @ hidden_bias + np.sum((v @ kernel) * h", _CONDITIONALS),
    ("boltzmann", "- h @ hidden_bias - np.sum(", "- np.sum(", _CONDITIONALS),
    ("boltzmann", "return -(v @ visible_bias) - np.sum(softplus(v @ kernel + hidden_bias)", "return -(v @ visible_bias) - np.sum(softplus(v @ kernel)", _CONDITIONALS),
    ("boltzmann", "return -(v @ visible_bias) - np.sum(softplus(", "return -np.sum(softplus(", _PERSISTENT),
    ("boltzmann", "return sigmoid(v @ kernel + hidden_bias)", "return sigmoid(v @ kernel - hidden_bias)", _CONDITIONALS),
    ("boltzmann", "return sigmoid(h @ kernel.T + visible_bias)", "return sigmoid(h @ kernel.T)", _CONDITIONALS),
    ("boltzmann", "kind) < probabilities)", "kind) > probabilities)", _GIBBS),
    ("boltzmann", "rng.random(probabilities.shape, kind)", "rng.random(probabilities.shape[-1], kind)", _GIBBS),
    ("boltzmann", "return v, p, sample_bits(p, rng)", "return v, p, sample_bits(1 - p, rng)", _GIBBS),
    ("boltzmann", "sample_bits(visible_probabilities(h, kernel, visible_bias), rng)\n    p =", "visible_probabilities(h, kernel, visible_bias)\n    p =", _GIBBS),
    ("boltzmann", "if start is None else start", "", _PERSISTENT),
    ("boltzmann", 'range(positive_int(k, "k"))', "range(1)", _REPLAYED),
    ("boltzmann", "v, p, h = gibbs_step(h,", "v, p, _ = gibbs_step(h,", _DIVERGENCE),
    ("boltzmann", "positive[key] - negative[key] for", "negative[key] - positive[key] for", _DIVERGENCE),
    ("boltzmann", "positive[key] - negative[key] for", "positive[key] for", _DIVERGENCE),
    ("boltzmann", "mean_statistics(v0, p0)", "mean_statistics(v0, h)", _REPLAYED),
    ("boltzmann", "mean_statistics(v, p)  #", "mean_statistics(v, h)  #", _PERSISTENT),
    ("boltzmann", "v.T @ h / len(v)", "v.T @ h", _PERSISTENT),
    ("boltzmann", '"visible_bias": v.mean(axis=0)', '"visible_bias": v.sum(axis=0)', _REPLAYED),
    # models/partition.py
    ("partition", ">> np.arange(units) & 1", ">> np.arange(units)[::-1] & 1", _CONDITIONALS),
    ("partition", "np.logaddexp.reduce(blocks)", "np.max(blocks)", _LIKELIHOOD),
    ("partition", "np.logaddexp.reduce(-free_energy(", "np.logaddexp.reduce(free_energy(", _LIKELIHOOD),
    ("partition", "return -free_energy(v, *weights) - log_z", "return -free_energy(v, *weights)", _LIKELIHOOD),
    ("partition", "weights[0].T, weights[2], weights[1]", "weights[0].T, weights[2], 0 * weights[1]", _LIKELIHOOD),
    ("partition", "range(0, 2**units, _BLOCK)", "range(0, 2**units, 2 * _BLOCK)", _LIKELIHOOD),
    ("partition", "others += p @ given", "others += p @ (1 - given)", _LIKELIHOOD),
    ("partition", "products += (p[:, np.newaxis] * states).T @ given", "products += states.T @ given", _LIKELIHOOD),
    ("partition", "positive[key] - negative[key].astype", "positive[key] + negative[key].astype", _LIKELIHOOD),
    ("partition", "for step in range(temperatures):", "for step in range(temperatures // 2):", _ANNEALED),
    ("partition", "log_ratio -= free_energy(v, high * kernel, visible_bias, high * hidden_bias)", "log_ratio -= free_energy(v, high * kernel, visible_bias, hidden_bias)", _ANNEALED),
    ("partition", "+ len(hidden_bias) * np.log(2.0)", "", _ANNEALED),
    ("partition", "np.logaddexp.reduce(log_ratio) - np.log(runs)", "np.logaddexp.reduce(log_ratio)", _ANNEALED),
    # models/rbm.py
    ("rbm", "{key: -value for key, value in uphill.items()}", "{key: value for key, value in uphill.items()}", _REPLAYED),
    ("rbm", "self.particles = particles if self.persistent else None", "pass", _PERSISTENT),
    ("rbm", "np.log(means / (1 - means))", "np.log(means)", _REPLAYED),
    ("rbm", "float(np.mean((self.reconstruct(x) - x) ** 2))", "float(np.mean(np.abs(self.reconstruct(x) - x)))", _PERSISTENT),
    ("rbm", "rng=rng, k=self.k, start=start", "rng=rng, start=start", _REPLAYED),
    ("rbm", "boltzmann.visible_probabilities(h, kernel, visible_bias)\n            v =", "boltzmann.visible_probabilities(h, kernel, 0 * visible_bias)\n            v =", _SAMPLED),
    ("rbm", "return np.where(known, x, self.gibbs(x, 1, rng)[1])", "return self.gibbs(x, 1, rng)[1]", _SAMPLED),
    ("rbm", "x, known, steps - 1)", "x, np.zeros_like(known), steps - 1)", _SAMPLED),
    ("rbm", "return self.visible_probabilities(self.hidden_probabilities(v))", "return self.visible_probabilities(boltzmann.sample_bits(self.hidden_probabilities(v), self.rng))", _SAMPLED),
    # models/unsupervised.py
    ("unsupervised", "self.rng.permutation(len(x)) if shuffle else np.arange(len(x))", "np.arange(len(x))", _PERSISTENT),
    ("unsupervised", "{name: total / samples for", "{name: total for", _PERSISTENT),
    ("unsupervised", "value * batch.samples", "value", _PERSISTENT),
    # models/dbn.py
    ("dbn", "            x = rbm.hidden_probabilities(x)\n        return histories", "            x = boltzmann.sample_bits(rbm.hidden_probabilities(x), self.rng)\n        return histories", _GREEDY),
    ("dbn", "for rbm in self.rbms[:levels]:", "for rbm in self.rbms:", _TURNED),
    ("dbn", 'down, reversed(self.rbms), strict=True):\n            layer.set_weights([rbm.params["kernel"].T, rbm.params["visible_bias"]', 'down, reversed(self.rbms), strict=True):\n            layer.set_weights([rbm.params["kernel"].T, 0 * rbm.params["visible_bias"]', _TURNED),
    ("dbn", "zip(hidden, self.rbms, strict=True):\n            layer.set_weights([rbm.params[\"kernel\"]", "zip(hidden, self.rbms, strict=True):\n            layer.set_weights([-rbm.params[\"kernel\"]", _TURNED),
    ("dbn", "for rbm in reversed(self.rbms):\n            h = rbm", "for rbm in reversed(self.rbms):\n            h = 0.9 * rbm", _TURNED),
    ("dbn", "v = boltzmann.sample_bits(p, rng)", "v = p", _DBN_SAMPLES),
    ("dbn", "p = rbm.visible_probabilities(v)\n", "p = rbm.visible_probabilities(1 - v)\n", _DBN_SAMPLES),
    # models/autoencoder.py
    ("autoencoder", "self.encoder.backward(self.decoder.backward(dy), input_gradient)", "self.encoder.backward(self.decoder.backward(-dy), input_gradient)", _STEPS),
    ("autoencoder", "clean, x = x, np.asarray(self.corruption(x, self.rng), self.dtype)", "clean, x = x, (self.corruption(x, self.rng), x)[1]", _DENOISING),
    ("autoencoder", "super().training_step(x, y, sample_weight)", "super().training_step(x, x, sample_weight)", _DENOISING),
    ("autoencoder", "super().training_step(x, y, sample_weight)", "super().training_step(x, y)", _STEPS),
    ("autoencoder", "validation_data=validation_data, **options)", "validation_data=None, **options)", _FIT),
    ("autoencoder", "return np.mean((y - x) ** 2, axis=tuple(range(1, x.ndim)))", "return np.sum((y - x) ** 2, axis=tuple(range(1, x.ndim)))", _CODES),
    ("autoencoder", "return self.encoder.predict(x, batch_size)", "return self.predict(x, batch_size)", _CODES),
    ("autoencoder", "return super().evaluate(x, x if y is None else y, batch_size, sample_weight)", "return super().evaluate(x, 0 * x if y is None else y, batch_size, sample_weight)", _CODES),
    ("autoencoder", "return super().fit(x, x if y is None else y,", "return super().fit(x, -x if y is None else y,", _PRINCIPAL),
    # models/filling.py
    ("filling", "y = np.where(known, x, new)", "y = new", _GAPS),
    ("filling", "for _ in range(positive_int(steps", "for _ in range(1 + positive_int(steps", _GAPS),
    ("filling", "y = np.where(known, x, new)", "y = np.where(known, new, x)", _GAPS),
    ("filling", "x if start is None else np.where(known, x, np.asarray(start, x.dtype))", "x", _GAPS),
    ("filling", 'np.asarray(real_in(start, "start"), dtype)), known', "np.asarray(0, dtype)), known", _GAPS),
    # models/corruption.py
    ("corruption", "(stddev * rng.standard_normal(x.shape))", "(stddev**2 * rng.standard_normal(x.shape))", _NOISE),
    ("corruption", "(stddev * rng.standard_normal(x.shape))", "(stddev * np.abs(rng.standard_normal(x.shape)))", _NOISE),
    ("corruption", "rng.random(x.shape) >= real_in(", "rng.random(x.shape) < real_in(", _NOISE),
    ("corruption", "rng.random(x.shape) >= real_in(", "rng.random(x.shape[0])[:, np.newaxis] >= real_in(", _NOISE),
    ("corruption", "np.where(kept, x, np.zeros((), x.dtype))", "np.where(kept, x / (1 - rate), np.zeros((), x.dtype))", _NOISE),
    ("corruption", "draw < rate / 2, low", "draw < rate, low", _NOISE),
    ("corruption", "np.where(draw < rate, high, x)", "np.where(draw < rate, low, x)", _NOISE),
    # models/adversarial.py
    ("adversarial", "np.mean(softplus(-real)) + np.mean(softplus(fake))", "np.mean(softplus(real)) + np.mean(softplus(fake))", _LOSSES),
    ("adversarial", "(-sigmoid(-z) if real else sigmoid(z)) / z.size", "(-sigmoid(z) if real else sigmoid(z)) / z.size", _LOSSES),
    ("adversarial", "(-sigmoid(-z) if real else sigmoid(z)) / z.size", "(-sigmoid(-z) if real else sigmoid(z))", _GAME),
    ("adversarial", "-np.mean(softplus(fake)) if saturating", "np.mean(softplus(fake)) if saturating", _LOSSES),
    ("adversarial", "-sigmoid(fake if saturating else -fake)", "-sigmoid(-fake)", _SATURATING),
    ("adversarial", "-sigmoid(fake if saturating else -fake)", "sigmoid(fake if saturating else -fake)", _LOSSES),
    ("adversarial", "p / np.where(nowhere, 1, p + q)", "q / np.where(nowhere, 1, p + q)", _VALUE),
    ("adversarial", "np.where(nowhere, 0.5,", "np.where(nowhere, 0,", _VALUE),
    ("adversarial", "np.sum(_times_log(q, 1 - d))", "np.sum(_times_log(q, d))", _VALUE),
    ("adversarial", "mixture = (p + q) / 2", "mixture = np.sqrt(p * q)", _VALUE),
    ("adversarial", "- (entropies[1] + entropies[2]) / 2", "- entropies[1]", _VALUE),
    ("adversarial", "near = distances.min(axis=1) <= radius", "near = distances.max(axis=1) <= radius", _MODES),
    ("adversarial", "np.linalg.norm(samples[:, np.newaxis] - centres, axis=2)", "np.abs(samples[:, np.newaxis] - centres).sum(axis=2)", _MODES),
    ("adversarial", "counts >= positive_int(", "counts > positive_int(", _MODES),
    # models/gan.py
    ("gan", "total += of_real", "total -= of_real", _GAME),
    ("gan", "total += of_real", "pass", _GAME),
    ("gan", "[gradient.copy() for gradient in self.discriminator.gradients]", "[0 * gradient for gradient in self.discriminator.gradients]", _GAME),
    ("gan", "self._judged(fake, real=False)", "self._judged(fake, real=True)", _GAME),
    ("gan", "dfake = self.discriminator.backward(dlogits)", "dfake = -self.discriminator.backward(dlogits)", _SATURATING),
    ("gan", "            self.generator.backward(dfake, input_gradient=False)\n", "            self.generator.backward(dfake, input_gradient=False)\n            self.discriminator_optimizer.apply(self.discriminator.gradients, self.discriminator.trainable_weights)\n", _GAME),
    ("gan", "_finite(generator_loss(logits, self.saturating)", "_finite(generator_loss(logits)", _SATURATING),
    ("gan", '"real_score": float(sigmoid(real_logits).mean())', '"real_score": float(sigmoid(fake_logits).mean())', _GAME),
    ("gan", "return logs | self.generator_step(self.latent(len(x), rng))", "return logs | self.generator_step(self.latent(len(x), np.random.default_rng(0)))", _GAME),
]  # fmt: skip

FAULTS = [(f"models/{file}.py", old, new, f"keras: {check}") for file, old, new, check in _FAULTS]
