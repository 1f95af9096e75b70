"""Who may open the pages of rounds. The round asked for holds a filing of institution A."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.filings.models import Filing
from tests.access_matrix import BUREAUS, INSTITUTION, Row, only
from tests.factories.filings import a_filing, open_round
from tests.factories.institutions import Province


def _round(world: Province) -> Mapping[str, Any]:
    filing = Filing.objects.first() or a_filing(open_round(world), world.a)
    return {"public_id": filing.round.public_id}


ROWS = {
    "rounds:round-list": Row(get=only(*INSTITUTION, "other_filer", *BUREAUS)),
    "rounds:round-new": Row(get=only("province"), post=only("province", ok=422)),
    "rounds:day-list": Row(get=only("province"), post=only("province", ok=422)),
    "rounds:round-calendar": Row(args=_round, get=only("province"), post=only("province", ok=422)),
    "rounds:round-close": Row(args=_round, post=only("province", ok=302), data=lambda world: {"reason": "试"}),
    "rounds:round-open-again": Row(args=_round, post=only("province", ok=422), data=lambda world: {"reason": "试"}),
    "rounds:round-detail": Row(args=_round, get=only(*INSTITUTION, *BUREAUS) | {"other_filer": 404}),
}
