"""What a bureau puts on its list of contacts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from institutions.helplines.models import HelpLine
from institutions.helplines.rules import can_keep_lines
from institutions.models import Bureau, Membership
from institutions.words import one_line, telephone
from portal.errors import Refused
from portal.trail.actions import record


class NotKept(Refused):
    """A line that nobody could be reached by."""

    status = 422


@dataclass(frozen=True, slots=True)
class Line:
    """One contact as typed; without anything it is no line, and the next bureau up answers."""

    name: str = ""
    phone: str = ""
    hours: str = ""
    email: str = ""

    @property
    def is_empty(self) -> bool:
        return not any(asdict(self).values())


def keep_lines(*, bureau: Bureau, lines: Mapping[str, Line], by: Membership) -> list[str]:
    """Make the bureau's list these lines, by kind; returns the kinds that changed."""
    verdict = can_keep_lines(by, bureau)
    if not verdict:
        raise Refused(verdict.reason)
    clean = {
        kind: Line(one_line(line.name)[:50], telephone(line.phone)[:40], one_line(line.hours)[:60], line.email.strip())
        for kind, line in lines.items()
    }
    clean = {kind: line for kind, line in clean.items() if not line.is_empty}
    for kind, line in clean.items():
        if not line.phone and not line.email:
            raise NotKept(_("%(kind)s: give a telephone or an e-mail address.") % {"kind": HelpLine.Kind(kind).label})
    with transaction.atomic():
        Bureau.objects.select_for_update().values_list("pk").get(pk=bureau.pk)
        before = {line.kind: _typed(line) for line in HelpLine.objects.filter(bureau=bureau)}
        changed = [kind for kind in HelpLine.Kind.values if before.get(kind) != clean.get(kind)]
        if changed:
            HelpLine.objects.filter(bureau=bureau, kind__in=changed).delete()
            HelpLine.objects.bulk_create(
                HelpLine(bureau=bureau, kind=kind, **asdict(clean[kind])) for kind in changed if kind in clean
            )
            record("help-lines.changed", by=by, obj=bureau, scope=bureau.path or "", details={"kinds": changed})
    return changed


def _typed(line: HelpLine) -> Line:
    return Line(line.name, line.phone, line.hours, line.email)
