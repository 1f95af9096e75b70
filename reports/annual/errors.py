from __future__ import annotations

from portal.errors import Refused


class NotTaken(Refused):
    """A file was not taken; the reason says what is wrong with it and how to mend it."""

    status = 422
