"""To whom an announcement goes, as one query: the same for the count shown before and for the receipts written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q

from institutions.models import Bureau, Membership
from institutions.queries import MembershipQuerySet
from reports.filings.models import Filing
from reports.rounds.models import Round
from review.announcements.queries import PLACE

if TYPE_CHECKING:
    from review.announcements.models import Announcement


@dataclass(frozen=True, slots=True)
class Audience:
    """`areas` are paths of bureaus, all within the writer's own. `round` and `states` narrow institutions alone."""

    roles: tuple[str, ...]
    areas: tuple[str, ...]
    round: Round | None = None
    states: tuple[str, ...] = ()

    def memberships(self) -> MembershipQuerySet:
        """In force now. An institution stands where its filing is reviewed, if a round is chosen, else at its home bureau."""
        found = Membership.objects.current().filter(role__in=self.roles)
        at_bureau = _below("bureau__path", self.areas)
        if self.round is None:
            return found.filter(at_bureau | _below("institution__home_bureau__path", self.areas))
        filed = Filing.objects.filter(
            _below("scope", self.areas), institution=OuterRef("institution"), round=self.round
        )
        if self.states:
            filed = filed.filter(state__in=self.states)
        return found.filter(at_bureau | Exists(filed))


def _below(field: str, paths: Iterable[str]) -> Q:
    """Below one of the paths; without any, nobody."""
    return reduce(or_, (Q(**{f"{field}__startswith": path}) for path in paths), Q(pk__in=[]))


def audience_of(announcement: Announcement) -> Audience:
    """As it is stored; where no areas were chosen, the bureau's own. Of those chosen, any that has left the writer's is left out."""
    own = announcement.bureau.path or ""
    chosen = list(announcement.areas.values_list("path", flat=True))
    areas = [path for path in chosen if path and path.startswith(own)] if chosen else [own]
    return Audience(tuple(announcement.roles), tuple(areas), announcement.round, tuple(announcement.states))


@dataclass(frozen=True, slots=True)
class Reach:
    """How many people at how many institutions and bureaus, and how many of them have an e-mail address."""

    people: int
    units: int
    mailed: int


def reach(audience: Audience) -> Reach:
    """One query."""
    found = audience.memberships().order_by()
    counted = found.aggregate(
        people=Count("user", distinct=True),
        units=Count(PLACE, distinct=True),
        mailed=Count("user", distinct=True, filter=~Q(user__email="")),
    )
    return Reach(**counted)


_DELIVER = """
INSERT INTO review_readreceipt (announcement_id, recipient_id, institution_id, bureau_id)
SELECT DISTINCT %s::bigint, found.user_id, found.institution_id, coalesce(home.home_bureau_id, found.bureau_id)
  FROM ({found}) found LEFT JOIN institutions_institution home ON home.id = found.institution_id
ON CONFLICT DO NOTHING
"""


def write_receipts(announcement: Announcement) -> int:
    """One for each person at each place, in one statement however many; returns how many are new. In the caller's transaction."""
    found = audience_of(announcement).memberships().order_by().values("user_id", "institution_id", "bureau_id")
    sql, params = found.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_DELIVER.format(found=sql), [announcement.pk, *params])
        new: int = cursor.rowcount
    return new


def areas_within(bureau: Bureau, paths: Iterable[str]) -> bool:
    return all(bureau.contains(path) for path in paths)
