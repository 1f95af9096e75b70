"""Help is open to everyone, signed in or not; see tests/access_matrix.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.schemes.loading import load_scheme
from tests.access_matrix import EVERYBODY, Row, only
from tests.factories.institutions import Province

OPEN = only(*EVERYBODY, anonymous=200)


def _with_scheme(**args: str) -> Any:
    def build(world: Province) -> Mapping[str, Any]:
        load_scheme()
        return args

    return build


ROWS = {
    "schemes:help-index": Row(get=OPEN, args=_with_scheme()),
    "schemes:table-help": Row(get=OPEN, args=_with_scheme(code="JC01-1")),
    "schemes:check-help": Row(get=OPEN, args=_with_scheme()),
    "schemes:check-detail": Row(get=OPEN, args=_with_scheme(code="K011")),
    "schemes:indicator-help": Row(get=OPEN, args=_with_scheme(code="A301")),
    "schemes:scheme-download": Row(get=OPEN, args=_with_scheme()),
}
