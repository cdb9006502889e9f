"""What agents do with the networks they are given."""

from __future__ import annotations


def descend(network, optimizer, gradient):
    """Make a step against the gradient of a loss by the output of the last forward pass."""
    network.backward(gradient, input_gradient=False)
    optimizer.apply(network.gradients, network.trainable_weights)


def require_value_network(value, policy):
    """Raise ValueError unless `value` gives one number, from the observations of `policy`."""
    value.require_built()
    if value is policy or value.output_shape != (None, 1):
        received = "the policy itself" if value is policy else f"output_shape={value.output_shape}"
        raise ValueError(
            f"`value` must be a network of its own that gives one number. Received: {received}"
        )
    if value.input_shape != policy.input_shape:
        raise ValueError(
            "`value` must take the observations that `policy` takes. "
            f"Received: input_shape={value.input_shape} beside {policy.input_shape}"
        )


def two_optimizers(first, second):
    """Raise ValueError if two networks would share the state of one optimiser."""
    if first is second:
        raise ValueError(f"Each network needs an optimizer of its own. Received: twice {first!r}")
