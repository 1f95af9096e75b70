"""Keeps what was refused, so that the reference number on its page can be looked up; and forgets it after a time.

Written when the answer is ready: whatever transaction the refusal rolled back is over, and an answer that cannot be kept
goes out all the same. Answers that succeed ask the database nothing.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from portal.errors import reference_of, told_of
from portal.trail.actions import one_line
from portal.trail.middleware import peer_address
from portal.visits import network_of

if TYPE_CHECKING:
    from institutions.models import Membership, User

log = logging.getLogger(__name__)

SHORTEST_DAYS = 180  # 网络安全法: logs of a network are kept for six months at least
PIECE = 10_000  # rows deleted by one statement
UNKEPT = frozenset({"healthz"})  # asked every few seconds by whoever watches the portal

_PERSONAL = re.compile(r"\S+@\S+|(?<![\w-])[0-9A-Z]{15,18}(?!\w)|(?<![\d-])\d(?:[\d,.\s]*\d){4,}")

# One statement for counting and writing, so a scanner costs one as well.
_KEEP = """
INSERT INTO trail_refusal
       (reference, method, path, page, status, cause, reason, actor_id, actor_label, scope, address, source)
SELECT %(reference)s, %(method)s, %(path)s, %(page)s, %(status)s, %(cause)s, %(reason)s, %(actor)s, %(actor_label)s,
       %(scope)s, %(address)s, %(source)s
 WHERE (SELECT count(*) FROM (
           SELECT FROM trail_refusal WHERE source = %(source)s AND at > statement_timestamp() - interval '1 minute'
            LIMIT %(most)s) AS lately) < %(most)s
"""
_FORGET = """
DELETE FROM trail_refusal WHERE id IN (
    SELECT id FROM trail_refusal WHERE at < now() - make_interval(days => %s) ORDER BY at LIMIT %s)
"""


class KeepRefusals:
    """Stands before `RefusalMiddleware`, whose answers it keeps."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code >= 400 and told_of(request).keep and _page(request) not in UNKEPT:
            try:
                _keep(request, response.status_code)
            except Exception:  # the answer is ready and must go out; the log has the number already
                log.exception("not kept, reference %s", reference_of(request))
        return response


def without_personal(text: str) -> str:
    """Mail addresses and numbers of five digits and more are left out: telephones, codes, figures that were typed."""
    return _PERSONAL.sub("…", text)


def _page(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match is not None else ""


def _keep(request: HttpRequest, status: int) -> None:
    told, page = told_of(request), _page(request)
    row = {
        "reference": reference_of(request),
        "method": one_line(request.method, 10),
        "path": one_line(request.path if page else without_personal(request.path), 200),
        "page": one_line(page, 100),
        "status": status,
        "cause": one_line(told.cause, 200),
        "reason": one_line(without_personal(told.reason), 500),
        "most": settings.REFUSALS_A_MINUTE,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_KEEP, row | _who(request))


def _who(request: HttpRequest) -> dict[str, Any]:
    """The person as far as the request had found out, without asking for more than that."""
    membership: Membership | None = getattr(request, "membership", None)
    user = membership.user if membership is not None else _signed_in(request)
    address = peer_address(request)
    with translation.override(settings.LANGUAGE_CODE):
        label = one_line(membership if membership is not None else user, 300)
    return {
        "actor": user.pk if user is not None else None,
        "actor_label": label,
        "scope": _scope(membership),
        "address": address,
        "source": f"account {user.pk}" if user is not None else network_of(address),
    }


def _signed_in(request: HttpRequest) -> User | None:
    user: Any = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None


def _scope(membership: Membership | None) -> str:
    if membership is None:
        return ""
    if membership.institution is not None:
        return membership.institution.home_bureau.path or ""
    return (membership.bureau.path or "") if membership.bureau is not None else ""


def forget() -> int:
    """Delete what is older than `REFUSAL_DAYS`, a piece at a time; how many were deleted."""
    days = max(settings.REFUSAL_DAYS, SHORTEST_DAYS)
    deleted = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_FORGET, [days, PIECE])
            deleted += int(cursor.rowcount)
            if cursor.rowcount < PIECE:
                return deleted
