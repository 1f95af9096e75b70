"""One line of text as it is kept: without what cannot be seen, printed or stored."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

from portal.errors import Refused

# Between Chinese words brackets are wide; narrow ones are the same name typed on another keyboard.
WIDE_BRACKETS = str.maketrans("()", "（）")

_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0e-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"\s+")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class BadText(Refused):
    """A character that is no character: half of a pair."""

    status = 422


def one_line(text: str) -> str:
    """Control, direction and zero-width characters gone, runs of white space one space, trimmed."""
    if _SURROGATE.search(text):
        raise BadText(_("The text holds a character that cannot be read. Type it again instead of pasting it."))
    return _SPACES.sub(" ", _INVISIBLE.sub("", text)).strip()


def institution_name(text: str) -> str:
    """One line with wide brackets, so that two spellings of one name are one."""
    return one_line(text).translate(WIDE_BRACKETS)


def telephone(text: str) -> str:
    """Digits of any width become plain ones; spaces and the many dashes are one kind."""
    plain = unicodedata.normalize("NFKC", one_line(text))
    return re.sub(r"\s+", "", re.sub(r"[‐‑‒–—―−]", "-", plain))


def named_stand_in(name: object) -> str:
    """How somebody is named who acted for a bureau that is not theirs."""
    return _("%(name)s (stand-in)") % {"name": name}
