"""What a model made of layers has beside the training: weights, and a summary."""

from __future__ import annotations

from glassnet.models.training import Model

__all__ = ["LayeredModel"]


def pass_through(layer, x, training, mask):
    """Return the output of a layer, and the mask that belongs to it.

    Parameters
    ----------
    layer : Layer
    x : ndarray, or a list of ndarray
    training : bool
    mask : ndarray of bool or None, or a list of such if `x` is one
        Goes to the layer if it reads masks and there is one.
    """
    masked = mask is not None
    if isinstance(mask, list):
        masked = any(each is not None for each in mask)
    options = {"mask": mask} if masked and layer.uses_mask else {}
    y = layer.forward(x, training=training, **options)
    return y, layer.compute_mask(x, mask) if masked else layer.compute_mask(x)


class LayeredModel(Model):
    """A model whose weights are those of its `layers`, in their order.

    A subclass has `name`, `layers` and `built`.
    """

    def get_weights(self):
        """Return copies of all weights, layer by layer."""
        return [value for layer in self.layers for value in layer.get_weights()]

    def set_weights(self, weights):
        """Write `weights`, a list as from `get_weights`, into the layers.

        Raises
        ------
        ValueError
            If the number of arrays or the shape of one is wrong; nothing is changed then.
        """
        self.require_built()
        counts = [len(layer.weights) for layer in self.layers]
        if len(weights) != sum(counts):
            raise ValueError(
                f"The model has {sum(counts)} weights. Received: {len(weights)} arrays"
            )
        rest, pairs = list(weights), []
        for layer, count in zip(self.layers, counts, strict=True):
            pairs += layer.match_weights(rest[:count])
            del rest[:count]
        for target, value in pairs:  # all fit
            target[...] = value

    def count_params(self):
        """Return the number of weights, trainable or not."""
        self.require_built()
        return sum(layer.count_params() for layer in self.layers)

    def summary(self):
        """Print the layers, the shapes of their outputs, and how many weights they have."""
        rows = [("Layer (type)", "Output shape", "Params")]
        for name, layer in zip(self._names(), self.layers, strict=True):
            shape = str(layer.output_shape) if layer.built else "not built"
            rows.append((f"{name} ({type(layer).__name__})", shape, f"{layer.count_params():,}"))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [f"{a:{widths[0]}}  {b:{widths[1]}}  {c:>{widths[2]}}" for a, b, c in rows]
        rule = "-" * len(lines[0])
        trained = sum(value.size for value in self.trainable_weights)
        fixed = sum(value.size for layer in self.layers for value in layer.state.values())
        print(f"Model: {self.name}", rule, lines[0], rule, *lines[1:], rule, sep="\n")
        print(f"Params: {trained + fixed:,} ({trained:,} trainable, {fixed:,} not)")

    def require_built(self):
        """Raise ValueError if the layers have no weights yet."""
        if not self.built:
            raise ValueError("The model has no weights yet: call `build` first.")

    def _names(self):
        """The layers' names, numbered where they repeat."""
        names = []
        for layer in self.layers:
            repeats = sum(layer.name == other.name for other in self.layers[: len(names)])
            names.append(f"{layer.name}_{repeats}" if repeats else layer.name)
        return names
