"""What befalls institutions: moved, merged, split, reopened, put under a parent. The only writers of `InstitutionChange`
beside renaming and closing in `institutions.actions` and the names that an import brings.

Every act locks the institutions in the order of their ids, lets the later rooms follow in the same transaction, and leaves
a change on the page of the institution and an event in the trail.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from institutions.actions import BadEntry, NotAllowed, register_institution
from institutions.models import Bureau, Institution, Membership, Site
from institutions.register import following, rules
from institutions.register.changes import note
from institutions.register.following import Act
from institutions.register.locks import beside_others
from institutions.register.models import InstitutionChange
from institutions.register.telling import tell
from institutions.rules import can_amend, can_register
from institutions.words import one_line
from portal.rules import Verdict
from portal.trail.actions import record

Kind = InstitutionChange.Kind


def _demand(verdict: Verdict) -> None:
    if not verdict:
        raise NotAllowed(verdict.reason)


def _why(reason: str) -> str:
    why = one_line(reason)
    if not why:
        raise BadEntry(_("A reason is missing. Write why; it is kept in the history and in the trail."))
    return why[:300]


def _locked(*institutions: Institution) -> list[Institution]:
    """As they stand now, in the order given; nobody else changes them until the act is over."""
    beside_others()
    ids = [one.pk for one in institutions]
    list(Institution.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    found = Institution.objects.select_related("home_bureau", "parent").in_bulk(ids)
    return [found[pk] for pk in ids]


def _scope(institution: Institution) -> str:
    return institution.home_bureau.path or ""


@transaction.atomic
def move(*, institution: Institution, bureau: Bureau, reason: str, by: Membership) -> Institution:
    """To another home bureau; who sees and reviews what follows at once. To where it is changes nothing."""
    [moved] = _locked(institution)
    _demand(rules.can_move(by, moved))
    _demand(can_register(by, bureau))
    if moved.home_bureau_id == bureau.pk:
        raise BadEntry(_("%(institution)s belongs to %(bureau)s already.") % {"institution": moved, "bureau": bureau})
    why = _why(reason)
    before = moved.home_bureau
    steps = following.follow(Act("move", moved, why, bureau=bureau), by)
    moved.home_bureau = bureau
    moved.save(update_fields=["home_bureau"])
    note(moved, Kind.MOVED, by=by, reason=why, steps=steps, from_bureau=before, to_bureau=bureau)
    record("institution.moved", by=by, obj=moved, scope=bureau.path or "",
           details={"from": before.name_zh, "to": bureau.name_zh, "reason": why})  # fmt: skip
    tell("moved", moved, bureaus=[before, bureau], why=why, to=bureau)
    return moved


@transaction.atomic
def merge(*, institution: Institution, into: Institution, reason: str, by: Membership) -> Institution:
    """A goes up in B: B takes certificates, sites, units, children and people. A stays, closed, with everything it filed."""
    gone, heir = _locked(institution, into)
    if gone.pk == heir.pk:
        raise BadEntry(_("An institution cannot be merged into itself. Choose the one that goes on."))
    _demand(can_amend(by, gone))
    _demand(can_amend(by, heir))
    why = _why(reason)
    steps = following.follow(Act("merge", gone, why, other=heir), by)
    gone.certificates.update(institution=heir)
    _take_sites(gone, heir)
    for unit in gone.units.exclude(name__in=heir.units.values("name")):
        unit.institution = heir
        unit.save(update_fields=["institution"])
    if heir.parent_id == gone.pk:
        heir.parent = None
        heir.save(update_fields=["parent"])
    above = heir.parent or heir
    gone.children.exclude(pk=above.pk).update(parent=above)
    _take_people(gone, heir, by)
    gone.status, gone.merged_into = Institution.Status.CLOSED, heir
    gone.save(update_fields=["status", "merged_into"])
    note(gone, Kind.MERGED_INTO, by=by, reason=why, steps=steps, other=heir)
    note(heir, Kind.MERGED_FROM, by=by, reason=why, other=gone)
    record("institution.merged", by=by, obj=gone, scope=_scope(gone), details={"into": heir.uscc, "reason": why})
    tell("merged", heir, bureaus=[gone.home_bureau, heir.home_bureau], why=why, gone=gone)
    return gone


def _take_sites(gone: Institution, heir: Institution) -> None:
    """Numbered on after the heir's own, none of them the main one."""
    last = heir.sites.aggregate(last=Max("number"))["last"] or 0
    for number, site in enumerate(gone.sites.order_by("number"), start=last + 1):
        site.institution, site.number, site.is_main = heir, number, number == 1
        site.save(update_fields=["institution", "number", "is_main"])


def _take_people(gone: Institution, heir: Institution, by: Membership) -> None:
    """Who acted for A acts for B in the same role, once; the old membership ends with the next request."""
    current = Membership.objects.filter(institution=gone, ended_at=None)
    for membership in current:
        at_heir = {"user_id": membership.user_id, "role": membership.role, "institution": heir, "ended_at": None}
        if not Membership.objects.filter(**at_heir).exists():
            begun = Membership.objects.create(**at_heir)
            record("membership.begun", by=by, obj=begun, scope=_scope(heir), details={"role": begun.role})
    current.update(ended_at=Now())


@transaction.atomic
def split(
    *, institution: Institution, uscc: str, name: str, reason: str, by: Membership,
    certificates: Iterable[int] = (), sites: Iterable[int] = (),
) -> Institution:  # fmt: skip
    """A new legal entity out of A, with those of A's certificates and sites that go with it. Filings of A stay A's; the new
    one is put on a roster where the province adds it. Raises `BadUscc`, `RegisteredAlready`."""
    [old] = _locked(institution)
    _demand(can_amend(by, old))
    why = _why(reason)
    new = register_institution(
        uscc=uscc, name=name, home_bureau=old.home_bureau, region_code=old.region_code, address=old.address,
        unit_type=old.unit_type, by=by,
    )  # fmt: skip
    old.certificates.filter(pk__in=list(certificates)).update(institution=new)
    chosen = list(old.sites.filter(pk__in=list(sites)).order_by("number"))
    for number, site in enumerate(chosen, start=1):
        site.institution, site.number, site.is_main = new, number, number == 1
        site.save(update_fields=["institution", "number", "is_main"])
    _keep_a_main_site(old)
    note(old, Kind.SPLIT_INTO, by=by, reason=why, other=new)
    note(new, Kind.SPLIT_FROM, by=by, reason=why, other=old)
    record("institution.split", by=by, obj=old, scope=_scope(old), details={"new": new.uscc, "reason": why})
    return new


def _keep_a_main_site(institution: Institution) -> None:
    if not institution.sites.filter(is_main=True).exists():
        first = Site.objects.filter(institution=institution).order_by("number").first()
        if first is not None:
            first.is_main = True
            first.save(update_fields=["is_main"])


@transaction.atomic
def reopen(*, institution: Institution, reason: str, by: Membership) -> Institution:
    """A closed institution works again. Its lines of open rosters stay as they are until the province puts them back."""
    [closed] = _locked(institution)
    _demand(rules.can_reopen(by, closed))
    why = _why(reason)
    closed.status = Institution.Status.ACTIVE
    closed.save(update_fields=["status"])
    note(closed, Kind.REOPENED, by=by, reason=why)
    record("institution.reopened", by=by, obj=closed, scope=_scope(closed), details={"reason": why})
    return closed


@transaction.atomic
def set_parent(*, institution: Institution, parent: Institution | None, reason: str, by: Membership) -> Institution:
    """Under a parent that is under none itself; None takes it from under its parent. Both stay respondents of their own."""
    child, *above = _locked(institution, *([parent] if parent is not None else []))
    _demand(can_amend(by, child))
    new = above[0] if above else None
    if new is not None and (new.pk == child.pk or new.parent_id is not None or child.children.exists()):
        raise BadEntry(
            _(
                "Parent and child are two levels and no more: choose a parent that is under none, for an institution that has no children."
            )
        )
    if child.parent_id == (new.pk if new else None):
        raise BadEntry(_("That is so already. Nothing was changed."))
    why = _why(reason)
    before, child.parent = child.parent, new
    child.save(update_fields=["parent"])
    note(child, Kind.PARENT, by=by, reason=why, other=new, before=str(before or ""), after=str(new or ""))
    record("institution.parent-set", by=by, obj=child, scope=_scope(child),
           details={"from": str(before or "—"), "to": str(new or "—"), "reason": why})  # fmt: skip
    return child
