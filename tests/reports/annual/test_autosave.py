"""Saving by the script of the page: only what was sent is touched, lines half typed are kept, both values of a conflict are told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.test import Client

from institutions.models import Membership
from reports.filings.examination import examine
from reports.filings.models import Filing
from reports.schemes.structured import rows_of
from tests.factories.annual import PROSE
from tests.factories.filings import fill, fresh
from tests.factories.institutions import Province
from tests.reports.annual.test_writing import cells, head, named

Acting = Callable[[Membership], Client]
LINE = {"R103.0.what": "地址变更", "R103.0.on": "2023.5.6", "R103.0.done": "1"}


def save(client: Client, filing: Filing, number: int, seen: int = 0, /, **typed: str) -> dict[str, Any]:
    """As the script sends it: only what was typed."""
    answer = client.post(head(filing, number), {"seen": str(seen), **typed}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_only_what_was_sent_is_saved(world: Province, report: Filing, acting: Acting) -> None:
    fill(report, world.filer_a, {"AR": {"R102": "1", "R103": '[{"what":"更名","on":"2023-01-02","done":"1"}]'}})
    before = cells(report)
    state = save(acting(world.filer_a), report, 2, 1, R104=PROSE)
    assert cells(report) == before | {"R104": PROSE}
    assert (state["cells"], state["conflicts"]) == ({"R104": PROSE}, [])
    assert state["version"] == report.drafts.get().version
    assert "R101" in state["answers"]


def test_the_answer_says_what_stands_around_it_now(world: Province, report: Filing, acting: Acting) -> None:
    filer = acting(world.filer_a)
    assert not save(filer, report, 2, R102="0")["answers"]["R103"]["required"]
    state = save(filer, report, 2, 1, R102="1")
    assert state["answers"]["R103"] == {"required": True, "when": "", "wrong": []}
    state = save(filer, report, 2, 2, R101="长" * 2100)
    [reason] = state["answers"]["R101"]["wrong"]
    assert "2,000" in reason or "2000" in reason
    assert state["filled"] == fresh(report).filled


def test_a_line_half_typed_is_kept_and_keeps_the_report_from_being_sent(
    world: Province, report: Filing, acting: Acting
) -> None:
    filer = acting(world.filer_a)
    save(filer, report, 2, R102="1", **LINE)
    half = {
        "R103.0.what": "地址变更",
        "R103.0.on": "",
        "R103.0.done": "1",
        "R103.1.what": "",
        "R103.1.on": "二月",
        "R103.1.done": "",
    }
    state = save(filer, report, 2, 1, **half)
    assert state["cells"] == {}
    assert len(state["answers"]["R103"]["wrong"]) == 1
    [stored] = rows_of(cells(report)["R103"])
    assert stored == {"what": "地址变更", "on": "2023-05-06", "done": "1"}
    page = filer.get(head(report, 2))
    shown = {part.name: part.value for answer in page.context["head"].answers for line in answer.lines for part in line}
    assert {name: shown[name] for name in half} == half
    assert "R103" in {cell[2] for failure in examine(fresh(report)).wrong for cell in failure.cells}
    save(filer, report, 2, 2, **LINE)
    assert "R103" not in {cell[2] for failure in examine(fresh(report)).wrong for cell in failure.cells}


def test_lines_all_emptied_are_gone(world: Province, report: Filing, acting: Acting) -> None:
    filer = acting(world.filer_a)
    save(filer, report, 2, R102="1", **LINE)
    save(filer, report, 2, 1, **dict.fromkeys(LINE, ""))
    assert "R103" not in cells(report)


def test_a_conflict_tells_both_and_leaves_the_rest_saved(world: Province, report: Filing, acting: Acting) -> None:
    save(acting(world.filer_a), report, 2, R104="陈的话", **LINE)
    mine = {**LINE, "R103.0.what": "更名"}
    state = save(acting(world.signer_a), report, 2, R104="林的话", R105=PROSE, **mine)
    told = {found["key"]: found for found in state["conflicts"]}
    assert told.keys() == {"R103", "R104"}
    assert {name: told["R104"][name] for name in ("by", "theirs", "mine")} == {
        "by": world.filer_a.user.name, "theirs": "陈的话", "mine": "林的话",
    }  # fmt: skip
    assert (told["R103"]["theirs"], told["R103"]["mine_shown"]) == ("地址变更 · 2023-05-06 · 1", "更名 · 2023.5.6 · 1")
    assert json.loads(told["R103"]["text"]) == [{"what": "地址变更", "on": "2023-05-06", "done": "1"}]
    stored = rows_of('[{"what":"地址变更","on":"2023-05-06","done":"1"}]')
    assert rows_of(cells(report)["R103"]) == stored
    assert {code: cells(report)[code] for code in ("R104", "R105")} == {"R104": "陈的话", "R105": PROSE}
    save(acting(world.signer_a), report, 2, state["version"], R104="林的话")
    assert cells(report)["R104"] == "林的话"


def test_what_no_line_can_be_is_refused(world: Province, report: Filing, acting: Acting) -> None:
    filer = acting(world.filer_a)
    save(filer, report, 2, R103="[[1]]")  # the name of the answer itself is no field of the form
    assert not report.drafts.exists()
    many = {
        f"R103.{at}.{name}": value
        for at in range(31)
        for name, value in (("what", "更名"), ("on", "2023-01-02"), ("done", "1"))
    }
    assert "30" in save(filer, report, 2, **many)["answers"]["R103"]["wrong"][0]
    huge = {"R103.0.what": "长" * 17_000}
    assert save(filer, report, 2, **huge)["answers"]["R103"]["wrong"]
    assert cells(report) == named(report)


def test_signs_that_nobody_sees_go_and_those_nobody_can_read_are_told(
    world: Province, report: Filing, acting: Acting
) -> None:
    filer = acting(world.filer_a)
    save(filer, report, 2, R102="1", **LINE | {"R103.0.what": "\u202e地址\u200b\x01变更\t二层"})
    assert rows_of(cells(report)["R103"])[0]["what"] == "地址变更 二层"
    [reason] = save(filer, report, 2, 1, **LINE | {"R103.0.what": "地\x00址"})["answers"]["R103"]["wrong"]
    assert "第 1 行" in reason
    assert "\x00" not in filer.get(head(report, 2)).content.decode()
    assert rows_of(cells(report)["R103"])[0]["what"] == "地址变更 二层"
