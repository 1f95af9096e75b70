"""The authority tree. The only writer of `Bureau.path` and `Bureau.parent`.

Whatever else keeps a path follows by a database trigger on `institutions_bureau.path` that lives in the migrations of
the room that keeps it, in the same transaction and statement: this room does not know who they are.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import BigIntegerField, Case, F, Value, When
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _

from institutions.models import Bureau, Membership, Tier
from portal.errors import Refused
from portal.trail.actions import record

# A bureau's superior is of this tier.
SUPERIOR: dict[str, str | None] = {Tier.PROVINCE: None, Tier.PREFECTURE: Tier.PROVINCE, Tier.COUNTY: Tier.PREFECTURE}


class WrongPlace(Refused):
    """The tree would no longer be province, prefectures, counties."""

    status = 422


@transaction.atomic
def create_bureau(
    *,
    code: str,
    name_zh: str,
    tier: str,
    parent: Bureau | None,
    by: Membership | None,
    name_en: str = "",
    region_code: str = "",
    phone: str = "",
) -> Bureau:
    """A new leaf of the tree, with its path. `by` is None when a command loads the tree."""
    if parent is not None:
        [parent] = _locked(parent)
    _check_tiers(tier, name_zh, parent)
    bureau = Bureau.objects.create(
        code=code, name_zh=name_zh, name_en=name_en, tier=tier, parent=parent, region_code=region_code, phone=phone
    )
    bureau.path = f"{parent.path if parent else ''}{bureau.pk}/"
    bureau.save(update_fields=["path"])
    record("bureau.created", by=by, obj=bureau, scope=bureau.path)
    return bureau


@transaction.atomic
def move_bureau(*, bureau: Bureau, parent: Bureau, by: Membership | None) -> Bureau:
    """Put a bureau with everything below it under another superior; one statement rewrites every path.

    Moving to where it stands changes nothing. Refuses a place inside its own subtree and one of the wrong tier.
    """
    parent, bureau = _locked(parent, bureau)
    assert parent.path is not None
    assert bureau.path is not None
    if bureau.contains(parent.path):
        raise WrongPlace(
            _("%(bureau)s cannot stand under %(parent)s, which is the bureau itself or stands below it.")
            % {"bureau": bureau, "parent": parent}
        )
    _check_tiers(bureau.tier, bureau, parent)
    if bureau.parent_id == parent.pk:
        return bureau
    before, after = bureau.path, f"{parent.path}{bureau.pk}/"
    Bureau.objects.filter(path__startswith=before).update(
        path=Concat(Value(after), Substr("path", len(before) + 1)),
        parent_id=Case(
            When(pk=bureau.pk, then=Value(parent.pk)), default=F("parent_id"), output_field=BigIntegerField()
        ),
    )
    bureau.refresh_from_db()
    record("bureau.moved", by=by, obj=bureau, scope=after, details={"from": before, "to": after})
    return bureau


def bureaus_of(membership: Membership) -> list[Bureau]:
    """The reader's own bureau and those below, each prefecture before its counties, by code."""
    found = list(Bureau.objects.visible_to(membership))
    codes = {bureau.pk: bureau.code for bureau in found}

    def place(bureau: Bureau) -> tuple[str, str]:
        above = codes.get(bureau.parent_id or 0) if bureau.tier == Tier.COUNTY else None
        return (above or bureau.code, "" if above is None else bureau.code)

    return sorted(found, key=place)


def _locked(*bureaus: Bureau) -> list[Bureau]:
    """The rows as they stand now, while no other act changes the tree: every act locks the root first."""
    list(Bureau.objects.select_for_update().filter(parent=None).order_by("pk"))
    found = Bureau.objects.in_bulk([bureau.pk for bureau in bureaus])
    return [found[bureau.pk] for bureau in bureaus]


def _check_tiers(tier: str, name: object, parent: Bureau | None) -> None:
    wanted = SUPERIOR[tier]
    if (parent.tier if parent else None) == wanted:
        return
    if wanted is None:
        raise WrongPlace(_("%(bureau)s is provincial and has no superior.") % {"bureau": name})
    raise WrongPlace(
        _("%(bureau)s is of the tier %(tier)s; its superior must be of the tier %(wanted)s.")
        % {"bureau": name, "tier": Tier(tier).label, "wanted": Tier(wanted).label}
    )
