"""The sheet of renamed indicators: which code of an earlier version goes on under which code of this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from .building import Builder


def read_renames(builder: Builder) -> dict[str, str]:
    """{old: new}, a code that was renamed twice followed to the one of this version.

    An old code is none of this version: so values of any version can be carried over without knowing which it was.
    """
    steps: dict[str, str] = {}
    lines: dict[str, int] = {}
    for number, row in enumerate(builder.sheets["renames"], start=1):
        old, new = row["old"], row["new"]
        if not old or not new:
            continue
        if old in builder.by_code:
            builder.problem(
                "renames",
                old,
                "old",
                _("%(code)s is still an indicator of this version, so its values are not carried elsewhere.")
                % {"code": old},
                number,
            )
            continue
        steps[old], lines[old] = new, number
    found = {}
    for old in steps:
        end = _end_of(steps, old)
        if end in builder.by_code:
            found[old] = end
        else:
            builder.problem(
                "renames", old, "new", _("The name “%(name)s” is not known.") % {"name": steps[old]}, lines[old]
            )
    return found


def _end_of(steps: dict[str, str], code: str) -> str:
    """The last of a chain; the code itself where it goes in a circle."""
    seen = {code}
    end = steps[code]
    while end in steps:
        if end in seen:
            return code
        seen.add(end)
        end = steps[end]
    return end
