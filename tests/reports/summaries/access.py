"""Who opens the summaries; see tests/access_matrix.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.rounds.models import Round
from reports.summaries.actions import ask_build
from tests.access_matrix import Row, only
from tests.factories.filings import open_round
from tests.factories.institutions import Province


def _round(world: Province) -> Round:
    return Round.objects.first() or open_round(world)


def _build(world: Province) -> Mapping[str, Any]:
    return {"public_id": ask_build(round=_round(world), basis="accepted", by=world.statistician).public_id}


ROWS = {
    "summaries:build-list": Row(get=only("province")),
    "summaries:build-create": Row(
        post=only("province", ok=302), data=lambda world: {"round": _round(world).public_id, "basis": "accepted"}
    ),
    "summaries:build-detail": Row(get=only("province"), args=_build),
}
