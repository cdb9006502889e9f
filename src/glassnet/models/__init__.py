"""Models: layers put together, trained and saved.

Names, arguments and defaults are those of ``keras.Sequential`` and ``keras.Model``.
"""

from __future__ import annotations

from glassnet.models.functional import Functional
from glassnet.models.sequential import Sequential
from glassnet.models.training import Model

__all__ = ["Functional", "Model", "Sequential"]
