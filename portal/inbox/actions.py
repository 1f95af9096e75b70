"""Telling people something, and their reading of it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.http import url_has_allowed_host_and_scheme

from portal.inbox.models import Notice
from portal.inbox.tasks import deliver
from portal.jobs.broker import hint

if TYPE_CHECKING:
    from institutions.models import Institution, User

SUBJECT_LENGTH = 200

_INSERT = """
INSERT INTO inbox_notice (recipient_id, institution_id, kind, subject_zh, subject_en, body_zh, body_en, link, once_key,
                          mail_attempts, mail_error)
SELECT DISTINCT person.id, %s::bigint, %s, %s, %s, %s, %s, %s, %s, 0, ''
FROM institutions_user person WHERE person.is_active AND person.id IN ({recipients})
ON CONFLICT DO NOTHING
"""


def notify(
    *,
    recipients: QuerySet[User] | Iterable[User],
    kind: str,
    subject_zh: str,
    subject_en: str,
    body_zh: str = "",
    body_en: str = "",
    link: str = "",
    institution: Institution | None = None,
    once_key: str | None = None,
) -> int:
    """One notice for each active recipient, in one statement; returns how many are new. Mail goes out after the commit.

    With a `once_key` a person gets the notice once, however often the sender runs. `link` is a path of the portal.
    """
    if kind not in Notice.Kind.values:
        raise ValueError(f"There is no notice of the kind {kind!r}.")
    if link and not (link.startswith("/") and url_has_allowed_host_and_scheme(link, allowed_hosts=None)):
        raise ValueError(f"{link!r} is not a path of the portal.")
    inner, chosen = _ids(recipients)
    values: list[Any] = [
        institution.pk if institution is not None else None,
        kind,
        _subject(subject_zh),
        _subject(subject_en),
        _text(body_zh),
        _text(body_en),
        link,
        once_key,
    ]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_INSERT.format(recipients=inner), [*values, *chosen])
            new: int = cursor.rowcount
        if new:
            transaction.on_commit(partial(hint, deliver))
    return new


_HAND_ON = """
INSERT INTO inbox_notice (recipient_id, institution_id, kind, subject_zh, subject_en, body_zh, body_en, link, once_key,
                          created_at, mail_attempts, mail_error)
SELECT %s, institution_id, kind, subject_zh, subject_en, body_zh, body_en, link, once_key, created_at, 0, ''
  FROM inbox_notice WHERE recipient_id = %s AND institution_id = %s AND read_at IS NULL
ON CONFLICT DO NOTHING
"""


def hand_on(*, institution: Institution, of: User, to: User) -> int:
    """What `of` has not read yet about the institution, for `to` as well; returns how many are new there.

    The first ones stay where they are: they prove what was delivered to whom. Mail goes out after the commit, as for any
    notice that is fresh.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_HAND_ON, [to.pk, of.pk, institution.pk])
            new: int = cursor.rowcount
        if new:
            transaction.on_commit(partial(hint, deliver))
    return new


def _ids(recipients: QuerySet[User] | Iterable[User]) -> tuple[str, tuple[Any, ...]]:
    """The recipients as an SQL list or subquery and its parameters."""
    if isinstance(recipients, QuerySet):
        sql, params = recipients.order_by().values("pk").query.sql_with_params()
        return sql, tuple(params)
    return "SELECT unnest(%s::bigint[])", ([person.pk for person in recipients],)


def _text(text: str) -> str:
    return text.replace("\x00", "")


def _subject(text: str) -> str:
    """One line: a line end in it would end the header of the mail."""
    return " ".join(_text(text).split())[:SUBJECT_LENGTH]


def mark_read(*, notice: Notice, by: User) -> None:
    """The first reading counts; a later one changes nothing."""
    Notice.objects.filter(pk=notice.pk, recipient=by, read_at=None).update(read_at=Now())


def mark_link_read(*, link: str, by: User) -> None:
    """What tells of a page is read once the page itself is."""
    Notice.objects.filter(recipient=by, link=link, read_at=None).update(read_at=Now())


def mark_all_read(*, by: User) -> int:
    """Returns how many were unread."""
    return Notice.objects.filter(recipient=by, read_at=None).update(read_at=Now())
