"""What the pages of an annual report tell a clerk: what is still open and where, and the form of the year's own scheme."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

from django.test import Client

from institutions.models import Membership
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
    assert page.context["look"].open == "尚有 1 项未填、0 项待改正、0 条批注待答复。"
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
