"""What a table holds before anyone touched it: identity, certificates and sites from the register (N14, N15).

Nothing is written here. A table without a Draft row shows these cells; the first save stores them.
"""

from __future__ import annotations

from typing import Any

from institutions.models import Institution
from reports.filings import statistics
from reports.filings.models import Filing
from reports.filings.series import last_year

#: Identity cells that carry over unchanged from last year's accepted filing.
CARRIED_OVER = (
    "A104", "A105", "A106", "A107", "A108", "A109", "A110", "A112", "A115", "A116", "A118", "A119", "A202", "A203",
    "A204", "A205", "A206", "A207", "A208",
)  # fmt: skip


def prefilled(filing: Filing, table: str) -> dict[str, Any]:
    """Initial cells of the table in stored form; `{}` where the register knows nothing of it."""
    institution = filing.institution
    if table == "JC01":
        return _identity(filing, institution)
    if table == "JC01-1":
        return {"rows": _certificates(institution)}
    if table == "JC01-2":
        return {"rows": _sites(institution)}
    if table == statistics.TABLE:
        return _report(filing)
    if table == "JC02":
        last = _last_year(filing, "JC02").get("E201")
        return {"E304": last} if last else {}
    return {}


def _report(filing: Filing) -> dict[str, str]:
    """The year, who reports under which certificates, and the digest of the statistics whose summary the report gives."""
    institution = filing.institution
    numbers = [
        certificate.number for certificate in institution.certificates.all() if certificate.kind.startswith("CMA")
    ]
    cells = {"R001": str(filing.round.year), "R002": institution.name}
    if numbers:
        cells["R003"] = "、".join(numbers)
    _filing, filed = statistics.latest(filing)
    return cells | {statistics.SUMMARY: filed.digest} if filed is not None else cells


def _last_year(filing: Filing, table: str) -> dict[str, Any]:
    last = last_year(filing)
    return last.cells.get(table, {}) if last is not None else {}


def _identity(filing: Filing, institution: Institution) -> dict[str, Any]:
    last = _last_year(filing, "JC01")
    definition = filing.round.scheme.definition
    codes = (definition.renames.get(code, code) for code in CARRIED_OVER)
    cells = {code: last[code] for code in codes if last.get(code) and code in definition.indicator_by_code}
    cells |= {
        "A101": institution.uscc,
        "A102": institution.name,
        "A103": last.get("A103") or institution.name,
        "A111": institution.region_code,
        "A113": last.get("A113") or institution.region_code,
        "A121": filing.reviewing_bureau.code,
        "A201": institution.unit_type,
    }
    if institution.address:
        cells["A114"] = institution.address
    return cells


def _certificates(institution: Institution) -> list[dict[str, str]]:
    certificates = list(institution.certificates.all())
    widest = max(
        (c for c in certificates if c.kind.startswith("CMA")), key=lambda c: (len(c.domains), -c.pk), default=None
    )
    return [
        {
            "id": f"c{certificate.pk}",
            "B101": certificate.kind,
            "B102": certificate.number,
            "B103": certificate.name_on_certificate,
            "B104": certificate.issuer,
            "B105": certificate.issued_on.isoformat(),
            "B106": certificate.expires_on.isoformat(),
            "B107": certificate.status,
            "B108": ",".join(certificate.domains),
            "B110": "1" if certificate is widest else "0",
        }
        for certificate in certificates
    ]


def _sites(institution: Institution) -> list[dict[str, str]]:
    return [
        {
            "id": f"s{site.pk}",
            "C101": str(site.number),
            "C102": site.name,
            "C103": site.region_code,
            "C104": site.address,
            "C105": site.site_type,
            "C106": "1" if site.is_main else "0",
        }
        for site in institution.sites.all()
    ]
