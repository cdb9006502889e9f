"""The exercises, a module a chapter."""

TOPICS = (
    "concepts",
    "activations",
    "losses",
    "backprop",
    "optimisation",
    "regularisation",
    "mnist",
    "cnn",
    "rnn",
    "seq2seq",
    "attention",
    "unsupervised",
    "generative",
    "rl",
    "tasks",
)
"""The chapters with exercises, in the order of the book."""
