"""What is done to every text before it is read: nothing that a person could see is lost."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from .refusal import UnreadableValue

# Bidirectional controls, zero-width characters, soft hyphen, byte order mark: they only mislead.
INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# � stands for what could not be decoded, here or before it came here.
BROKEN = re.compile("[\ud800-\udfff\x00\ufffd]")
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x00A0: " ", 0x202F: " "}
WIDE_ALPHANUMERIC = {
    code: code - 0xFEE0
    for start, end in ((0xFF10, 0xFF1A), (0xFF21, 0xFF3B), (0xFF41, 0xFF5B))
    for code in range(start, end)
}
LONGEST_RAW = 20_000


def as_text(raw: Any) -> str:
    """A cell of a form, of JSON or of a workbook as clean text; line breaks and tabs are kept."""
    text = _python_text(raw)
    if len(text) > LONGEST_RAW:
        raise UnreadableValue(
            _("The text is %(length)s characters long; at most %(most)s can be read.")
            % {"length": len(text), "most": LONGEST_RAW}
        )
    if BROKEN.search(text):
        raise UnreadableValue(
            _("“%(value)s” contains characters that cannot be read. Type it again instead of pasting it.")
            % {"value": shown(text)}
        )
    return CONTROL.sub("", INVISIBLE.sub("", text)).replace("\r\n", "\n").replace("\r", "\n").strip(" \n\t\u3000\u00a0")


def _python_text(raw: Any) -> str:
    if raw is None:
        return ""
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        return str(int(raw))
    if isinstance(raw, datetime):
        return raw.date().isoformat() if raw.time() == raw.time().min else raw.isoformat(" ")
    if isinstance(raw, Decimal) and raw.is_finite() and abs(raw.adjusted()) < 60:
        return format(raw, "f")
    return raw.isoformat() if isinstance(raw, date) else str(raw) if not isinstance(raw, int) else _int_text(raw)


def _int_text(raw: int) -> str:
    """Python refuses to print very long integers; sixty digits are already far too many."""
    return str(raw) if abs(raw) < 10**60 else "9" * 61


def narrow(text: str) -> str:
    """Full-width forms as their ASCII twins. Unlike NFKC this leaves ½ and ² to be refused."""
    return text.translate(FULL_WIDTH).strip()


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def shown(text: str, most: int = 40) -> str:
    """The value as a refusal repeats it: short, on one line, printable."""
    printable = BROKEN.sub("\ufffd", text)
    line = one_line(CONTROL.sub("", INVISIBLE.sub("", printable)))
    return line if len(line) <= most else line[: most - 1] + "…"
