"""Remarks answered as fixed: only where something changed, and what changed is shown beside the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from institutions.models import Membership
from reports.filings.actions import answer_remark, explain
from reports.filings.actions_review import give_back
from reports.filings.errors import Incomplete, NotReady
from reports.filings.examination import examine
from reports.filings.findings import make_panel
from reports.filings.models import Draft, Filing, Remark
from reports.rounds.models import Round
from tests.factories.filings import (
    EXPLANATION,
    a_filing,
    a_remark,
    fill,
    fresh,
    reviewer_of,
    sign_and_submit,
    submitted_filing,
)
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import Province
from tests.reports.filings.test_views_pages import address

Acting = Callable[[Membership], Client]
ONE_MORE = {"A301": "26", "A315": "3", "A325": "7", "A333": "4", "A343": "5"}


def change(filing: Filing, table: str = "JC01", **cells: str) -> None:
    """Write cells into the draft, without typing them."""
    draft = Draft.objects.get(filing=filing, table=table)
    draft.cells |= cells
    draft.save(update_fields=["cells"])


def returned_with(filing: Filing, **remark: str) -> Remark:
    filing = fresh(filing)
    assert filing.revision is not None
    give_back(
        filing=filing, by=reviewer_of(filing), version=filing.version, revision=filing.revision.number,
        note="请核对后重报。", remarks=[a_remark(**remark)],
    )  # fmt: skip
    return filing.remarks.get()


@pytest.fixture
def sent(world: Province, round: Round) -> Filing:
    return submitted_filing(round, world.a)


def fix(remark: Remark, by: Membership) -> str:
    """Answers "fixed"; the reason of a refusal, else nothing."""
    try:
        answer_remark(remark=Remark.objects.get(pk=remark.pk), resolution="fixed", answer="", by=by)
    except Incomplete as refused:
        assert Remark.objects.get(pk=remark.pk).resolution == "open"
        return str(refused.reason)
    return ""


def test_fixed_without_a_change_is_refused_with_where_and_how(world: Province, sent: Filing):
    remark = returned_with(sent)
    reason = fix(remark, world.signer_a)
    assert "A301" in reason
    assert "第1版" in reason
    assert "无需改动，已说明" in reason
    change(sent, A302="12")
    assert fix(remark, world.signer_a) == reason  # another cell
    change(sent, **ONE_MORE)
    assert fix(remark, world.signer_a) == ""


def test_a_sum_may_be_mended_in_one_of_its_parts(world: Province, sent: Filing):
    remark = returned_with(sent, reason="balance")
    change(sent, A112="福州市鼓楼区软件大道2号")
    assert fix(remark, world.signer_a)
    change(sent, A311="2", A312="3")
    assert fix(remark, world.signer_a) == ""


def test_a_remark_on_a_line_is_mended_in_that_line(world: Province, sent: Filing):
    remark = returned_with(sent, table="JC05-1", row_id="r1", indicator="D105")
    rows = valid_cells(world.a)["JC05-1"]["rows"]
    rows[1]["D105"] = "7"
    change(sent, "JC05-1", rows=rows)
    assert fix(remark, world.signer_a)
    rows[0]["D105"] = "13"
    change(sent, "JC05-1", rows=rows)
    assert fix(remark, world.signer_a) == ""


@pytest.mark.parametrize(("table", "elsewhere"), [("JC05", "JC01"), ("", "")])
def test_a_remark_on_a_table_or_on_all_is_mended_anywhere_in_it(
    world: Province, sent: Filing, table: str, elsewhere: str
):
    remark = returned_with(sent, table=table, indicator="")
    if elsewhere:
        change(sent, elsewhere, A112="福州市鼓楼区软件大道2号")
    assert fix(remark, world.signer_a)
    change(sent, "JC05", W312="3001")
    assert fix(remark, world.signer_a) == ""


def test_a_poor_explanation_is_mended_by_another(world: Province, round: Round):
    cells = valid_cells(world.a)
    cells["JC01"]["A305"] = "40"
    filing = fill(a_filing(round, world.a), world.signer_a, cells)
    sign_and_submit(filing, world.signer_a)
    remark = returned_with(filing, indicator="A305", reason="explanation")
    assert fix(remark, world.signer_a)
    explain(filing=filing, key="K017", text="11月关闭马尾分场所，年末15人离职。", by=world.signer_a)
    assert fix(remark, world.signer_a) == ""
    (one,) = examine(fresh(filing)).mended[remark.pk]
    assert (one.code, one.before, one.after) == ("K017", EXPLANATION, "11月关闭马尾分场所，年末15人离职。")


def test_what_is_put_back_after_it_was_fixed_is_open_again(world: Province, sent: Filing, acting: Acting):
    remark = returned_with(sent, table="JC05", indicator="W312")
    change(sent, "JC05", W312="3001")
    assert fix(remark, world.signer_a) == ""
    change(sent, "JC05", W312="3000")
    page = acting(world.signer_a).get(address("finding-list", sent)).content.decode()
    assert "已标为“已改正”，但此处与报送时完全相同。" in page
    with pytest.raises(NotReady):
        sign_and_submit(sent, world.signer_a)
    assert sent.revisions.count() == 1


def post(client: Client, remark: Remark, resolution: str, text: str, **more: Any) -> HttpResponse:
    data = {"remark": str(remark.pk), "resolution": resolution, "answer": text, "at": "JC05"}
    return client.post(address("remark-answer", remark.filing), data, **more)


def test_both_sides_see_what_changed_beside_the_answer(world: Province, sent: Filing, acting: Acting):
    remark = returned_with(sent, table="JC05", indicator="W312")
    clerk = acting(world.filer_a)
    (note,) = make_panel(examine(fresh(sent))).notes
    assert (note.told.jump.words, note.told.name, note.told.value) == ("W312", "电子报告", "3,000 份")
    refused = post(clerk, remark, "fixed", "已改", headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert ">已改</textarea>" in refused.json()["findings"]
    change(sent, "JC05", W312="3001", W313="151")
    page = post(clerk, remark, "fixed", "按台账更正", headers={"HX-Request": "true"}).json()["findings"]
    assert "<del>3,000</del> → <ins>3,001</ins>" in page
    assert "151" not in page.partition("<del>")[2].partition("</table>")[0]
    sign_and_submit(sent, world.signer_a)
    address_of = reverse("review:filing-read", args=[sent.public_id])
    answer = acting(reviewer_of(fresh(sent))).get(address_of)
    (told,) = answer.context["reading"].sent
    assert [(one.code, one.before, one.after) for one in told.changes] == [("W312", "3,000", "3,001")]
    assert "<del>3,000</del> → <ins>3,001</ins>" in answer.content.decode()


def test_the_reviewer_sees_an_explained_remark_without_changes(world: Province, sent: Filing, acting: Acting):
    remark = returned_with(sent)
    assert post(acting(world.signer_a), remark, "explained", EXPLANATION).status_code == 302
    sign_and_submit(sent, world.signer_a)
    reviewer = acting(reviewer_of(fresh(sent)))
    (told,) = reviewer.get(reverse("review:filing-read", args=[sent.public_id])).context["reading"].sent
    assert (told.changes, told.unchanged, told.after.number) == ([], False, 2)


def test_a_remark_of_an_earlier_return_is_not_answered_again(world: Province, sent: Filing):
    first = returned_with(sent)
    answer_remark(remark=first, resolution="explained", answer=EXPLANATION, by=world.signer_a)
    sign_and_submit(sent, world.signer_a)
    again = fresh(sent)
    give_back(
        filing=again, by=reviewer_of(again), version=again.version, revision=2, note="再核对",
        remarks=[a_remark(indicator="A302")],
    )  # fmt: skip
    with pytest.raises(Incomplete):
        answer_remark(remark=Remark.objects.get(pk=first.pk), resolution="fixed", answer="", by=world.signer_a)
    assert Remark.objects.get(pk=first.pk).resolution == "explained"
