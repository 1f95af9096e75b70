"""The words of the newest published scheme for kinds, states and domains of certificates, for imports of the register."""

from __future__ import annotations

from reports.schemes.models import Scheme

#: List of `institutions.register.options` → table and indicator whose options it takes.
TAKEN = {
    "kinds": ("JC01-1", "B101"),
    "statuses": ("JC01-1", "B107"),
    "domains": ("JC01-1", "B108"),
    "unit_types": ("JC01", "A201"),
}


def words() -> dict[str, dict[str, str]]:
    """Label in either language → code; nothing where there is no scheme yet, or one without these indicators."""
    scheme = (
        Scheme.objects.filter(status=Scheme.Status.PUBLISHED).defer("content").order_by("-year", "-version").first()
    )
    if scheme is None:
        return {}
    found: dict[str, dict[str, str]] = {}
    for name, (table_code, indicator) in TAKEN.items():
        table = scheme.definition.table_by_code.get(table_code)
        item = table.by_code.get(indicator) if table is not None else None
        options = item.options if item is not None else ()
        found[name] = {label: one.code for one in options for label in (one.label_zh, one.label_en) if label}
    return found
