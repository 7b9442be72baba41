"""The tickets of Fernlight, an invented lamp shop: what `qatui demo` shows."""

from qatui.services.sample.build import COMPANY, SOURCE, conversations

__all__ = ["COMPANY", "SOURCE", "conversations"]
