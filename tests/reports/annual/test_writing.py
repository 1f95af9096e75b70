"""Writing the heads of an annual report, its lines, and the summary drawn from the statistics."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

from django.test import Client

from institutions.models import Membership
from reports.filings.actions import recall
from reports.filings.examination import examine
from reports.filings.models import Filing, Remark, State
from reports.schemes.structured import rows_of
from tests.factories.annual import PROSE, valid_report
from tests.factories.filings import fill, fresh, returned, sign_and_submit
from tests.factories.institutions import Province
from tests.reports.annual.conftest import typed

Acting = Callable[[Membership], Client]


def named(report: Filing) -> dict[str, str]:
    """What the system fills in: the year, and what the register knows of the institution."""
    [certificate] = report.institution.certificates.all()
    return {"R001": "2023", "R002": report.institution.name, "R003": certificate.number}


def head(filing: Filing, number: int) -> str:
    return f"/annual/{filing.public_id}/heads/{number}/"


def cells(filing: Filing) -> dict[str, str]:
    found: dict[str, str] = filing.drafts.get(table="AR").cells
    return found


def codes(filing: Filing) -> set[str]:
    return {failure.key for failure in examine(fresh(filing)).wrong}


def test_the_address_of_filings_leads_to_the_report(world: Province, report: Filing, acting: Acting) -> None:
    answer = acting(world.filer_a).get(f"/filings/{report.public_id}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/annual/{report.public_id}/")


def test_every_page_opens_before_anything_is_written(world: Province, report: Filing, acting: Acting) -> None:
    filer = acting(world.filer_a)
    for path in ("", *(f"heads/{number}/" for number in range(1, 8)), "preview/"):
        assert filer.get(f"/annual/{report.public_id}/{path}").status_code == 200, path
    assert filer.get(head(report, 8)).status_code == 404
    assert not report.drafts.exists()


def test_what_is_typed_is_saved_and_leads_to_the_next_head(world: Province, report: Filing, acting: Acting) -> None:
    filer = acting(world.filer_a)
    answer = filer.post(
        head(report, 1), typed({"R004": "2024年1月20日", "R005": "陈编制", "R006": "𠮷批准"}, then="on")
    )
    assert (answer.status_code, answer["Location"]) == (302, head(report, 2))
    assert cells(report) == named(report) | {"R004": "2024-01-20", "R005": "陈编制", "R006": "𠮷批准"}
    assert fresh(report).state == State.DRAFTING


def test_a_text_too_long_is_kept_as_typed_with_the_reason(world: Province, report: Filing, acting: Acting) -> None:
    filer, long = acting(world.filer_a), "长" * 2100
    answer = filer.post(head(report, 2), typed({"R101": long, "R104": PROSE}))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "100 characters too long" in page or "超出" in page or "100" in page
    assert long in page
    assert cells(report) == named(report) | {"R104": PROSE}
    assert long in filer.get(head(report, 2)).content.decode()


def test_lines_are_stored_and_empty_ones_left_out(world: Province, report: Filing, acting: Acting) -> None:
    filer = acting(world.filer_a)
    lines = {
        "R103.0.what": "最高管理者变更", "R103.0.on": "2023.5.6", "R103.0.done": "1",
        "R103.1.what": "", "R103.1.on": "", "R103.1.done": "",
    }  # fmt: skip
    assert filer.post(head(report, 2), typed({"R102": "1"} | lines)).status_code == 302
    assert rows_of(cells(report)["R103"]) == [{"what": "最高管理者变更", "on": "2023-05-06", "done": "1"}]
    page = filer.get(head(report, 2))
    assert json.loads(page.context["was"])["R103"] == cells(report)["R103"]
    assert "最高管理者变更" in filer.get(f"/annual/{report.public_id}/preview/").content.decode()


def test_a_line_half_filled_is_refused_and_kept_on_the_page(world: Province, report: Filing, acting: Acting) -> None:
    answer = acting(world.filer_a).post(
        head(report, 2), typed({"R102": "1", "R103.0.what": "地址变更", "R103.0.on": "2023-13-40", "R103.0.done": ""})
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "地址变更" in page
    assert "2023-13-40" in page
    assert cells(report) == named(report) | {"R102": "1"}


def test_two_people_on_one_answer(world: Province, report: Filing, acting: Acting) -> None:
    acting(world.filer_a).post(head(report, 1), typed({"R005": "陈"}))
    answer = acting(world.signer_a).post(head(report, 1), typed({"R005": "林"}))
    assert answer.status_code == 409
    assert "林" in answer.content.decode()
    assert cells(report)["R005"] == "陈"
    seen, was = str(answer.context["version"]), answer.context["was"]
    assert acting(world.signer_a).post(head(report, 1), typed({"R005": "林"}, was, seen)).status_code == 302
    assert cells(report)["R005"] == "林"


def test_the_checks_of_the_report(world: Province, statistics: Filing, report: Filing) -> None:
    wrong = {"R206": "5", "R303": "6", "R306": "2", "R504": "0"}
    assert statistics.revision is not None
    fill(report, world.filer_a, {"AR": valid_report() | wrong | {"R401": statistics.revision.digest}})
    assert codes(report) == {"K120:a", "K120:b", "K121:a", "K121:b"}


def test_the_summary_comes_from_the_statistics_filed(
    world: Province, statistics: Filing, report: Filing, acting: Acting
) -> None:
    assert statistics.revision is not None
    look = acting(world.filer_a).get(f"/annual/{report.public_id}/")
    assert look.context["statistics"].current
    shown = {code: value for code, _name, _unit, value in look.context["statistics"].figures}
    assert shown["A301"] == statistics.revision.cells["JC01"]["A301"]
    assert statistics.revision.digest[:16] in look.content.decode()
    examination = examine(fresh(report))
    assert examination.derived == {
        "R002": world.a.name,
        "R003": ",".join(examination.filing.registered_certificates),
        "R401": statistics.revision.digest,
    }


def test_without_statistics_the_page_says_so_and_nothing_is_drawn(
    world: Province, report: Filing, acting: Acting
) -> None:
    filer = acting(world.filer_a)
    assert not filer.get(f"/annual/{report.public_id}/").context["statistics"].filing
    filer.post(f"/annual/{report.public_id}/summary/")
    assert not report.drafts.exists()
    assert "K122" in codes(report)


def test_statistics_submitted_again_make_the_summary_old(
    world: Province, statistics: Filing, ready: Filing, acting: Acting
) -> None:
    assert "K122" not in codes(ready)
    first = statistics.revision
    recall(filing=statistics, by=world.filer_a, version=statistics.version)
    assert "K122" in codes(ready)
    draft = statistics.drafts.get(table="JC01")
    draft.cells["A104"] = "欧阳新"
    draft.save()
    second = sign_and_submit(statistics, world.signer_a)
    assert first is not None
    assert second.digest != first.digest
    assert codes(ready) == {"K122"}
    answer = acting(world.filer_a).post(f"/annual/{ready.public_id}/summary/")
    assert answer.status_code == 302
    assert cells(ready)["R401"] == second.digest
    assert codes(ready) == set()


def test_a_returned_remark_is_answered_with_a_change(world: Province, ready: Filing, acting: Acting) -> None:
    sign_and_submit(ready, world.signer_a)
    returned(ready)
    filing = fresh(ready)
    remark = filing.remarks.get()
    remark.table, remark.indicator = "AR", "R301"
    remark.save()
    filer = acting(world.filer_a)
    address = f"/annual/{ready.public_id}/remarks/answer/"
    said = {"remark": str(remark.pk), "resolution": "fixed", "answer": "已补充。"}
    assert filer.post(address, said).status_code == 422
    look = filer.get(head(filing, 4))
    new = PROSE + "补充说明。"
    assert (
        filer.post(head(filing, 4), typed({"R301": new}, look.context["was"], str(look.context["version"]))).status_code
        == 302
    )
    assert filer.post(address, said).status_code == 302
    assert cells(filing)["R301"] == new
    assert date(2024, 1, 20).isoformat() == cells(filing)["R004"]


def test_the_reviewer_sees_what_was_changed_in_a_report(world: Province, ready: Filing, acting: Acting) -> None:
    sign_and_submit(ready, world.signer_a)
    returned(ready)
    Remark.objects.filter(filing=ready).update(table="AR", indicator="R301")
    filer = acting(world.filer_a)
    look = filer.get(head(ready, 4))
    filer.post(head(ready, 4), typed({"R301": PROSE + "补充说明。"}, look.context["was"], str(look.context["version"])))
    said = {"remark": str(Remark.objects.get(filing=ready).pk), "resolution": "fixed", "answer": "已补充。"}
    filer.post(f"/annual/{ready.public_id}/remarks/answer/", said)
    sign_and_submit(ready, world.signer_a)
    page = acting(world.gulou_reviewer).get(f"/review/filings/{ready.public_id}/")
    (sent,) = page.context["reading"].sent
    assert [(one.code, one.after) for one in sent.changes] == [("R301", PROSE + "补充说明。")]


def test_more_time_and_another_department_are_asked_for_from_the_page(
    world: Province, report: Filing, acting: Acting
) -> None:
    filer = acting(world.filer_a)
    page = filer.get(f"/annual/{report.public_id}/").content.decode()
    for name in ("extension", "department"):
        assert f'href="/filings/{report.public_id}/{name}/"' in page
        assert filer.get(f"/filings/{report.public_id}/{name}/").status_code == 200
