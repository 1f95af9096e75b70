"""Where an act came from: the address and reference of the request at hand, for events written anywhere below it."""

from __future__ import annotations

from contextvars import ContextVar
from typing import NamedTuple


class Origin(NamedTuple):
    """Both empty outside a request, as in a job or a command."""

    address: str | None = None
    reference: str = ""


NOWHERE = Origin()
origin: ContextVar[Origin] = ContextVar("trail_origin", default=NOWHERE)
