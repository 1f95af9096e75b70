"""What is often mistyped in a number: mended from the typed text alone, to be offered where nothing was found."""

from __future__ import annotations

import re

from reports.numbers.keys import key_of, trouble_in

_DASHES = re.compile("[\u2010-\u2015\u2212\u2500\ufe58]+")
_SPACES = re.compile(r"\s+")
_BRACKETS = str.maketrans(dict.fromkeys("(（﹙<＜{｛〈《「『", "〔") | dict.fromkeys(")）﹚>＞}｝〉》」』", "〕"))


def retyped(typed: str) -> str:
    """The one number to try next, or nothing. Spaces and long dashes go first; asked again, brackets become 〔 〕.

    Each number it gives leads to another at most once, so nobody is sent in circles.
    """
    plain = _DASHES.sub("-", _SPACES.sub("", typed))
    for mended in (plain, plain.translate(_BRACKETS)):
        key = key_of(mended)
        if key != key_of(typed):
            return "" if trouble_in(key) else mended
    return ""
