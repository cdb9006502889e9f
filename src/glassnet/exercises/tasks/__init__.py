"""The exercises, a module a chapter."""

TOPICS = ("activations",)
"""The chapters with exercises, in the order of the book."""
