"""Last year's revisions, kept in memory while a table is being filled: each cell that is saved compares with the same one.

A revision never changes (a trigger refuses it), so what was read once stays true. Nobody writes to what is kept here.
"""

from __future__ import annotations

from functools import lru_cache

from reports.filings.models import Revision
from reports.filings.series import carried
from reports.schemes.checking import Cells, Env
from reports.schemes.definition import SchemeDefinition

#: Filings that a process has at hand; some 50 KB each.
MOST = 200


@lru_cache(maxsize=MOST)
def revision(pk: int, digest: str) -> Revision:
    """Cells, derived values and explanations of one revision; the digest keeps databases of the same process apart."""
    return Revision.objects.only("cells", "derived", "explanations", "digest").get(pk=pk, digest=digest)


@lru_cache(maxsize=MOST)
def figures(pk: int, digest: str, definition: SchemeDefinition) -> Env:
    """The same under the codes of this year's scheme, converted for the checks."""
    return Env(definition, Cells.from_tables(carried(revision(pk, digest), definition).cells))
