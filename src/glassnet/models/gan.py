"""Generative adversarial networks."""

from __future__ import annotations

import numpy as np

from glassnet import optimizers
from glassnet._validation import one_of, positive_int
from glassnet.activations import sigmoid
from glassnet.models.adversarial import (
    discriminator_loss,
    discriminator_loss_gradient,
    generator_loss,
    generator_loss_gradient,
)
from glassnet.models.batches import checked_inputs
from glassnet.models.sequential import Sequential
from glassnet.models.unsupervised import UnsupervisedModel, as_generator

__all__ = ["GAN"]


class GAN(UnsupervisedModel):
    """A generator and a discriminator that train each other.

    The discriminator learns to tell the data from what the generator makes of noise, the generator
    to make what the discriminator takes for data.

    Parameters
    ----------
    generator : Sequential or sequence of Layer
        From noise, shape (batch, latent_dim), to samples.
    discriminator : Sequential or sequence of Layer
        From samples to one logit each, shape (batch, 1): its last layer is linear.
    latent_dim : int
        Length of the noise vectors, which are standard normal.
    name : str, optional

    Attributes
    ----------
    generator, discriminator : Sequential
    layers : list of Layer
        Those of the generator, then those of the discriminator.

    Raises
    ------
    ValueError
        If a part is not made of layers, or `latent_dim` is not a positive integer.

    References
    ----------
    Goodfellow, Pouget-Abadie, Mirza, Xu, Warde-Farley, Ozair, Courville and Bengio (2014),
    *Generative adversarial nets*.
    """

    generator_optimizer = discriminator_optimizer = None

    def __init__(self, generator, discriminator, latent_dim, name=None):
        self.name = name or "gan"
        self.latent_dim = positive_int(latent_dim, "latent_dim")
        self.generator, self.discriminator = (
            part if isinstance(part, Sequential) else Sequential(part)
            for part in (generator, discriminator)
        )
        Sequential(self.layers)  # refuses a layer that is used twice

    @property
    def layers(self):
        """All layers, from the noise to the logit."""
        return [*self.generator.layers, *self.discriminator.layers]

    @property
    def built(self):
        """Whether both networks have their weights."""
        return self.generator.built and self.discriminator.built

    @property
    def optimizers(self):
        """The two optimizers, each with the weights of its network."""
        if self.generator_optimizer is None:
            return []
        return [
            (self.discriminator_optimizer, self.discriminator.trainable_weights),
            (self.generator_optimizer, self.generator.trainable_weights),
        ]

    def build(self, rng, dtype=np.float32):
        """Create the weights of both networks; a second call draws new ones.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of the weights, and of the noise in training.
        dtype : numpy dtype

        Raises
        ------
        ValueError
            If the networks do not fit together, or the discriminator gives more than one number.
        """
        self.generator.build((None, self.latent_dim), rng, dtype)
        self.discriminator.build(self.generator.output_shape, rng, dtype)
        if self.discriminator.output_shape != (None, 1):
            received = self.discriminator.output_shape
            self.discriminator.built = False
            raise ValueError(
                f"The discriminator must give one logit for each sample. Received: {received}"
            )
        self.rng, self.dtype = rng, np.dtype(dtype)

    def compile(
        self,
        generator_optimizer="adam",
        discriminator_optimizer="adam",
        generator_loss="non_saturating",
    ):
        """Choose how to train.

        Parameters
        ----------
        generator_optimizer, discriminator_optimizer : str or Optimizer
            Two of them: an optimizer remembers the weights it updates.
        generator_loss : str
            ``"non_saturating"`` or ``"saturating"``: see `glassnet.models.generator_loss`.

        Raises
        ------
        ValueError
            If both are the same object, or an argument is unknown.
        """
        kinds = ("non_saturating", "saturating")
        saturating = one_of(generator_loss, kinds, "generator_loss") == "saturating"
        theirs, ours = optimizers.get(discriminator_optimizer), optimizers.get(generator_optimizer)
        if theirs is ours:
            raise ValueError(
                f"Each network needs an optimizer of its own. Received: {ours!r} twice"
            )
        self.discriminator_optimizer, self.generator_optimizer = theirs, ours
        self.saturating = saturating

    def latent(self, n, rng):
        """Draw noise, shape (n, latent_dim), from the standard normal distribution."""
        return as_generator(rng).standard_normal((n, self.latent_dim)).astype(self.dtype)

    def train_step(self, x, rng):
        """Make a step of the discriminator, then one of the generator with new noise.

        Parameters
        ----------
        x : ndarray, shape (batch, ...)
            Real samples.
        rng : numpy.random.Generator
            Of the noise, as many vectors as there are samples, for each of the two steps.

        Returns
        -------
        dict of str to float
            ``"discriminator_loss"`` and ``"generator_loss"``, each before its step, and
            ``"real_score"`` and ``"fake_score"``, the means of D in the discriminator's step, which
            tend to 1/2 where the discriminator can no longer tell.
        """
        logs = self.discriminator_step(x, self.latent(len(x), rng))
        return logs | self.generator_step(self.latent(len(x), rng))

    def discriminator_step(self, x, z):
        """Let the discriminator learn from real samples `x` and the generator's for the noise `z`.

        Each batch goes through on its own, and the gradients of the two add up.

        Parameters
        ----------
        x : ndarray, shape (batch, ...)
        z : ndarray, shape (batch, latent_dim)

        Returns
        -------
        dict of str to float
            The loss and the mean scores, before the step.

        Raises
        ------
        ValueError
            If the loss or a gradient is not finite; the weights are then as they were.
        """
        with np.errstate(over="ignore", invalid="ignore"):  # seen in the loss or a gradient
            fake = self.generator.forward(z, training=True)
            real_logits, real_gradients = self._judged(x, real=True)
            fake_logits, _ = self._judged(fake, real=False)
            loss = _finite(discriminator_loss(real_logits, fake_logits), "discriminator")
        for total, of_real in zip(self.discriminator.gradients, real_gradients, strict=True):
            total += of_real  # to those of the fakes, the last that went back
        self.discriminator.update(self.discriminator_optimizer)
        return {
            "discriminator_loss": loss,
            "real_score": float(sigmoid(real_logits).mean()),
            "fake_score": float(sigmoid(fake_logits).mean()),
        }

    def _judged(self, x, real):
        """Return the discriminator's logits for samples, and what it learns from these alone."""
        logits = self.discriminator.forward(x, training=True)
        dlogits = discriminator_loss_gradient(logits, real)
        self.discriminator.backward(dlogits, input_gradient=False)
        return logits, [gradient.copy() for gradient in self.discriminator.gradients]

    def generator_step(self, z):
        """Let the generator learn from what the discriminator says of its samples for `z`.

        The gradient passes through the discriminator, whose own weights stay as they are.

        Parameters
        ----------
        z : ndarray, shape (batch, latent_dim)

        Returns
        -------
        dict of str to float
            The loss, before the step.

        Raises
        ------
        ValueError
            If the loss or a gradient is not finite; the weights are then as they were.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            fake = self.generator.forward(z, training=True)
            logits = self.discriminator.forward(fake, training=True)
            loss = _finite(generator_loss(logits, self.saturating), "generator")
            dlogits = generator_loss_gradient(logits, self.saturating)
            dfake = self.discriminator.backward(dlogits)
            self.generator.backward(dfake, input_gradient=False)
        self.generator.update(self.generator_optimizer)
        return {"generator_loss": loss}

    def forward(self, x, training=False):
        """Return the generator's samples for noise, shape (batch, latent_dim)."""
        return self.generator.forward(x, training)

    def sample(self, n, rng):
        """Return `n` samples of the generator.

        Parameters
        ----------
        n : int
        rng : numpy.random.Generator

        Returns
        -------
        ndarray, shape (n, ...)
        """
        self.require_built()
        return self.forward(self.latent(positive_int(n, "n"), rng))

    def discriminate(self, x):
        """Return the probability that each sample is real, shape (batch,)."""
        return sigmoid(self.discriminator.forward(self.check_data(x)))[:, 0]

    def check_data(self, x):
        """Return real samples as an array of the model's dtype, or raise ValueError."""
        self.require_built()
        x = checked_inputs(x, self.discriminator.layers[0], self.dtype)
        if x.shape[1:] != self.generator.output_shape[1:]:
            raise ValueError(
                f"Samples must have the shape of the generator's, {self.generator.output_shape}. "
                f"Received: shape={x.shape}"
            )
        return x

    def __repr__(self):
        return f"GAN({self.generator!r}, {self.discriminator!r}, latent_dim={self.latent_dim})"


def _finite(loss, whose):
    if not np.isfinite(loss):
        raise ValueError(
            f"The loss of the {whose} must be finite; it was not updated. Received: {loss}"
        )
    return loss
