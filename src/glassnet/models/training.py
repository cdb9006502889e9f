"""Training, evaluation and prediction of any model that can go forward and backward."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod

import numpy as np

from glassnet import losses, metrics, optimizers
from glassnet._validation import one_of, positive_int
from glassnet.callbacks import History, ProgressBar, checked_callbacks, told
from glassnet.models import saving
from glassnet.models.batches import checked_data, checked_inputs, split_off_validation

__all__ = ["Model"]


class Model(ABC):
    """What models have in common, whatever is inside: the loop around forward and backward.

    A subclass has `layers`, a list of built layers whose first takes the input, and defines
    `forward`, `backward`, `compute_output_shape` and `require_built`.
    """

    layers: list
    optimizer = loss = None
    output_mask = None  # which steps of the last output count; left by `forward`
    stop_training = False

    @property
    def input_layers(self):
        """The layer that takes the input; a list of layers if ``x`` is a tuple of inputs."""
        return self.layers[0]

    @property
    def trainable_weights(self):
        """The parameters of all layers in order, the arrays themselves."""
        return [value for layer in self.layers for value in layer.params.values()]

    @property
    def gradients(self):
        """The gradients left by `backward`, in the order of `trainable_weights`."""
        try:
            return [layer.grads[key] for layer in self.layers for key in layer.params]
        except KeyError as key:
            raise RuntimeError(
                f"There is no gradient of {key} yet: call `backward` first."
            ) from None

    def compile(self, optimizer="rmsprop", loss=None, metrics=()):
        """Choose how to train.

        Parameters
        ----------
        optimizer : str or Optimizer
        loss : str or Loss
            Reduced to one number.
        metrics : sequence of str or Metric
            Logged under these names; they do not influence the training, and like Keras' they
            leave sample weights out of account.

        Raises
        ------
        ValueError
            If one of them is unknown, or two metrics have one name.
        """
        if loss is None:
            raise ValueError("`compile` needs a loss. Received: loss=None")
        optimizer, loss = optimizers.get(optimizer), losses.get(loss)
        if loss.reduction in ("none", None):
            raise ValueError(
                f"A model is trained on one number. Received: a loss with "
                f"reduction={loss.reduction!r}"
            )
        self._metrics = _named_metrics(metrics, loss)
        self.optimizer, self.loss = optimizer, loss

    def training_step(self, x, y, sample_weight=None):
        """Make one step of gradient descent on one batch.

        Parameters
        ----------
        x : ndarray, shape (batch, ...)
        y : ndarray, shape (batch, ...)
        sample_weight : ndarray, shape (batch,), optional

        Returns
        -------
        loss : float
            Before the step, with the `penalty`.
        y_pred : ndarray
            The predictions it belongs to.
        """
        y_pred = self.forward(x, training=True)
        weights = sample_weight, self.output_mask
        loss = float(self.loss(y, y_pred, *weights)) + self.penalty()
        if not np.isfinite(loss):
            raise ValueError(f"The loss must be finite; nothing was updated. Received: {loss}")
        dy = self.loss.gradient(y, y_pred, *weights)
        self.backward(dy, input_gradient=False)
        self.update()
        return loss, y_pred

    def penalty(self):
        """Return what the regularisers of all layers add to the loss, as float."""
        return sum((layer.penalty() for layer in self.layers if layer.regularizers), 0.0)

    def update(self, optimizer=None):
        """Make the step of the optimiser, once after each `backward`.

        The gradients of the `penalty` are added to `gradients` before, and the constraints of all
        layers restored afterwards.

        Parameters
        ----------
        optimizer : Optimizer, optional
            Another one than the model was compiled with.
        """
        for layer in self.layers:
            layer.add_penalty_gradients()
        (optimizer or self.optimizer).apply(self.gradients, self.trainable_weights)
        for layer in self.layers:
            layer.apply_constraints()

    def train_on_batch(self, x, y, sample_weight=None):
        """Make one step on one batch and return its logs.

        Returns
        -------
        dict of str to float
            The loss and the metrics of this batch alone, before the step.

        Raises
        ------
        ValueError
            If the data do not fit, or the loss or a gradient is not finite. The model is then as it
            was before.
        """
        batch = self._checked(x, y, sample_weight)
        averages = _Averages(self._metrics)
        averages.update(batch, *self._safe_step(batch), self.output_mask)
        return averages.logs()

    def fit(
        self,
        x,
        y,
        batch_size=32,
        epochs=1,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        sample_weight=None,
        callbacks=(),
        verbose=1,
    ):
        """Train for a number of passes over the data.

        Parameters
        ----------
        x : array_like, shape (samples, ...), or a tuple of several for a model that takes them
        y : array_like, shape (samples, ...)
        batch_size : int
            Samples in one step; the last of an epoch may have fewer.
        epochs : int
        validation_split : float
            Share of the samples, the last ones, that is set aside for validation.
        validation_data : tuple, optional
            ``(x, y)`` or ``(x, y, sample_weight)`` to validate on after every epoch.
        shuffle : bool
            Whether every epoch takes the samples in a new random order.
        sample_weight : array_like, shape (samples,), optional
        callbacks : sequence of Callback
        verbose : int
            0 is silent; 1 writes a line per epoch, and rewrites it on a terminal; 2 never rewrites.

        Returns
        -------
        History

        Raises
        ------
        ValueError
            If an argument does not fit, before anything is updated; or during training if the loss
            or a gradient is not finite, with the epoch and the step, counted from 1. The model is
            then as it was before that step.
        """
        batch_size, epochs = positive_int(batch_size, "batch_size"), positive_int(epochs, "epochs")
        one_of(verbose, (0, 1, 2), "verbose")
        data, validation = self._fit_data(
            x, y, sample_weight, validation_split, validation_data, batch_size
        )
        history = History()
        listeners = [*checked_callbacks(callbacks), history]
        if verbose:
            listeners.append(ProgressBar(live=verbose == 1))
        steps = -(-data.samples // batch_size)
        call = told(listeners, self, {"epochs": epochs, "steps": steps, "verbose": int(verbose)})

        self.stop_training = False
        call("on_train_begin")
        for epoch in range(epochs):
            call("on_epoch_begin", epoch)
            order = self.rng.permutation(data.samples) if shuffle else None
            logs = self._epoch(data.batches(batch_size, order), call, epoch)
            if validation is not None:
                logs |= self._validate(validation, batch_size, epoch)
            call("on_epoch_end", epoch, logs)
            if self.stop_training:
                break
        self.optimizer.finalize(self.trainable_weights)
        call("on_train_end", logs)
        return history

    def evaluate(self, x, y, batch_size=32, sample_weight=None):
        """Return the loss and the metrics over all samples, as a dict of floats."""
        batch_size = positive_int(batch_size, "batch_size")
        return self._averages(self._checked(x, y, sample_weight), batch_size)

    def predict(self, x, batch_size=32):
        """Return the outputs for all samples, computed `batch_size` at a time.

        Parameters
        ----------
        x : array_like, shape (samples, ...)
        batch_size : int

        Returns
        -------
        ndarray, shape (samples, ...)
        """
        self.require_built()
        batch_size = positive_int(batch_size, "batch_size")
        x = checked_inputs(x, self.input_layers, self.dtype)
        starts = range(0, len(x), batch_size)
        return np.concatenate([self.forward(x[start : start + batch_size]) for start in starts])

    def save_weights(self, path):
        """Write all weights to an ``.npz`` file: `glassnet.models.saving.save_weights`."""
        saving.save_weights(self, path)

    def load_weights(self, path):
        """Read weights from such a file: `glassnet.models.saving.load_weights`."""
        saving.load_weights(self, path)

    def _epoch(self, batches, call, epoch):
        """Train on every batch and return the averages of the epoch."""
        averages = _Averages(self._metrics)
        for step, batch in enumerate(batches):
            call("on_train_batch_begin", step)
            try:
                averages.update(batch, *self._safe_step(batch), self.output_mask)
            except ValueError as error:
                raise ValueError(f"Epoch {epoch + 1}, step {step + 1}: {error}") from error
            call("on_train_batch_end", step, averages.logs())
            if self.stop_training:
                break
        return averages.logs()

    def _validate(self, data, batch_size, epoch):
        """Return the logs of the validation after an epoch, under their own names."""
        with np.errstate(over="ignore", invalid="ignore"):
            logs = self._averages(data, batch_size)
        if not np.isfinite(logs["loss"]):
            raise ValueError(
                f"Epoch {epoch + 1}, validation after its last step: the loss must be finite. "
                f"Received: {logs['loss']}"
            )
        return {f"val_{name}": value for name, value in logs.items()}

    def _safe_step(self, batch):
        """Make a training step; if it fails, put back the state that the forward pass changed."""
        before = [(layer, key, v.copy()) for layer in self.layers for key, v in layer.state.items()]
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # seen in the loss or a gradient
                return self.training_step(*batch)
        except BaseException:
            for layer, key, value in before:
                layer.state[key][...] = value
            raise

    def _averages(self, data, batch_size):
        """Return the logs of all `data` without training."""
        averages, penalty = _Averages(self._metrics), self.penalty()
        for batch in data.batches(batch_size):
            y_pred = self.forward(batch.x)
            weights = batch.sample_weight, self.output_mask
            loss = float(self.loss(batch.y, y_pred, *weights)) + penalty
            averages.update(batch, loss, y_pred, self.output_mask)
        return averages.logs()

    def _checked(self, x, y, sample_weight):
        self.require_built()
        self._require_compiled()
        return checked_data(x, y, sample_weight, self.input_layers, self.dtype)

    def _fit_data(self, x, y, sample_weight, split, validation_data, batch_size):
        """Return training and validation data (or None) of which the loss can be computed."""
        data, validation = self._checked(x, y, sample_weight), None
        if validation_data is not None:
            if not isinstance(validation_data, (tuple, list)) or len(validation_data) not in (2, 3):
                raise ValueError(
                    "`validation_data` must be (x, y) or (x, y, sample_weight). "
                    f"Received: {type(validation_data).__name__}"
                )
            if split != 0:
                raise ValueError(
                    "Give `validation_split` or `validation_data`, not both. "
                    f"Received: validation_split={split!r} and validation_data"
                )
            validation = self._checked(*validation_data, *[None] * (3 - len(validation_data)))
        elif split != 0:
            data, validation = split_off_validation(data, split)
        for part in (data, validation):
            if part is not None:
                self._rehearse(part, batch_size)
        return data, validation

    def _rehearse(self, data, batch_size):
        """Let loss and metrics see all targets beside made-up predictions of the right shape.

        A label out of range in the last batch is found here, before the first one has been learnt.
        """
        averages = _Averages(self._metrics)
        for batch in data.batches(batch_size):
            shape = self.compute_output_shape(batch.x.shape)
            y_pred = np.full(shape, 0.5, self.dtype)  # can be a probability, and a logit too
            averages.update(batch, float(self.loss(batch.y, y_pred, batch.sample_weight)), y_pred)
        averages.logs()

    def _require_compiled(self):
        if self.optimizer is None:
            raise ValueError("The model has no loss and no optimizer yet: call `compile` first.")

    @abstractmethod
    def require_built(self):
        """Raise ValueError if a layer has no weights yet."""


class _Averages:
    """Averages over batches: of the loss, weighted by their samples, and of the metrics."""

    def __init__(self, named_metrics):
        self.metrics = {name: copy.copy(metric) for name, metric in named_metrics.items()}
        self.total = self.samples = 0
        for metric in self.metrics.values():
            metric.reset_state()

    def update(self, batch, loss, y_pred, mask=None):
        self.total += loss * batch.samples
        self.samples += batch.samples
        for metric in self.metrics.values():
            metric.update_state(batch.y, y_pred, mask if metric.uses_mask else None)

    def logs(self):
        named = {name: _single(name, metric.result()) for name, metric in self.metrics.items()}
        return {"loss": self.total / self.samples} | named


def _single(name, value):
    """Return the value of a metric as float, or raise ValueError if it is not one number."""
    if np.ndim(value):
        raise ValueError(
            f"A metric of a model gives one number; choose how {name!r} averages over the classes, "
            f"for example average='macro'. Received: an array of shape {np.shape(value)}"
        )
    return float(value)


def _named_metrics(identifiers, loss):
    if isinstance(identifiers, str) or not hasattr(identifiers, "__iter__"):
        raise ValueError(f"`metrics` must be a list. Received: metrics={identifiers!r}")
    named = {}
    for identifier in identifiers:
        metric = metrics.get(identifier, loss=loss)
        if metric.name in named or metric.name == "loss":
            raise ValueError(f"Every metric needs a name of its own. Received: {metric.name!r}")
        named[metric.name] = metric
    return named
