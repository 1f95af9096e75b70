"""Who gets which status from which address. `tests/test_access.py` asks every row and fails when a URL name has none.

To add a view, add one line to ROWS in tests/<room>/access.py:  "room:noun-verb": Row(get=..., post=..., args=..., data=...)
- args: the address's arguments, built from the small province. Make an object that belongs to institution A of 鼓楼.
- get, post: status by role, e.g. only("county", "province") or only("filer", refused=404); None: the method is not there (405).
- only(*roles) gives them 200 (`ok=`), other roles 403 (`refused=`), a visitor 302 on GET and 401 on POST (`anonymous=`).
- Merge exceptions with |, e.g. only("county") | {"sibling": 404}. POST sends `data`, rolled back after each role.
- A new room's file is named in ROOMS below; tests/institutions/access.py is an example.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from institutions.models import Membership
from tests.factories.institutions import Province

#: Role of the matrix -> membership of the small province. Everything asked for belongs to institution A in 鼓楼.
ROLES: dict[str, Callable[[Province], Membership | None]] = {
    "filer": lambda world: world.filer_a,
    "signer": lambda world: world.signer_a,
    "other_filer": lambda world: world.filer_b,
    "county": lambda world: world.gulou_reviewer,
    "sibling": lambda world: world.taijiang_reviewer,
    "prefecture": lambda world: world.fuzhou_reviewer,
    "other_prefecture": lambda world: world.quanzhou_reviewer,
    "province": lambda world: world.statistician,
    "system_admin": lambda world: world.system_admin,
    "security_admin": lambda world: world.security_admin,
    "audit_admin": lambda world: world.audit_admin,
    "anonymous": lambda world: None,
}
EVERYBODY = frozenset(ROLES) - {"anonymous"}
INSTITUTION = ("filer", "signer")
BUREAUS = ("county", "sibling", "prefecture", "other_prefecture", "province")
ABOVE = ("county", "prefecture", "province")  # the bureaus whose scope holds institution A

Statuses = Mapping[str, int]


@dataclass(frozen=True)
class Row:
    """`get` and `post` are for reading and writing; None means 405 for everybody."""

    get: Statuses | None = None
    post: Statuses | None = None
    args: Callable[[Province], Mapping[str, Any]] = field(default=lambda world: {})
    data: Callable[[Province], Mapping[str, Any]] = field(default=lambda world: {})


def only(*roles: str, ok: int = 200, refused: int = 403, anonymous: int | None = None) -> dict[str, int]:
    """`ok` for the roles and `refused` for the rest; `anonymous` is filled in by the method when not given."""
    unknown = set(roles) - set(ROLES)
    if unknown:
        raise ValueError(f"Unknown roles {sorted(unknown)}.")
    statuses = {role: ok if role in roles else refused for role in EVERYBODY}
    return statuses if anonymous is None else statuses | {"anonymous": anonymous}


def public(ok: int = 200) -> dict[str, int]:
    return only(*EVERYBODY, ok=ok, anonymous=ok)


#: Folders of rows, tests.<room>.access with a dict ROWS.
ROOMS = (
    "tests.portal.access",
    "tests.institutions.access",
    "tests.institutions.register.access",
    "tests.institutions.enrolment.access",
    "tests.reports.schemes.access",
    "tests.reports.filings.access",
    "tests.reports.annual.access",
    "tests.reports.numbers.access",
    "tests.reports.summaries.access",
    "tests.reports.versions.access",
    "tests.reports.rounds.access",
    "tests.review.access",
    "tests.review.announcements.access",
)


def matrix() -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for room in ROOMS:
        for name, row in import_module(room).ROWS.items():
            if name in rows:
                raise ValueError(f"{name} has two rows.")
            rows[name] = row
    return rows
