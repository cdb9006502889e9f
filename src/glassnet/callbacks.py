"""What may happen around epochs and batches of training: history, progress, stopping, saving."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from glassnet._validation import one_of, positive_int, real_in

__all__ = [
    "Callback",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "ModelCheckpoint",
    "ProgressBar",
]


class Callback:
    """Base of all callbacks: every hook is called by ``fit`` and does nothing unless overridden.

    Epochs and batches are counted from 0. The logs of a batch are the averages of its epoch so far.
    A hook stops the training with ``self.model.stop_training = True``.

    Attributes
    ----------
    model : Model
        The model in training.
    params : dict
        ``epochs``, ``steps`` (batches in an epoch) and ``verbose``.
    """

    model = None
    params: dict | None = None

    def set_model(self, model):
        """Remember the model; called before training."""
        self.model = model

    def set_params(self, params):
        """Remember the parameters of the training; called before it."""
        self.params = params

    def on_train_begin(self, logs=None):
        """Act before the first epoch."""

    def on_train_end(self, logs=None):
        """Act after the last epoch; `logs` are those of that epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        """Act before an epoch."""

    def on_epoch_end(self, epoch, logs=None):
        """Act after an epoch and its validation."""

    def on_train_batch_begin(self, batch, logs=None):
        """Act before a batch."""

    def on_train_batch_end(self, batch, logs=None):
        """Act after a batch."""


class History(Callback):
    """The logs of every epoch; ``fit`` returns one.

    Attributes
    ----------
    history : dict of str to list of float
        One list for each quantity, one number an epoch.
    epoch : list of int
        The epochs, counted from 0.
    """

    def __init__(self):
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs=None):
        """Begin anew."""
        self.history, self.epoch = {}, []

    def on_epoch_end(self, epoch, logs=None):
        """Append the logs."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)


class LambdaCallback(Callback):
    """A callback made of functions, each called with the arguments of the hook it is given for.

    Parameters
    ----------
    on_epoch_begin, on_epoch_end : callable, optional
        Called with ``(epoch, logs)``.
    on_train_begin, on_train_end : callable, optional
        Called with ``(logs)``.
    on_train_batch_begin, on_train_batch_end : callable, optional
        Called with ``(batch, logs)``.

    Raises
    ------
    ValueError
        If one of them cannot be called.
    """

    def __init__(
        self,
        on_epoch_begin=None,
        on_epoch_end=None,
        on_train_begin=None,
        on_train_end=None,
        on_train_batch_begin=None,
        on_train_batch_end=None,
    ):
        hooks = {name: value for name, value in locals().items() if name.startswith("on_")}
        for name, function in hooks.items():
            if function is not None:
                if not callable(function):
                    raise ValueError(f"`{name}` must be callable. Received: {function!r}")
                setattr(self, name, function)


class _Monitor(Callback):
    """A callback that watches one quantity and knows when it has improved."""

    def __init__(self, monitor, mode, min_delta=0.0):
        self.monitor = monitor
        self.mode = one_of(mode, ("auto", "min", "max"), "mode")
        self.min_delta = abs(real_in(min_delta, "min_delta"))
        if self.mode == "auto":
            self.mode = direction(monitor)

    def value(self, logs):
        """Return the watched quantity, or raise ValueError if it is not logged."""
        if self.monitor not in (logs or {}):
            raise ValueError(
                f"{type(self).__name__} watches a quantity that is not logged. "
                f"Received: monitor={self.monitor!r}. Logged: {', '.join(logs or ['nothing'])}"
            )
        return logs[self.monitor]

    def improves(self, value, best):
        """Whether `value` is better than `best` by more than ``min_delta``; None is worst."""
        if best is None:
            return True
        if self.mode == "min":
            return value + self.min_delta < best
        return value - self.min_delta > best


class EarlyStopping(_Monitor):
    """Stop the training when a quantity no longer improves.

    Parameters
    ----------
    monitor : str
        Name of the quantity in the logs, such as ``"val_loss"``.
    min_delta : float
        A change by no more than this is no improvement.
    patience : int
        How many epochs in a row may pass without improvement.
    mode : str
        Whether ``"min"`` or ``"max"`` is better; ``"auto"`` tells it from the name.
    baseline : float, optional
        A value that has to be beaten as well before the patience is renewed.
    restore_best_weights : bool
        Whether the weights of the best epoch are put back at the end.
    start_from_epoch : int
        Epochs before this one, counted from 0, are not watched.

    Attributes
    ----------
    best : float
        Best value so far.
    best_epoch : int
        The epoch it belongs to.
    stopped_epoch : int
        The epoch after which the training was stopped; 0 if it was not.

    Raises
    ------
    ValueError
        If an argument is out of range, the direction cannot be told from the name, or the quantity
        is not logged.

    References
    ----------
    Prechelt (1998). Early stopping, but when?
    """

    def __init__(
        self,
        monitor="val_loss",
        min_delta=0,
        patience=0,
        *,
        mode="auto",
        baseline=None,
        restore_best_weights=False,
        start_from_epoch=0,
    ):
        super().__init__(monitor, mode, min_delta)
        self.patience = _whole(patience, "patience")
        self.baseline = None if baseline is None else real_in(baseline, "baseline")
        self.restore_best_weights = bool(restore_best_weights)
        self.start_from_epoch = _whole(start_from_epoch, "start_from_epoch")
        self.on_train_begin()

    def on_train_begin(self, logs=None):
        """Forget what an earlier training left."""
        self.wait = self.best_epoch = self.stopped_epoch = 0
        self.best = self.best_weights = None

    def on_epoch_end(self, epoch, logs=None):
        """Compare with the best epoch, and stop if the patience is at an end."""
        value = self.value(logs)
        if epoch < self.start_from_epoch:
            return
        self.wait += 1
        if self.improves(value, self.best):
            self.best, self.best_epoch = value, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self.improves(value, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        """Put the weights of the best epoch back, if asked to."""
        if self.best_weights is not None:
            self.model.set_weights(self.best_weights)


class ModelCheckpoint(_Monitor):
    """Save the weights after every epoch, or after those that are the best so far.

    Parameters
    ----------
    filepath : str or path-like
        Ends in ``.npz``. May name the epoch, counted from 1, and the logs: for instance
        ``"weights-{epoch:02d}-{val_loss:.3f}.npz"``. Directories are made where they lack.
    monitor : str
        Name of the quantity that says which epoch is better.
    save_best_only : bool
        Whether to save only when the quantity has improved.
    mode : str
        Whether ``"min"`` or ``"max"`` is better; ``"auto"`` tells it from the name.
    initial_value_threshold : float, optional
        The value that the first epoch has to beat.

    Raises
    ------
    ValueError
        If the path does not end in ``.npz`` or names something that is not logged, or if the
        quantity is not logged.
    """

    def __init__(
        self,
        filepath,
        monitor="val_loss",
        *,
        save_best_only=False,
        mode="auto",
        initial_value_threshold=None,
    ):
        if not save_best_only and mode == "auto":
            mode = "min"  # not used; do not ask for a name that tells it
        super().__init__(monitor, mode)
        self.filepath = str(filepath)
        if not self.filepath.endswith(".npz"):
            raise ValueError(f"`filepath` must end in .npz. Received: filepath={filepath!r}")
        self.save_best_only = bool(save_best_only)
        self.best = initial_value_threshold

    def on_epoch_end(self, epoch, logs=None):
        """Save, if this epoch is to be saved."""
        if self.save_best_only:
            value = self.value(logs)
            if not self.improves(value, self.best):
                return
            self.best = value
        try:
            path = Path(self.filepath.format(epoch=epoch + 1, **(logs or {})))
        except (KeyError, IndexError) as error:
            raise ValueError(
                f"`filepath` may name the epoch and what is logged: {', '.join(logs or ())}. "
                f"Received: filepath={self.filepath!r} ({error})"
            ) from None
        path.parent.mkdir(parents=True, exist_ok=True)
        self.model.save_weights(path)


class ProgressBar(Callback):
    """One line of plain text that tells how far the training is.

    On a terminal the line is rewritten while an epoch runs. Elsewhere, as in a notebook, a line is
    written at the end of each epoch only, so that the output stays short.

    Parameters
    ----------
    live : bool
        Whether to rewrite the line where that is possible.
    stream : file-like, optional
        Where to write; by default standard output.
    """

    interval = 0.1  # seconds between two updates: more often cannot be read

    def __init__(self, live=True, stream=None):
        self.live = bool(live)
        self.stream = stream

    def on_train_begin(self, logs=None):
        """Find out whether the output is a terminal."""
        self.out = sys.stdout if self.stream is None else self.stream
        self.rewrites = self.live and hasattr(self.out, "isatty") and self.out.isatty()
        self.length, self.shown = 0, -float("inf")

    def on_train_batch_end(self, batch, logs=None):
        """Rewrite the line, unless that was done a moment ago."""
        if self.rewrites and time.monotonic() - self.shown >= self.interval:
            self.shown = time.monotonic()
            self._write(f"{batch + 1}/{self.params['steps']}  {_as_text(logs)}", "")

    def on_epoch_begin(self, epoch, logs=None):
        """Remember which epoch the line is about."""
        width = len(str(self.params["epochs"]))
        self.title = f"Epoch {epoch + 1:{width}d}/{self.params['epochs']}  "

    def on_epoch_end(self, epoch, logs=None):
        """Write the line that stays."""
        self._write(_as_text(logs), "\n")
        self.length = 0

    def _write(self, text, end):
        line = self.title + text
        start = "\r" if self.rewrites else ""
        self.out.write(f"{start}{line:{self.length}}{end}")  # spaces cover what was longer
        self.out.flush()
        self.length = len(line)


def direction(monitor):
    """Return whether smaller or larger values of a quantity are better, told by its name."""
    name = monitor.removeprefix("val_").lower() if isinstance(monitor, str) else ""
    words = set(name.split("_"))
    if words & {"loss", "error", "mse", "mae", "rmse"}:
        return "min"
    if words & {"accuracy", "acc", "precision", "recall", "score", "auc"}:
        return "max"
    raise ValueError(
        "`mode` must be 'min' or 'max' where the name does not tell which is better. "
        f"Received: monitor={monitor!r}"
    )


def _whole(value, name):
    return 0 if value == 0 and not isinstance(value, bool) else positive_int(value, name)


def _as_text(logs):
    return "  ".join(f"{name} {value:.4g}" for name, value in (logs or {}).items())


def checked_callbacks(callbacks):
    """Return callbacks as a list, or raise ValueError if one of them is something else."""
    callbacks = [callbacks] if isinstance(callbacks, Callback) else list(callbacks or ())
    for callback in callbacks:
        if not isinstance(callback, Callback):
            raise ValueError(f"`callbacks` must be a list of Callback. Received: {callback!r}")
    return callbacks


def told(callbacks, model, params):
    """Tell callbacks about a training; return a function that calls one hook of them all."""
    for callback in callbacks:
        callback.set_model(model)
        callback.set_params(params)

    def call(hook, *arguments):
        for callback in callbacks:
            getattr(callback, hook)(*arguments)

    return call
