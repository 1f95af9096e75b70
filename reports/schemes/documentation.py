"""The list of checks as a page of the documentation, written from the scheme so that it cannot drift."""

from __future__ import annotations

from itertools import groupby

from .definition import Check, SchemeDefinition
from .failures import OWN_CHECKS

HEAD = """# Checks

Written by `manage.py docchecks` from the scheme; `manage.py docchecks --check` tells when this page is out of date.
How expressions are read: [check-language.md](check-language.md). A `hard` check blocks submission, a `verify` check
wants an explanation, an `info` check only tells. Two checks belong to no scheme:

"""


def checks_page(scheme: SchemeDefinition) -> str:
    parts = [HEAD]
    parts += [f"- `{check.code}` ({check.severity}): {check.help_zh} / {check.help_en}\n" for check in OWN_CHECKS]
    for code, group in groupby(scheme.checks, key=lambda check: check.code):
        parts.append(_section(code, list(group)))
    return "".join(parts)


def _section(code: str, checks: list[Check]) -> str:
    first = checks[0]
    lines = [
        f"\n## {code} · {first.severity}\n",
        f"{first.help_zh}\n",
        f"{first.help_en}\n",
        f"Example: {first.example} · Source: {first.source}\n",
    ]
    for part, group in groupby(checks, key=lambda check: (check.expression, check.when)):
        lines.append(_part(part, list(group)))
    return "\n".join(lines) + "\n"


def _part(part: tuple[str, str], checks: list[Check]) -> str:
    expression, when = part
    first = checks[0]
    condition = f"  \nwhen `{when}`" if when else ""
    each = ", ".join(check.each for check in checks if check.each)
    of_each = f"  \nfor each x of {each}" if each else ""
    row = ", each line" if first.per_row else ""
    return (
        f"- {first.key.split(':')[0] if first.each else first.key} ({first.table}{row}): `{expression}`{condition}{of_each}\n"
        f"  - {first.message_zh}\n  - {first.message_en}"
    )
