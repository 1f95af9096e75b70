"""The pages of an annual report ask the database as often with five lines and files as with one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from institutions.models import Membership
from reports.filings.models import Filing
from tests.factories.annual import a_pdf, attach, valid_report
from tests.factories.filings import fill, fresh, sign_and_submit
from tests.factories.institutions import Province

Acting = Callable[[Membership], Client]
#: Page and its queries, first of what is being written, then of what was sent.
WRITING = {
    "/annual/{0}/": 17,
    "/annual/{0}/heads/2/": 9,
    "/annual/{0}/heads/7/": 10,
    "/annual/{0}/preview/": 9,
    "/annual/{0}/report.pdf": 8,
}
SAVING = 14
SENT = {
    "/annual/{0}/": 14,
    "/annual/{0}/history/1/": 9,
    "/annual/{0}/history/1/report.pdf": 8,
    "/filings/{0}/history/": 8,
    "/filings/": 9,
}


def line(at: int) -> str:
    return f'{{"what":"变更{at}","on":"2023-05-06","done":"1"}}'


@pytest.mark.parametrize("size", [1, 5])
def test_lines_and_files_cost_no_query(
    world: Province, statistics: Filing, report: Filing, acting: Acting, django_assert_num_queries: Any, size: int
) -> None:
    assert statistics.revision is not None
    more = {"R102": "1", "R103": f"[{','.join(map(line, range(size)))}]", "R401": statistics.revision.digest}
    fill(report, world.filer_a, {"AR": valid_report() | more})
    for code in ("R901", "R903"):
        attach(report, code, world.filer_a)
    for at in range(size):
        attach(report, "R905", world.filer_a, a_pdf(pages=at + 1), f"材料{at}.pdf")
    filer = acting(world.filer_a)

    def look(pages: dict[str, int]) -> None:
        for path, queries in pages.items():
            with django_assert_num_queries(queries, info=path):
                assert filer.get(path.format(report.public_id)).status_code == 200

    look(WRITING)
    with django_assert_num_queries(SAVING):
        typed = {"seen": "9", "R104": "改过。"}
        answer = filer.post(f"/annual/{report.public_id}/heads/2/", typed, headers={"HX-Request": "true"})
    assert answer.json()["cells"] == {"R104": "改过。"}
    sign_and_submit(fresh(report), world.signer_a)
    look(SENT)
