"""What the pages of an annual report tell a clerk: what is still open and where, and the form of the year's own scheme."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

from django.test import Client

from institutions.models import Membership
from reports.filings.examination import examine, note_counts
from reports.filings.models import Filing
from reports.rounds.models import Kind
from reports.schemes.loading import load_content
from tests.factories.filings import a_filing, a_scheme, fill, open_round
from tests.factories.institutions import Province
from tests.reports.annual.conftest import typed
from tests.reports.annual.test_writing import cells, head

Acting = Callable[[Membership], Client]


def states(client: Client, filing: Filing) -> list[str]:
    """Of the heads after the cover, where the year stands already."""
    return [one.state for one in client.get(f"/annual/{filing.public_id}/").context["report"].heads[1:]]


def test_what_nobody_began_is_not_filled_and_no_error(world: Province, report: Filing, acting: Acting) -> None:
    filer = acting(world.filer_a)
    assert states(filer, report) == ["empty"] * 6
    fill(report, world.filer_a, {"AR": {"R206": "5", "R504": "0"}})
    assert states(filer, report) == ["empty", "hard", "empty", "empty", "hard", "empty"]


def test_what_is_still_to_come_is_not_called_wrong(world: Province, report: Filing, acting: Acting) -> None:
    """The pledge, the files and the summary have rules of their own; the first page counts what was given and is wrong."""
    filer, preview = acting(world.filer_a), f"/annual/{report.public_id}/preview/"
    missing = "统计数据摘要尚未生成：请先报送本年度统计数据，再生成摘要。"
    for kept, hard, told in (("6", 0, ""), ("5", 1, "、须改正1处")):
        fill(report, world.filer_a, {"AR": {"R206": kept}})
        note_counts(examine(Filing.objects.for_page().get(pk=report.pk)))
        report.refresh_from_db()
        assert report.hard_count == hard
        blank = report.required - report.filled
        assert filer.get(preview).context["look"].open == f"尚不能报送：须填写{blank}项{told}。 {missing}"


def test_the_preview_leads_to_what_is_not_filled(
    world: Province, report: Filing, ready: Filing, acting: Acting
) -> None:
    assert ready.pk == report.pk
    filer = acting(world.filer_a)
    address = f"/annual/{report.public_id}/preview/"
    assert "zb-lacks" not in filer.get(address).content.decode()
    look = filer.get(head(report, 2))
    filer.post(head(report, 2), typed({"R104": ""}, look.context["was"], str(look.context["version"])))
    page = filer.get(address)
    assert page.context["look"].open == "尚不能报送：须填写1项。"
    assert page.content.decode().count("zb-lacks") == 1
    assert f'class="zb-lacks" href="{head(report, 2)}#c-R104"' in page.content.decode()


def test_each_year_has_the_columns_of_its_own_scheme(world: Province, report: Filing, acting: Acting) -> None:
    content = deepcopy(a_scheme().content)
    content["scheme"] |= {"code": "jc2024", "year": 2024}
    for row in content["columns"]:
        if (row["indicator"], row["code"]) == ("R103", "what"):
            row["name_zh"] = "变更的内容"
    content["columns"].append(
        {
            "indicator": "R103",
            "code": "paper",
            "name_zh": "批准文号",
            "name_en": "Approval",
            "kind": "text",
            "required": "1",
        }
    )
    later = open_round(world, kind=Kind.ANNUAL_REPORT, period="2024", scheme=load_content(content, publish=True))
    following = a_filing(later, world.a)
    filer = acting(world.filer_a)
    line = {"R103.0.what": "更名", "R103.0.on": "2023-05-06", "R103.0.done": "1", "R103.0.paper": "闽市监〔2023〕1号"}
    for filing in (report, following):
        filer.post(head(filing, 2), typed({"R102": "1"} | line))
    assert cells(report)["R103"] == '[{"what":"更名","on":"2023-05-06","done":"1"}]'
    assert cells(following)["R103"] == '[{"what":"更名","on":"2023-05-06","done":"1","paper":"闽市监〔2023〕1号"}]'
    before, after = (filer.get(head(filing, 2)).content.decode() for filing in (report, following))
    assert ("变更事项</th>" in before, "批准文号" in before) == (True, False)
    assert ("变更的内容</th>" in after, "批准文号</th>" in after) == (True, True)
