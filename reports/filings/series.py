"""Last year's filing as this year's scheme would write it: indicators that were renamed meanwhile stand under their new codes."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from reports.schemes.renaming import carried_codes, carried_keys, carried_tables

if TYPE_CHECKING:
    from reports.filings.models import Filing, Revision
    from reports.schemes.definition import SchemeDefinition


def last_year(filing: Filing) -> Revision | None:
    """Cells, derived values and explanations of last year's accepted revision, to be read and never saved.

    Wants `previous__revision` and `round__scheme` loaded. The vector of figures stays in the order of its own scheme.
    """
    last = filing.last_accepted
    return carried(last, filing.round.scheme.definition) if last is not None else None


def carried(revision: Revision, definition: SchemeDefinition) -> Revision:
    if not definition.renames:
        return revision
    moved = copy.copy(revision)
    moved.cells = carried_tables(definition, revision.cells)
    moved.derived = carried_codes(definition.renames, revision.derived)
    moved.explanations = carried_keys(definition.renames, revision.explanations)
    return moved
