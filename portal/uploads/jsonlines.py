"""One line of JSON, by the letter: UTF-8, and none of the constants that Python takes and JSON has not."""

from __future__ import annotations

import json
from typing import Any


def value_of(line: bytes) -> Any:
    """Raises UnicodeDecodeError for another encoding, and ValueError or RecursionError for what is no JSON."""
    return _STRICT.decode(line.decode("utf-8-sig"))


def _no_json(name: str) -> Any:
    raise ValueError(name)


_STRICT = json.JSONDecoder(parse_constant=_no_json)
