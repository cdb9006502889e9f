"""The training loop of models that have no targets and define their step themselves."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from glassnet._validation import one_of, positive_int
from glassnet.callbacks import History, ProgressBar, checked_callbacks, told
from glassnet.models.batches import Data, checked_inputs
from glassnet.models.layered import LayeredModel

__all__ = ["UnsupervisedModel"]


class UnsupervisedModel(LayeredModel):
    """A model that learns from inputs alone, by a step of its own instead of a loss.

    A subclass defines `train_step` and `optimizers`, and what it needs to be built. Its
    `layers` hold the weights.
    """

    @abstractmethod
    def train_step(self, x, rng):
        """Make one step on one batch.

        Parameters
        ----------
        x : ndarray, shape (batch, ...)
        rng : numpy.random.Generator
            Of everything that is drawn in the step.

        Returns
        -------
        dict of str to float
            What is logged.
        """

    @property
    @abstractmethod
    def optimizers(self):
        """Pairs of an optimizer and the list of the weights it updates; empty before `compile`."""

    def check_data(self, x):
        """Return the data as an array of the model's dtype, or raise ValueError."""
        return checked_inputs(x, self.layers[0], self.dtype)

    def train_on_batch(self, x):
        """Make one step on one batch with the generator given to `build`, and return its logs.

        Parameters
        ----------
        x : array_like, shape (batch, ...)

        Returns
        -------
        dict of str to float
        """
        return self.train_step(self._ready(x), self.rng)

    def fit(self, x, batch_size=32, epochs=1, shuffle=True, callbacks=(), verbose=1):
        """Train for a number of passes over the data.

        Parameters
        ----------
        x : array_like, shape (samples, ...)
        batch_size : int
            Samples in one step; the last of an epoch may have fewer.
        epochs : int
        shuffle : bool
            Whether every epoch takes the samples in a new random order.
        callbacks : sequence of Callback
        verbose : int
            0 is silent; 1 writes a line per epoch, and rewrites it on a terminal; 2 never rewrites.

        Returns
        -------
        History
            Of what `train_step` logs, averaged over the samples of every epoch.

        Raises
        ------
        ValueError
            If an argument does not fit, before anything is updated; or during training if something
            is not finite, with the epoch and the step, counted from 1.
        """
        batch_size, epochs = positive_int(batch_size, "batch_size"), positive_int(epochs, "epochs")
        one_of(verbose, (0, 1, 2), "verbose")
        x = self._ready(x)
        history = History()
        listeners = [*checked_callbacks(callbacks), history]
        if verbose:
            listeners.append(ProgressBar(live=verbose == 1))
        steps = -(-len(x) // batch_size)
        call = told(listeners, self, {"epochs": epochs, "steps": steps, "verbose": int(verbose)})

        self.stop_training = False
        call("on_train_begin")
        for epoch in range(epochs):
            call("on_epoch_begin", epoch)
            order = self.rng.permutation(len(x)) if shuffle else np.arange(len(x))
            logs = self._pass(Data(x, x).batches(batch_size, order), call, epoch)
            call("on_epoch_end", epoch, logs)
            if self.stop_training:
                break
        for optimizer, weights in self.optimizers:
            optimizer.finalize(weights)
        call("on_train_end", logs)
        return history

    def evaluate(self, *arguments, **options):
        """Not defined: there are no targets to compare with."""
        raise TypeError(f"{type(self).__name__} has no targets to be evaluated against.")

    def _pass(self, batches, call, epoch):
        """Make a step on every batch and return the averages of the epoch."""
        totals, samples = {}, 0
        for step, batch in enumerate(batches):
            call("on_train_batch_begin", step)
            try:
                logs = self.train_step(batch.x, self.rng)
            except ValueError as error:
                raise ValueError(f"Epoch {epoch + 1}, step {step + 1}: {error}") from error
            samples += batch.samples
            for name, value in logs.items():
                totals[name] = totals.get(name, 0.0) + value * batch.samples
            averages = {name: total / samples for name, total in totals.items()}
            call("on_train_batch_end", step, averages)
            if self.stop_training:
                break
        return averages

    def _ready(self, x):
        self.require_built()
        if not self.optimizers:
            raise ValueError("The model has no optimizer yet: call `compile` first.")
        return self.check_data(x)


def as_generator(rng):
    """Return `rng`, or raise ValueError if it is not a ``numpy.random.Generator``."""
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"`rng` must be a numpy.random.Generator. Received: rng={rng!r}")
    return rng
