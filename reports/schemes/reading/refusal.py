from __future__ import annotations

from typing import Any


class UnreadableValue(ValueError):
    """A value that cannot be stored. `message` repeats the value, in the active language; `offer` is what may be meant."""

    def __init__(self, message: Any, offer: str | None = None) -> None:
        self.message = message
        self.offer = offer
        super().__init__(message)

    def __str__(self) -> str:
        return str(self.message)
