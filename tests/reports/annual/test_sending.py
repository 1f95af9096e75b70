"""Signing and sending an annual report, and what is seen of it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.test import Client

from institutions.models import Membership
from portal.trail.models import Event
from portal.uploads.documents import inspect
from reports.annual.document import Paper, html_of
from reports.annual.heads import Report
from reports.filings.models import Filing, Revision, State
from reports.filings.views_history import as_sent
from tests.factories.annual import PROSE, a_pdf
from tests.factories.filings import fresh, passed, sign_and_submit
from tests.factories.institutions import Province
from tests.reports.annual.conftest import upload

Acting = Callable[[Membership], Client]


def send(client: Client, filing: Filing, **changed: str) -> Any:
    context = client.get(f"/annual/{filing.public_id}/preview/").context
    data = {"version": str(context["filing"].version), "stamp": context["stamp"], "pledged": "yes"} | changed
    return client.post(f"/annual/{filing.public_id}/submit/", data)


def test_signed_and_sent(world: Province, ready: Filing, statistics: Filing, acting: Acting) -> None:
    answer = send(acting(world.signer_a), ready)
    assert (answer.status_code, answer["Location"]) == (302, f"/filings/{ready.public_id}/receipts/1/")
    revision, filing = Revision.objects.get(filing=ready), fresh(ready)
    assert statistics.revision is not None
    assert (filing.state, set(revision.cells)) == (State.IN_REVIEW, {"AR"})
    assert revision.cells["AR"]["R401"] == statistics.revision.digest
    assert (set(revision.derived), revision.figures) == ({"R002", "R003", "R401"}, [])
    assert filing.step == world.gulou


def test_what_keeps_it_from_being_sent(world: Province, ready: Filing, acting: Acting) -> None:
    signer = acting(world.signer_a)
    assert send(signer, ready, pledged="").status_code == 422
    assert send(signer, ready, stamp="0" * 64).status_code == 409
    assert send(acting(world.filer_a), ready).status_code == 403
    draft = ready.drafts.get(table="AR")
    del draft.cells["R901"]
    draft.save()
    assert send(signer, ready).status_code == 422
    assert not Revision.objects.filter(filing=ready).exists()


def test_a_change_after_the_scan_is_told(world: Province, ready: Filing, acting: Acting) -> None:
    signer = acting(world.signer_a)
    assert not signer.get(f"/annual/{ready.public_id}/preview/").context["report"].scan_is_older
    draft = ready.drafts.get(table="AR")
    draft.cells["R207"] = "4"
    draft.save()
    assert signer.get(f"/annual/{ready.public_id}/preview/").context["report"].scan_is_older


def test_the_paper_to_sign_and_the_paper_sent(
    world: Province, statistics: Filing, ready: Filing, acting: Acting, tmp_path: Path
) -> None:
    """Both carry the digest of the text, which the pledge and the files do not change, and that of the statistics."""
    filer, county = acting(world.filer_a), acting(world.gulou_reviewer)
    look = filer.get(f"/annual/{ready.public_id}/preview/").context["report"]
    draft = html_of(Paper(fresh(ready), look))
    answer = filer.get(f"/annual/{ready.public_id}/report.pdf")
    assert (answer.status_code, answer["Content-Type"], answer.content[:5]) == (200, "application/pdf", b"%PDF-")
    (tmp_path / "report.pdf").write_bytes(answer.content)
    assert inspect(tmp_path / "report.pdf")["pages"] >= 2
    revision = sign_and_submit(ready, world.signer_a)
    revision.filing = fresh(ready)
    sent = html_of(Paper(revision.filing, Report(as_sent(revision.filing, revision)), revision))
    assert statistics.revision is not None
    for text in (draft, sent):
        assert look.content_digest[:8] in text
        assert statistics.revision.digest[:8] in text
        assert PROSE in text
    assert county.get(f"/annual/{ready.public_id}/history/1/report.pdf").status_code == 200
    assert Event.objects.filter(verb="annual.printed", object_id=str(ready.pk)).count() == 1


def test_recalled_and_sent_again(world: Province, ready: Filing, acting: Acting) -> None:
    filer = acting(world.filer_a)
    sign_and_submit(ready, world.signer_a)
    version = str(fresh(ready).version)
    assert filer.post(f"/annual/{ready.public_id}/recall/", {"version": version}).status_code == 302
    assert fresh(ready).state == State.DRAFTING
    assert upload(filer, ready, "R905", a_pdf(b"/Other 1")).status_code == 302
    assert send(acting(world.signer_a), ready).status_code == 302
    page = filer.get(f"/filings/{ready.public_id}/history/").content.decode()
    assert "R905" in page


def test_seen_by_those_above_once_sent(world: Province, ready: Filing, acting: Acting) -> None:
    address = f"/annual/{ready.public_id}/history/1/"
    county = acting(world.gulou_reviewer)
    assert county.get(f"/annual/{ready.public_id}/").status_code == 403
    sign_and_submit(ready, world.signer_a)
    page = county.get(address).content.decode()
    assert "扫描件.pdf" in page
    assert county.get(f"/filings/{ready.public_id}/history/1/")["Location"] == address
    assert acting(world.filer_b).get(address).status_code == 404
    filing = ready
    while fresh(filing).state == State.IN_REVIEW:
        filing = passed(filing)
    assert fresh(filing).state == State.ACCEPTED


def test_the_reviewer_reads_texts_files_and_statistics(world: Province, ready: Filing, acting: Acting) -> None:
    sign_and_submit(ready, world.signer_a)
    county, address = acting(world.gulou_reviewer), f"/review/filings/{ready.public_id}/"
    page = county.get(address)
    assert page.status_code == 200
    reading, text = page.context["reading"], page.content.decode()
    assert [file.name for line in reading.lines_by_key.values() for file in line.files] == [
        "扫描件.pdf",
        "自我声明.png",
    ]
    assert PROSE in text
    assert reading.report.statistics.current
    asked = county.get(address, {"remark": "AR::R301"}).content.decode()
    assert 'value="AR::R301"' in asked
    draft = {"cell": "AR::R301", "reason": "missing", "text": "请写明参加的能力验证项目。"}
    assert county.post(f"{address}remarks/", draft).status_code == 302
    assert county.get(address).context["reading"].lines_by_key["AR::R301"].remarks[0].text == draft["text"]
