"""Whom to ask: the province for everything, a prefecture and a county for what they answer themselves."""

from __future__ import annotations

from demo.generator import codes, names
from demo.generator.chance import Chance
from institutions.helplines.actions import Line, keep_lines
from institutions.helplines.models import HelpLine
from institutions.models import Bureau, Membership
from institutions.roles import Role

HOURS = "工作日 8:30—17:30"
#: Code of a bureau → kinds of question that it answers itself.
ANSWERED = {
    "350000": HelpLine.Kind.values,
    "350100": ["review", "numbers"],
    "350102": ["filling", "review"],
}


def name_contacts(*, seed: int) -> None:
    province = Membership.objects.select_related("bureau", "user").get(
        role=Role.STATISTICIAN, bureau__parent=None, user__is_demo=True
    )
    for code, kinds in ANSWERED.items():
        bureau = Bureau.objects.get(code=code)
        lines = {kind: _line(bureau, kind, Chance(seed, "help line", code, kind)) for kind in kinds}
        keep_lines(bureau=bureau, lines=lines, by=province)


def _line(bureau: Bureau, kind: str, chance: Chance) -> Line:
    email = f"{kind}@example.com" if bureau.parent_id is None else ""
    return Line(names.person(chance), codes.telephone(bureau.region_code, chance), HOURS, email)
