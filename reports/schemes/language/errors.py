from __future__ import annotations

from typing import Any


class LanguageError(Exception):
    """An expression that cannot be used. `position` counts characters from 1; `message` is in the language that was active."""

    def __init__(self, message: Any, position: int) -> None:
        self.message = message
        self.position = position
        super().__init__(message, position)

    def __str__(self) -> str:
        return str(self.message)
