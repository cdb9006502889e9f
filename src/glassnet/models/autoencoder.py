"""Networks that reproduce their input through a narrow code."""

from __future__ import annotations

import numpy as np

from glassnet.models.batches import checked_inputs
from glassnet.models.filling import checked_gaps, fill_in
from glassnet.models.layered import LayeredModel
from glassnet.models.sequential import Sequential

__all__ = ["Autoencoder"]


class Autoencoder(LayeredModel):
    """An encoder and a decoder, trained together to give back what went in.

    With linear layers and the mean squared error, the code of centred data spans the subspace of
    the first principal components. With a `corruption` it is a denoising autoencoder: in training
    the encoder gets a spoilt copy, and the target is the clean original.

    Parameters
    ----------
    encoder, decoder : Sequential or sequence of Layer
    corruption : callable, optional
        ``corruption(x, rng)`` returns a spoilt copy of a batch, such as
        `glassnet.models.masking_noise`; called in training only, with the generator given to
        `build`.
    name : str, optional

    Attributes
    ----------
    encoder, decoder : Sequential
    layers : list of Layer
        Those of the encoder, then those of the decoder.

    Raises
    ------
    ValueError
        If a part is not made of layers, a layer is in both, or `corruption` cannot be called.

    References
    ----------
    Bourlard and Kamp (1988), *Auto-association by multilayer perceptrons and singular value
    decomposition*; Hinton and Salakhutdinov (2006), *Reducing the dimensionality of data with
    neural networks*; Vincent, Larochelle, Bengio and Manzagol (2008), *Extracting and composing
    robust features with denoising autoencoders*.
    """

    def __init__(self, encoder, decoder, corruption=None, name=None):
        if corruption is not None and not callable(corruption):
            raise ValueError(f"`corruption` must be callable. Received: {corruption!r}")
        self.name = name or "autoencoder"
        self.encoder = encoder if isinstance(encoder, Sequential) else Sequential(encoder)
        self.decoder = decoder if isinstance(decoder, Sequential) else Sequential(decoder)
        self.corruption = corruption
        Sequential(self.layers)  # refuses a layer that is used twice

    @property
    def layers(self):
        """All layers, from the input to the reconstruction."""
        return [*self.encoder.layers, *self.decoder.layers]

    @property
    def built(self):
        """Whether both parts have their weights."""
        return self.encoder.built and self.decoder.built

    def build(self, input_shape, rng, dtype=np.float32):
        """Create the weights of both parts; a second call draws new ones.

        Parameters
        ----------
        input_shape : tuple of int or None
            With the batch axis first, e.g. ``(None, 64)``.
        rng : numpy.random.Generator
            Source of the weights, of the noise, and of the order of the samples in `fit`.
        dtype : numpy dtype

        Raises
        ------
        ValueError
            If the decoder does not give back the shape of the input.
        """
        self.encoder.build(input_shape, rng, dtype)
        self.decoder.build(self.encoder.output_shape, rng, dtype)
        expected, received = self.input_shape, self.output_shape
        if received != expected:
            self.decoder.built = False
            raise ValueError(
                f"The decoder must give back the shape of the input, {expected}. "
                f"Received: {received}"
            )

    @property
    def rng(self):
        """The generator given to `build`."""
        return self.encoder.rng

    @property
    def dtype(self):
        """Kind of float of the weights."""
        return self.encoder.dtype

    @property
    def input_shape(self):
        """Shape of the input, with the batch axis."""
        return self.encoder.input_shape

    @property
    def output_shape(self):
        """Shape of the reconstruction, with the batch axis."""
        return self.decoder.output_shape

    def compute_output_shape(self, input_shape):
        """Return the shape of the reconstruction of inputs of `input_shape`."""
        return self.decoder.compute_output_shape(self.encoder.compute_output_shape(input_shape))

    def forward(self, x, training=False):
        """Return the reconstruction of x, of its shape."""
        return self.decoder.forward(self.encoder.forward(x, training), training)

    def backward(self, dy, input_gradient=True):
        """Fill the gradients of all layers; see `Sequential.backward`."""
        return self.encoder.backward(self.decoder.backward(dy), input_gradient)

    def training_step(self, x, y, sample_weight=None):
        """Make one step of gradient descent from spoilt inputs to clean targets."""
        if self.corruption is not None:
            clean, x = x, np.asarray(self.corruption(x, self.rng), self.dtype)
            if x.shape != clean.shape:
                raise ValueError(
                    f"`corruption` must keep the shape, {clean.shape}. Received: {x.shape}"
                )
        return super().training_step(x, y, sample_weight)

    def train_on_batch(self, x, y=None, sample_weight=None):
        """Make one step on one batch and return its logs; the target is x if y is not given."""
        return super().train_on_batch(x, x if y is None else y, sample_weight)

    def fit(self, x, y=None, *, validation_data=None, **options):
        """Train for a number of passes over the data.

        Parameters
        ----------
        x : array_like, shape (samples, ...)
        y : array_like, shape of x, optional
            What to reconstruct; x itself if not given.
        validation_data : array_like or tuple, optional
            Samples to reconstruct after every epoch, or as for `Model.fit`. Their inputs are not
            spoilt.
        **options
            The other arguments of `Model.fit`, by name: ``batch_size=32``, ``epochs=1``,
            ``validation_split=0.0``, ``shuffle=True``, ``sample_weight=None``, ``callbacks=()``,
            ``verbose=1``.

        Returns
        -------
        History

        Raises
        ------
        ValueError
            As `Model.fit`.
        """
        if validation_data is not None and not isinstance(validation_data, (tuple, list)):
            validation_data = (validation_data, validation_data)
        return super().fit(x, x if y is None else y, validation_data=validation_data, **options)

    def evaluate(self, x, y=None, batch_size=32, sample_weight=None):
        """Return the loss and the metrics over all samples; the target is x if y is not given."""
        return super().evaluate(x, x if y is None else y, batch_size, sample_weight)

    def encode(self, x, batch_size=256):
        """Return the codes of samples, shape (samples, ...)."""
        return self.encoder.predict(x, batch_size)

    def decode(self, code, batch_size=256):
        """Return what the decoder makes of codes, shape (samples, ...)."""
        return self.decoder.predict(code, batch_size)

    def reconstruction_error(self, x, batch_size=256):
        """Return the mean squared error of each sample's reconstruction.

        It is small for what resembles the training data, and larger for what does not: a measure of
        how anomalous a sample is.

        Parameters
        ----------
        x : array_like, shape (samples, ...)
        batch_size : int

        Returns
        -------
        ndarray, shape (samples,)
        """
        y = self.predict(x, batch_size)
        x = checked_inputs(x, self.layers[0], self.dtype)
        return np.mean((y - x) ** 2, axis=tuple(range(1, x.ndim)))

    def fill_in(self, x, known, steps=100, start=0.0):
        """Fill gaps by reconstructing again and again with the known entries clamped.

        Train with a `corruption` for it: only then does the network draw gaps towards the data; see
        `glassnet.models.fill_in`.

        Parameters
        ----------
        x : array_like, shape (samples, ...)
            What stands in the gaps does not matter, and may be NaN.
        known : array_like of bool, shape of x, or of one sample
            True where `x` is given.
        steps : int
        start : float
            Put into the gaps at first; the mean of the data is a good choice.

        Returns
        -------
        ndarray, shape of x

        Raises
        ------
        ValueError
            If the mask does not fit, or a known entry is not finite.
        """
        self.require_built()
        x, known = checked_gaps(x, known, self.dtype, start)
        return fill_in(self.predict, x, known, steps)

    def __repr__(self):
        return f"Autoencoder({self.encoder!r}, {self.decoder!r})"
