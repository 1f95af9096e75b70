"""What a reader chose on the pages of an import."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from institutions.register.actions import BadColumns
from institutions.register.causes import FIELDS

#: Name of the select of a column.
PREFIX = "column-"


def chosen_columns(posted: Mapping[str, Any]) -> dict[str, int]:
    """Field → column. A field chosen for two columns is refused: nobody could say which one is meant."""
    found: dict[str, int] = {}
    for name, field in posted.items():
        number = name.removeprefix(PREFIX)
        if name == number or field not in FIELDS or not (number.isascii() and number.isdigit() and len(number) < 4):
            continue
        if field in found:
            raise BadColumns(
                _("Two columns are matched with “%(field)s”. Choose one of them.") % {"field": FIELDS[field]}
            )
        found[field] = int(number)
    return found
