"""A simulated log of an invented web shop: what `qatui simulate` writes."""

from qatui.services.simulate.log import simulate

__all__ = ["simulate"]
