"""The unified social credit code (GB 32100): 18 characters, the last of them computed from the others."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _
from stdnum.cn import uscc as stdnum_uscc

from institutions.words import one_line
from portal.errors import Refused

LENGTH = 18
_ALPHABET = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
# Letters the standard leaves out, and what they were most likely meant to be.
MISTAKEN = {"I": "1", "O": "0", "Z": "2", "S": "5", "V": "U"}


class BadUscc(Refused):
    """Not a code; the reason names the position and what would mend it."""

    status = 422


def normalise_uscc(typed: str) -> str:
    """The code in capitals without spaces and hyphens, or `BadUscc`. Positions count from 1."""
    code = re.sub(r"[\s-]+", "", unicodedata.normalize("NFKC", one_line(typed))).upper()
    if len(code) != LENGTH:
        raise BadUscc(
            _(
                "The unified social credit code has %(length)s characters; it must have 18. Compare it with the business licence."
            )
            % {"length": len(code)}
        )
    for position, character in enumerate(code, start=1):
        if character in MISTAKEN:
            _refuse_letter(position, character)
        if character not in _ALPHABET:
            raise BadUscc(
                _("Position %(position)s of the unified social credit code is “%(character)s”, which no code contains.")
                % {"position": position, "character": character}
            )
        if 3 <= position <= 8 and not character.isdigit():
            raise BadUscc(
                _(
                    "Position %(position)s of the unified social credit code is “%(character)s”; positions 3 to 8 are digits."
                )
                % {"position": position, "character": character}
            )
    wanted = stdnum_uscc.calc_check_digit(code[:17])
    if code[17] != wanted:
        raise BadUscc(
            _(
                "The unified social credit code does not add up: after its first 17 characters the last one must be "
                "%(wanted)s, not %(last)s. One of the 18 is mistyped; compare it with the business licence."
            )
            % {"wanted": wanted, "last": code[17]}
        )
    return code


def _refuse_letter(position: int, character: str) -> None:
    raise BadUscc(
        _(
            "Position %(position)s of the unified social credit code is the letter %(character)s, which no code contains. "
            "Perhaps it is %(meant)s."
        )
        % {"position": position, "character": character, "meant": MISTAKEN[character]}
    )
