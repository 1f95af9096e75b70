"""A part of the first page, offered by a room: a template and the context it names on its first line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    template: str
    context: dict[str, Any]
