"""The one way an event is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.utils import translation

from portal.trail.context import origin
from portal.trail.models import Event

if TYPE_CHECKING:
    from institutions.models import Membership, User

# What PostgreSQL cannot store, and what would break a line of a printed or forwarded log.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def record(
    verb: str,
    *,
    by: Membership | None,
    obj: models.Model | None = None,
    scope: str = "",
    details: dict[str, Any] | None = None,
    succeeded: bool = True,
    user: User | None = None,
    address: str | None = None,
    reference: str = "",
) -> Event:
    """Write one event in the caller's transaction, so that it exists exactly if the act does; it is sealed at commit.

    `user` names the person where no membership acts, as in signing in; with neither the system acted. Labels are kept
    in the language of the portal. `details` is JSON without secrets. A refused act (`succeeded` False) must be recorded
    outside the transaction that its refusal rolls back. Address and reference come from the request unless given.
    """
    here = origin.get()
    person = by.user if by is not None else user
    with translation.override(settings.LANGUAGE_CODE):
        return Event.objects.create(
            actor=person,
            actor_label=one_line(by if by is not None else user, 300),
            verb=verb,
            object_type=obj._meta.label_lower if obj is not None else "",
            object_id=str(obj.pk) if obj is not None else "",
            object_label=one_line(obj, 300),
            scope=scope or str(getattr(obj, "scope", "") or ""),
            succeeded=succeeded,
            reference=reference or here.reference,
            address=address or here.address,
            details=_storable(details or {}),
        )


def one_line(value: object, longest: int) -> str:
    text = "" if value is None else str(value)
    return _UNSTORABLE.sub("�", _CONTROLS.sub(" ", text))[:longest]


def _storable(value: Any) -> Any:
    """The same JSON with the characters that PostgreSQL refuses replaced; lazy texts and ids become text."""
    if isinstance(value, dict):
        return {_UNSTORABLE.sub("�", str(key)): _storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_storable(item) for item in value]
    if value is None or isinstance(value, bool | int):
        return value
    return _UNSTORABLE.sub("�", str(value))
