"""Who opens the versions of schemes; see tests/access_matrix.py. The draft asked for is the province's alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.rounds.models import Round
from reports.schemes.models import Scheme
from tests.access_matrix import BUREAUS, INSTITUTION, Row, only
from tests.factories.filings import a_scheme, accepted_filing, open_round
from tests.factories.institutions import Province
from tests.factories.schemes import next_scheme

READERS = (*INSTITUTION, "other_filer", *BUREAUS)
#: Those who read schemes are told that there is no such version; the others that the page is not theirs.
DRAFT = only("province") | dict.fromkeys(set(READERS) - {"province"}, 404)


def _draft(world: Province) -> Mapping[str, Any]:
    found = Scheme.objects.filter(code="jc2024").first() or next_scheme(base=a_scheme())
    return {"code": found.code, "version": found.version}


def _published(world: Province) -> Mapping[str, Any]:
    found = a_scheme()
    return {"code": found.code, "version": found.version}


def _head(world: Province) -> Mapping[str, Any]:
    a_scheme()
    return {"source": "jc2023-1", "code": "jc2025", "year": "2025", "title_zh": "2025年", "title_en": "2025"}


def _digest(world: Province) -> Mapping[str, Any]:
    _draft(world)
    return {"digest": Scheme.objects.get(code="jc2024").digest}


def _round_with_accepted(world: Province) -> Mapping[str, Any]:
    round = Round.objects.first()
    if round is None:
        round = open_round(world, scheme=a_scheme())
        accepted_filing(round, world.a)
    return {"round": str(round.public_id)}


ROWS = {
    "versions:scheme-list": Row(get=only(*READERS)),
    "versions:scheme-new": Row(get=only("province")),
    "versions:scheme-copy": Row(post=only("province", ok=302), data=_head),
    "versions:scheme-create": Row(post=only("province", ok=422)),
    "versions:scheme-detail": Row(args=_draft, get=DRAFT),
    "versions:scheme-workbook": Row(args=_published, get=only(*READERS)),
    "versions:scheme-compare": Row(args=_draft, get=DRAFT),
    "versions:scheme-upload": Row(args=_draft, post=only("province", ok=422)),
    "versions:upload-download": Row(args=lambda world: {**_draft(world), "pk": 1}, get=only("province", ok=404)),
    "versions:scheme-mapping": Row(args=_draft, get=only("province"), post=only("province", ok=302), data=_digest),
    "versions:scheme-trial": Row(
        args=_draft, get=only("province"), post=only("province", ok=302), data=_round_with_accepted
    ),
    "versions:scheme-preview": Row(args=_draft, get=only("province")),
    "versions:scheme-delete": Row(args=_draft, post=only("province", ok=302)),
    "versions:scheme-publish": Row(args=_draft, get=only("province"), post=only("province", ok=302), data=_digest),
}
