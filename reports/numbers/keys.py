"""The compared form of a report number, one at a time and many at once. No Django here: the reading child imports it.

NFKC (full-width forms become their ASCII twins), invisible characters dropped, trimmed, upper case, and one kind of
brackets: 〔2023〕, 【2023】, [2023] and ［2023］ are the same; so are （2023） and (2023). What marks a cell as text is no part
of the number: the apostrophe before a sign ('-5), and ="00123". Nothing else is changed: leading zeros and inner spaces
mean what they say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from reports.numbers.strays import may_hold_stray, stray_in

LONGEST = 64
INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
BRACKETS = (("〔", "["), ("〕", "]"), ("【", "["), ("】", "]"), ("〖", "["), ("〗", "]"), ("﹝", "("), ("﹞", ")"))
_EDGES = " \t\r\n"  # after NFKC every other kind of space is one of these
_QUOTED_TEXT = re.compile(r"""^[ \t']*="(.*)"[ \t]*$""", re.MULTILINE)  # how some programs keep leading zeros in csv
_APOSTROPHE = re.compile(r"^[ \t]*'+(?=[^\S\n]*[-+=@])", re.MULTILINE)  # how a sign is kept from being run as a formula


def key_of(raw: str) -> str:
    """One number. May come out empty, too long or with control characters: `trouble_in` tells."""
    return _normal(raw.strip(_EDGES)).strip(_EDGES)


def _normal(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", INVISIBLE.sub("", text))
        for variant, plain in BRACKETS:
            text = text.replace(variant, plain)
    if '="' in text:
        text = _QUOTED_TEXT.sub(r"\1", text)
    if "'" in text:
        text = _APOSTROPHE.sub("", text)
    return text.upper()


def keys_of(raws: Sequence[str]) -> list[str]:
    """The same for a whole column: the text is normalised in one piece, so a plain number costs next to nothing."""
    text = "\n".join(raws)
    if text.count("\n") != len(raws) - 1 or "\r" in text:
        return [key_of(raw) for raw in raws]
    keys = _normal(text)
    found = keys.split("\n")
    if "\t" in keys or " \n" in keys or "\n " in keys or keys[:1] == " " or keys[-1:] == " ":
        found = [key.strip(_EDGES) for key in found]
    return found if len(found) == len(raws) else [key_of(raw) for raw in raws]


def trouble_in(key: str) -> str:
    """Code of why a key can never have been stored, of `reports.numbers.causes`; empty when it can."""
    if not key:
        return "blank"
    if len(key) > LONGEST:
        return "long"
    if CONTROL.search(key):
        return "control"
    match = SUSPECT.match(key)
    return match.lastgroup or "" if match else ""


def trouble_in_new(key: str) -> str:
    """The same of a number that is to be filed: what is not taken for one any more may have been stored before."""
    return trouble_in(key) or stray_in(key)


def may_hold_trouble(keys: Sequence[str]) -> bool:
    """Whether one of the keys deserves a closer look. Cheap, and never wrong when it says no, but for what is too long."""
    column = "\n".join(("", *keys, ""))
    if any(mark in column for mark in ("E+", "#", "TRUE", "FALSE")) and SUSPECT.search(column):
        return True
    within = column.replace("\n", "")
    if len(column) - len(within) != len(keys) + 1 or not within.isprintable():
        return True
    return may_hold_stray(column)


#: What a spreadsheet makes of a number before it reaches us. Anchored at lines, so that a column is searched in one go.
SUSPECT = re.compile(
    r"^(?:(?P<scientific>[+-]?[0-9](?:\.[0-9]+)?E\+[0-9]+)"
    r"|(?P<error>#(?:N/A|REF!|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|SPILL!|CALC!)|#+)"
    r"|(?P<boolean>TRUE|FALSE))$",
    re.MULTILINE,
)
