"""One row of an institution's history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from institutions.models import Institution, Membership
from institutions.register.following import Step
from institutions.register.models import InstitutionChange


def note(
    institution: Institution,
    kind: str,
    *,
    by: Membership | None,
    reason: str = "",
    steps: Sequence[Step] = (),
    before: str = "",
    after: str = "",
    **named: Any,
) -> InstitutionChange:
    """In the caller's transaction. `named` are other, from_bureau, to_bureau."""
    return InstitutionChange.objects.create(
        institution=institution, kind=kind, by=by, reason=reason, filings=[step.kept for step in steps],
        before=before[:200], after=after[:200], **named,
    )  # fmt: skip
