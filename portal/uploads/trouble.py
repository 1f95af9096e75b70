"""Why a file as a whole cannot be read. The code and its values become sentences in the causes of the room that asked."""

from __future__ import annotations

from typing import Any


class Unreadable(Exception):
    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values = values
