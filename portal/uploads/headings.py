"""The row of headings of a table somebody sent, and the form in which headings are compared."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

_NOISE = re.compile(r"[\s\u200b\ufeff()（）\[\]【】〔〕:：*＊/、,，.。_\-—]+|必填|选填|required|optional")
LOOKED_AT = 30  # rows searched for the headings
MOST_COLUMNS = 256


def plain(text: Any) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", str(text)).casefold())


@dataclass
class Headings:
    """`row` is the row of the headings as the reader of the file sees it, from 1; `data` the first one below."""

    row: int
    data: int
    columns: dict[str, int]
    unmatched: list[str] = field(default_factory=list)
    width: int = 0
