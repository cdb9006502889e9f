"""Objects that are known by a name and options: initialisers, regularisers, constraints."""

from __future__ import annotations

from glassnet._validation import lookup


class Configured:
    """An object whose attributes are the options it was made with, under the same names."""

    def get_config(self):
        """Return the options as a dict, with Keras' names."""
        return dict(vars(self))

    def __repr__(self):
        options = ", ".join(f"{name}={value!r}" for name, value in self.get_config().items())
        return f"{type(self).__name__}({options})"


def instance_of(identifier, base, registry, kind):
    """Return the object that `identifier` is, names or describes.

    Parameters
    ----------
    identifier : object
        An instance of `base`, which is returned as it is; a name in `registry` or of one of its
        classes, for its defaults; or a configuration as Keras writes it,
        ``{"class_name": ..., "config": {...}}``. What is None there counts as not given.
    base : type
    registry : dict of str to type
    kind : str
        What the error message calls it.

    Raises
    ------
    ValueError
        If it is none of these, or the configuration has arguments that the class does not take.
    """
    if isinstance(identifier, base):
        return identifier
    name, options = identifier, {}
    if isinstance(identifier, dict):
        name = identifier.get("class_name")
        options = {k: v for k, v in identifier.get("config", {}).items() if v is not None}
    cls = lookup(name, registry | {cls.__name__: cls for cls in registry.values()}, kind)
    try:
        return cls(**options)
    except TypeError as error:  # an argument that the class does not take
        raise ValueError(f"No {kind} can be made. Received: {identifier!r}. {error}") from None
