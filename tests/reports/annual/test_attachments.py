"""Files of an annual report: looked into, kept in bounds, served as downloads, kept with what was submitted."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from institutions.models import Membership
from portal.trail.models import Event
from reports.annual.causes import WORDS
from reports.annual.models import Attachment
from reports.filings.models import Filing
from reports.schemes.structured import files_of
from tests.factories.annual import a_pdf, a_picture
from tests.factories.filings import fresh, returned, sign_and_submit
from tests.factories.institutions import Province
from tests.reports.annual.conftest import upload

Acting = Callable[[Membership], Client]


def packed(extra: bytes) -> bytes:
    """A PDF whose object stream holds `extra`."""
    inside = zlib.compress(b"5 0 " + extra)
    stream = b"4 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n" % len(inside)
    return a_pdf().replace(b"trailer", stream + inside + b"\nendstream endobj\ntrailer")


BOMB = a_picture()[:16] + (60_000).to_bytes(4) * 2 + a_picture()[24:]
BAD = {
    "empty": b"",
    "foreign": b"MZ\x90\x00 a program called x.pdf",
    "pdf_only": a_picture(),
    "truncated": a_pdf()[:-30],
    "encrypted": a_pdf(b"/Encrypt 9 0 R"),
    "programs": a_pdf(b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"),
    "files_inside": a_pdf(b"/Names<</EmbeddedFiles 8 0 R>>"),
    "no_page": a_pdf(pages=0),
}


@pytest.fixture
def filer(world: Province, acting: Acting) -> Client:
    return acting(world.filer_a)


def kept(path: Path) -> list[Path]:
    return [one for one in path.rglob("*") if one.is_file()]


@pytest.mark.parametrize("cause", BAD)
def test_what_a_file_must_not_be(filer: Client, report: Filing, tmp_path: Path, cause: str) -> None:
    answer = upload(filer, report, "R901", BAD[cause])
    assert answer.status_code == 422
    assert str(WORDS[cause]) in answer.content.decode()
    assert (Attachment.objects.count(), report.drafts.count(), kept(tmp_path)) == (0, 0, [])


HIDDEN = {
    "escaped": a_pdf(b"/A#63roForm<</XF#41 1 0 R>>"),
    "program packed": packed(b"<</S/Launch/F(x.exe)>>"),
    "file packed": packed(b"<</Type/Filespec/EF<</F 7 0 R>>/EmbeddedFiles 1>>"),
}


@pytest.mark.parametrize("content", HIDDEN.values(), ids=HIDDEN)
def test_programs_and_files_hidden_in_a_pdf(filer: Client, report: Filing, content: bytes) -> None:
    assert upload(filer, report, "R905", content).status_code == 422
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("content", [BOMB, a_picture()[:60], a_picture("JPEG")[:200]])
def test_pictures_that_cannot_be_opened(filer: Client, report: Filing, tmp_path: Path, content: bytes) -> None:
    assert upload(filer, report, "R903", content, "声明.png").status_code == 422
    assert kept(tmp_path) == []


def test_a_file_is_kept_under_a_name_of_ours(world: Province, filer: Client, report: Filing, tmp_path: Path) -> None:
    name = '../../报告"1"\r\nSet-Cookie: x.pdf'
    assert upload(filer, report, "R901", packed(b"<</A 1>>"), name).status_code == 302
    attachment = Attachment.objects.get()
    assert (attachment.kind, attachment.pages, attachment.item) == ("pdf", 1, "R901")
    assert "/" not in attachment.name
    [path] = kept(tmp_path)
    assert path.suffix == ".upload"
    assert attachment.name not in str(path)
    [file] = files_of(report.drafts.get(table="AR").cells["R901"])
    assert (file.sha256, file.size) == (attachment.sha256, path.stat().st_size)


def test_it_is_served_to_be_saved_and_never_shown(filer: Client, report: Filing) -> None:
    content = a_picture("JPEG")
    assert upload(filer, report, "R903", content, "自我声明.jpg").status_code == 302
    answer = filer.get(f"/annual/files/{Attachment.objects.get().public_id}/")
    assert answer.content == content
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Content-Type"] == "image/jpeg"


def test_bounds(filer: Client, report: Filing, settings: Any, tmp_path: Path) -> None:
    settings.ANNUAL_FILE_MB, settings.ANNUAL_FILING_MB = 1, 1
    big = a_pdf(b"/X(" + b"x" * 600_000 + b")")
    assert upload(filer, report, "R905", big).status_code == 302
    assert upload(filer, report, "R902", big + b"%%EOF").status_code == 422
    assert upload(filer, report, "R905", big).status_code == 422
    huge = a_pdf(b"/X(" + b"x" * 1_100_000 + b")")
    assert upload(filer, report, "R905", huge).status_code == 413
    assert upload(filer, report, "R905", huge * 2).status_code == 413
    assert len(kept(tmp_path)) == 1


def test_it_goes_while_it_is_a_draft(
    filer: Client, report: Filing, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    upload(filer, report, "R901", a_pdf())
    with django_capture_on_commit_callbacks(execute=True):
        answer = filer.post(f"/annual/files/{Attachment.objects.get().public_id}/remove/")
    assert answer.status_code == 302
    assert (Attachment.objects.count(), kept(tmp_path)) == (0, [])
    assert "R901" not in report.drafts.get(table="AR").cells
    verbs = list(Event.objects.filter(verb__startswith="annual.").order_by("id").values_list("verb", flat=True))
    assert verbs == ["annual.attached", "annual.detached"]


def test_it_stays_with_what_was_submitted(world: Province, ready: Filing, acting: Acting, tmp_path: Path) -> None:
    sign_and_submit(ready, world.signer_a)
    attachment = Attachment.objects.get(item="R901")
    address = f"/annual/files/{attachment.public_id}/"
    assert acting(world.filer_a).post(f"{address}remove/").status_code == 403
    returned(ready)
    assert acting(world.filer_a).post(f"{address}remove/").status_code == 302
    assert "R901" not in fresh(ready).drafts.get(table="AR").cells
    assert acting(world.gulou_reviewer).get(address).status_code == 200
    for change in (attachment.delete, lambda: Attachment.objects.filter(pk=attachment.pk).update(name="x")):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert len(kept(tmp_path)) == 2


def test_who_may_fetch_it(world: Province, ready: Filing, acting: Acting) -> None:
    address = f"/annual/files/{Attachment.objects.get(item='R901').public_id}/"
    assert acting(world.gulou_reviewer).get(address).status_code == 404  # a draft is the institution's own
    sign_and_submit(ready, world.signer_a)
    wanted = {
        world.signer_a: 200, world.gulou_reviewer: 200, world.statistician: 200,
        world.filer_b: 404, world.taijiang_reviewer: 404, world.system_admin: 403,
    }  # fmt: skip
    assert {who: acting(who).get(address).status_code for who in wanted} == wanted


def test_a_file_changed_on_the_disk_is_not_served(filer: Client, report: Filing, tmp_path: Path) -> None:
    upload(filer, report, "R901", a_pdf())
    [path] = kept(tmp_path)
    path.write_bytes(a_pdf(b"/Other 1"))
    assert filer.get(f"/annual/files/{Attachment.objects.get().public_id}/").status_code == 503
