"""Drafts: begun from a version or a workbook, changed by uploads and the mapping, deleted, published for ever."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from openpyxl import Workbook

from portal.errors import TooLarge
from portal.trail.models import Event
from reports.schemes.content import digest_of
from reports.schemes.models import Scheme
from reports.schemes.workbook import workbook_bytes
from reports.versions import actions
from reports.versions.errors import ChangedMeanwhile, NotAllowed, NotReady, NotTaken
from reports.versions.models import SchemeUpload
from reports.versions.standing import standing_of
from tests.reports.versions.books import column, edited, line, put


def take(content: bytes, by, scheme=None, name: str = "制度.xlsx") -> SchemeUpload:
    return actions.receive(chunks=[content], name=name, by=by, scheme=scheme)


def files() -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_a_copy_has_everything_but_the_head(world, published) -> None:
    made = actions.copy_version(
        source=published, code="jc2024", year=2024, title_zh="新", title_en="New", by=world.statistician
    )
    assert (made.code, made.version, made.year, made.title_zh, made.status) == ("jc2024", 1, 2024, "新", "draft")
    assert made.base == published
    assert {**made.content, "scheme": published.content["scheme"]} == published.content
    assert made.digest == digest_of(made.content)
    again = actions.copy_version(
        source=published, code="jc2024", year=2024, title_zh="新", title_en="New", by=world.statistician
    )
    assert again.version == 2
    event = Event.objects.filter(verb="scheme.copied").latest("id")
    assert (event.object_id, event.details) == (str(again.pk), {"base": str(published)})


def test_a_draft_is_not_copied(world, draft) -> None:
    with pytest.raises(NotTaken):
        actions.copy_version(source=draft, code="x", year=2025, title_zh="x", title_en="x", by=world.statistician)
    assert Scheme.objects.count() == 2


def test_a_workbook_becomes_a_new_draft_made_from_the_version_it_names(world, published) -> None:
    def change(book: Workbook) -> None:
        book["scheme"]["A2"], book["scheme"]["C2"] = "jc2024", "2024"
        put(book["indicators"], "A301", "name_zh", "期末全部从业人员")

    upload = take(edited(workbook_bytes(published.content), change), world.statistician)
    scheme = upload.scheme
    assert (scheme.code, scheme.version, scheme.year, scheme.base) == ("jc2024", 1, 2024, published)
    assert (upload.faults, upload.notes) == ([], [])
    assert standing_of(scheme).faults == []
    assert scheme.definition.indicator("A301").name_zh == "期末全部从业人员"
    assert len(files()) == 1


def test_everything_wrong_is_told_with_its_cell_and_nothing_is_lost(world, published, draft) -> None:
    cells = {}

    def spoil(book: Workbook) -> None:
        indicators, checks = book["indicators"], book["checks"]
        cells["unit"] = put(indicators, "W201", "dtype", "integer")
        cells["list"] = put(indicators, "A201", "options", "A299")
        cells["rule"] = put(checks, "K100", "expression", "A301 + ) > 1")
        cells["name"] = put(checks, "K130", "expression", "W999 > 1")
        at = indicators.cell(line(indicators, "W211"), column(indicators, "name_en"))
        at.value, cells["blank"] = None, at.coordinate

    upload = take(edited(workbook_bytes(draft.content), spoil), world.statistician, draft)
    faults = {(one.sheet, one.cell) for one in standing_of(upload.scheme).faults}
    wanted = {("indicators", cells[name]) for name in ("unit", "list", "blank")}
    assert wanted | {("checks", cells["rule"]), ("checks", cells["name"])} <= faults
    draft.refresh_from_db()
    rows = {row["code"]: row for row in draft.content["indicators"]}
    assert rows["W201"]["dtype"] == "integer"  # kept as it was typed, to be mended
    assert rows["A305"]["definition_zh"].endswith("季末人数的平均数")
    with pytest.raises(NotReady):
        actions.publish(scheme=draft, digest=draft.digest, by=world.statistician)
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_what_follows_from_one_mistake_is_not_told_as_another(world, draft) -> None:
    cells = []

    def spoil(book: Workbook) -> None:
        indicators, checks = book["indicators"], book["checks"]
        cells.append(("indicators", put(indicators, "A304", "name_zh", "=1+1")))
        cells.append(("indicators", put(indicators, "W201", "dtype", "integer")))  # checks that add it up hold still
        cells.append(("checks", put(checks, "K100", "expression", "A301 + ) > 1")))  # for each of six indicators

    upload = take(edited(workbook_bytes(draft.content), spoil), world.statistician, draft)
    assert [(one.sheet, one.cell) for one in standing_of(upload.scheme).faults] == cells


def test_a_file_that_is_no_scheme_changes_nothing(world, draft) -> None:
    before = draft.digest
    for content in (b"", b"PK\x03\x04" + b"\0" * 40, b"%PDF-1.7", edited_book_of_another_kind()):
        with pytest.raises(NotTaken):
            take(content, world.statistician, draft)
    draft.refresh_from_db()
    assert draft.digest == before
    assert (SchemeUpload.objects.count(), files()) == (0, [])


def edited_book_of_another_kind() -> bytes:
    book = Workbook()
    assert book.active is not None
    book.active["A1"] = "x"
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_file_above_the_limit_is_refused(world, draft, settings) -> None:
    settings.WORKBOOK_FILE_MB = 0
    with pytest.raises(TooLarge):
        take(b"x", world.statistician, draft)
    assert files() == []


def test_a_draft_keeps_its_head_and_says_where_a_workbook_came_from(world, published, draft) -> None:
    upload = take(workbook_bytes(published.content), world.statistician, draft)
    assert [note["code"] for note in upload.notes] == ["other_base", "other_head"]
    draft.refresh_from_db()
    assert (draft.content["scheme"]["code"], draft.content["scheme"]["version"]) == ("jc2024", "1")


def test_a_workbook_older_than_the_draft_is_taken_and_told(world, draft) -> None:
    old = workbook_bytes(draft.content)
    actions.set_renames(scheme=draft, renames={}, digest=draft.digest, by=world.statistician)
    upload = take(old, world.statistician, draft)
    assert [note["code"] for note in upload.notes] == ["older"]


def test_only_the_last_ten_files_of_a_draft_are_kept(world, draft) -> None:
    made = workbook_bytes(draft.content)
    with transaction.atomic():
        for _time in range(actions.KEPT):
            SchemeUpload.objects.create(
                scheme=draft, by=world.statistician, name="x", size=1, sha256="0", stored_as="schemes/gone"
            )
    take(made, world.statistician, draft)
    assert SchemeUpload.objects.exclude(stored_as="").count() == actions.KEPT
    assert SchemeUpload.objects.count() == actions.KEPT + 1


def test_the_mapping_is_part_of_the_draft(world, draft) -> None:
    made = actions.set_renames(scheme=draft, renames={"W602": "W603"}, digest=draft.digest, by=world.statistician)
    assert made.content["renames"] == [{"old": "W602", "new": "W603"}]
    assert made.definition.renames == {"W602": "W603"}
    with pytest.raises(ChangedMeanwhile):
        actions.set_renames(scheme=draft, renames={}, digest="0" * 64, by=world.statistician)
    assert Scheme.objects.get(pk=draft.pk).content["renames"] == [{"old": "W602", "new": "W603"}]


def test_a_deleted_draft_takes_its_uploads_along(world, draft, django_capture_on_commit_callbacks) -> None:
    take(workbook_bytes(draft.content), world.statistician, draft)
    with django_capture_on_commit_callbacks(execute=True):
        actions.delete_draft(scheme=draft, by=world.statistician)
    assert not Scheme.objects.filter(pk=draft.pk).exists()
    assert (SchemeUpload.objects.count(), files()) == (0, [])
    assert Event.objects.filter(verb="scheme.deleted").count() == 1


def test_what_is_published_never_changes(world, draft) -> None:
    actions.publish(scheme=draft, digest=draft.digest, by=world.statistician)
    draft.refresh_from_db()
    assert (draft.status, draft.published_at is not None) == ("published", True)
    before = Scheme.objects.values().get(pk=draft.pk)
    made = workbook_bytes(draft.content)
    for act in (
        lambda: take(made, world.statistician, draft),
        lambda: actions.set_renames(scheme=draft, renames={}, digest=draft.digest, by=world.statistician),
        lambda: actions.delete_draft(scheme=draft, by=world.statistician),
        lambda: actions.publish(scheme=draft, digest=draft.digest, by=world.statistician),
    ):
        with pytest.raises(NotAllowed):
            act()
    rows = Scheme.objects.filter(pk=draft.pk)
    for write in (lambda: rows.update(content={}), lambda: rows.update(status="draft", published_at=None), rows.delete):
        with pytest.raises(IntegrityError, match="published scheme is refused"), transaction.atomic():
            write()
    assert Scheme.objects.values().get(pk=draft.pk) == before


def test_only_the_province_makes_schemes(world, published, draft) -> None:
    for by in (world.gulou_reviewer, world.fuzhou_reviewer, world.filer_a, world.system_admin):
        for act in (
            lambda by=by: actions.copy_version(
                source=published, code="x", year=2025, title_zh="x", title_en="x", by=by
            ),
            lambda by=by: take(b"x", by),
            lambda by=by: actions.publish(scheme=draft, digest=draft.digest, by=by),
            lambda by=by: actions.delete_draft(scheme=draft, by=by),
        ):
            with pytest.raises(NotAllowed):
                act()
    assert (Scheme.objects.count(), Scheme.objects.published().count(), files()) == (2, 1, [])
