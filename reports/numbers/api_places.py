"""Where a request to the interface departs from its description, and how, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: Kinds of mistakes that pydantic finds in what the interface takes. {names} are the bounds of the field.
WORDS: dict[str, str | Promise] = {
    "missing": _("This is needed and was not sent."),
    "model_attributes_type": _("This must be an object with the fields that are described."),
    "string_type": _("This must be text in quotation marks."),
    "string_too_long": _("This may have at most {max_length} characters."),
    "int_parsing": _("This must be a whole number in digits."),
    "int_parsing_size": _("This number is too large."),
    "greater_than_equal": _("This must be {ge} or more."),
    "less_than_equal": _("This must be {le} or less."),
    "less_than": _("This must be less than {lt}."),
}
_OTHER = _("This does not have the form that is described.")


def place_of(told: Mapping[str, Any]) -> str:
    """ "body.number" or "query.after". The name of our own argument stands between body and field, and is left out."""
    source, *path = (str(part) for part in told["loc"])
    return ".".join([source, *(path[1:] if source == "body" else path)])


def words_of(told: Mapping[str, Any]) -> str:
    return str(WORDS.get(told["type"], _OTHER)).format(**told.get("ctx", {}))
