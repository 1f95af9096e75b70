"""Named exceptions with reason and days. Models of this app; `institutions.models` offers them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils.timezone import localdate
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from institutions.queries import GrantQuerySet

if TYPE_CHECKING:
    from institutions.models import Bureau, Institution


class Stage(models.TextChoices):
    """Where a grant is in its course today; a queryset says it (`GrantQuerySet.staged`), for the database is the clock."""

    CURRENT = "current", pgettext_lazy("grant", "In force")
    COMING = "coming", pgettext_lazy("grant", "To come")
    PAST = "past", pgettext_lazy("grant", "Ended")


class BureauGroupObjectPermission(GroupObjectPermissionBase):
    """Where guardian keeps what a group may do with a bureau. Written by `institutions.grants` alone."""

    content_object = models.ForeignKey("institutions.Bureau", on_delete=models.CASCADE)

    class Meta(GroupObjectPermissionBase.Meta):
        pass


class BureauUserObjectPermission(UserObjectPermissionBase):
    """Where guardian keeps for which bureau a person stands in. Written by `institutions.grants` alone."""

    content_object = models.ForeignKey("institutions.Bureau", on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        pass


class InstitutionUserObjectPermission(UserObjectPermissionBase):
    """Where guardian keeps which institution a person inspects. Written by `institutions.grants` alone."""

    content_object = models.ForeignKey("institutions.Institution", on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        pass


def _same(field: str) -> tuple[Func, str]:
    """Equality of a key in a GiST index without an extension of PostgreSQL: ranges of one key that overlap."""
    return Func(F(field), F(field), function="int8range", template="%(function)s(%(expressions)s, '[]')",
                output_field=BigIntegerRangeField()), RangeOperators.OVERLAPS  # fmt: skip


def _days_meet() -> tuple[Func, str]:
    """From the first day to the last, both included; an empty one is open at its end."""
    return Func(F("starts_on"), F("ends_on"), function="daterange", template="%(function)s(%(expressions)s, '[]')",
                output_field=DateRangeField()), RangeOperators.OVERLAPS  # fmt: skip


#: What is given to a person ends.
_LENT = Q(holder__isnull=False, ends_on__isnull=False)


class Grant(models.Model):
    """A named exception (N8): what, for whom, why, by whom, from when and how long.

    A bureau holds the province's authorisation to review; or `holder` stands in for the reviewers of the bureau; or `holder`
    inspects the institution. The holder acts by the membership that is tied to the grant.

    An open grant has guardian's permission row, which it may share with a later one of the same, and a closed one has none:
    the database refuses anything else, so neither can stand without the other. It holds from `starts_on` (empty: from when
    it was given) to the end of `ends_on` (empty: until withdrawn), in Asia/Shanghai by the database's clock, whether or not
    anybody closes it then. Open grants of the same share no day.
    """

    class Kind(models.TextChoices):
        REVIEW = "review", pgettext_lazy("grant", "Review by a prefecture")
        STAND_IN = "stand_in", pgettext_lazy("grant", "Stand-in reviewer")
        INSPECT = "inspect", pgettext_lazy("grant", "Inspector of an institution")

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.REVIEW, db_default=Kind.REVIEW)
    bureau = models.ForeignKey("institutions.Bureau", null=True, on_delete=models.PROTECT, related_name="grants")
    institution = models.ForeignKey(
        "institutions.Institution", null=True, on_delete=models.PROTECT, related_name="grants"
    )
    holder = models.ForeignKey("institutions.User", null=True, on_delete=models.PROTECT, related_name="grants")
    permission = models.ForeignKey(
        BureauGroupObjectPermission, null=True, on_delete=models.PROTECT, related_name="grants"
    )
    standing_in = models.ForeignKey(
        BureauUserObjectPermission, null=True, on_delete=models.PROTECT, related_name="grants"
    )
    inspection = models.ForeignKey(
        InstitutionUserObjectPermission, null=True, on_delete=models.PROTECT, related_name="grants"
    )
    reason = models.CharField(_("reason"), max_length=300)
    given_by = models.ForeignKey("institutions.Membership", on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(db_default=Now(), editable=False)
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("institutions.Membership", null=True, on_delete=models.PROTECT, related_name="+")
    close_reason = models.CharField(max_length=300, blank=True, help_text="Empty when it ran out on its last day.")

    objects = GrantQuerySet.as_manager()

    class Meta:
        ordering = ["-given_at", "-id"]
        constraints = [
            ExclusionConstraint(
                name="grant_one_open",
                expressions=[_same("bureau"), _days_meet()],
                condition=Q(closed_at=None, kind="review"),
            ),
            ExclusionConstraint(
                name="grant_one_stand_in",
                expressions=[_same("bureau"), _same("holder"), _days_meet()],
                condition=Q(closed_at=None, kind="stand_in"),
            ),
            ExclusionConstraint(
                name="grant_one_inspection",
                expressions=[_same("institution"), _same("holder"), _days_meet()],
                condition=Q(closed_at=None, kind="inspect"),
            ),
            models.CheckConstraint(
                condition=Q(kind="review", bureau__isnull=False, institution=None, holder=None)
                | Q(_LENT, kind="stand_in", bureau__isnull=False, institution=None)
                | Q(_LENT, kind="inspect", bureau=None, institution__isnull=False),
                name="grant_of_kind",
            ),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(starts_on__lte=F("ends_on")),
                name="grant_starts_before_end",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False, permission=None, standing_in=None, inspection=None)
                | Q(closed_at=None, kind="review", permission__isnull=False, standing_in=None, inspection=None)
                | Q(closed_at=None, kind="stand_in", permission=None, standing_in__isnull=False, inspection=None)
                | Q(closed_at=None, kind="inspect", permission=None, standing_in=None, inspection__isnull=False),
                name="grant_open_has_permission",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="grant_has_reason"),
            models.CheckConstraint(
                condition=Q(closed_by=None, close_reason="") | (Q(closed_by__isnull=False) & ~Q(close_reason="")),
                name="grant_withdrawn_with_reason",
            ),
        ]

    def __str__(self) -> str:
        if self.holder is None:
            return str(self.bureau)
        return gettext("%(person)s at %(place)s") % {"person": self.holder, "place": self.place}

    @property
    def place(self) -> Bureau | Institution:
        place = self.bureau or self.institution
        assert place is not None, "grant_of_kind"
        return place

    @property
    def home(self) -> Bureau:
        """The bureau over whose area it is given."""
        if self.institution is not None:
            return self.institution.home_bureau
        assert self.bureau is not None, "grant_of_kind"
        return self.bureau

    @property
    def begins_on(self) -> dt.date:
        return self.starts_on or localdate(self.given_at)

    @property
    def ended_with_place(self) -> bool:
        """Closed by nobody before its last day was over: the holder has left the last bureau they worked for."""
        if self.closed_by_id is not None or self.closed_at is None:
            return False
        return self.ends_on is not None and localdate(self.closed_at) <= self.ends_on

    @property
    def was_called_off(self) -> bool:
        """Withdrawn before its first day."""
        return (
            self.closed_by_id is not None and self.closed_at is not None and localdate(self.closed_at) < self.begins_on
        )
