"""Pages of scheme versions through the client."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from reports.schemes.content import digest_of
from reports.schemes.loading import load_content
from reports.schemes.models import Scheme
from reports.schemes.workbook import workbook_bytes
from tests.reports.versions.books import a_file, edited, put
from tests.reports.versions.conftest import client_of


def address(name: str, code: str = "jc2024", version: int = 1) -> str:
    return reverse(f"versions:{name}", args=[code, version])


def test_the_list_shows_state_and_origin(province, draft) -> None:
    page = province.get(reverse("versions:scheme-list")).content.decode()
    assert "草案" in page
    assert "jc2023 v1" in page
    assert address("scheme-workbook") in page


def test_the_list_without_a_scheme_says_what_to_do(province, world) -> None:
    page = province.get(reverse("versions:scheme-list"))
    assert "zb-empty" in page.content.decode()
    assert "zb-empty" in client_of(world.filer_a).get(reverse("versions:scheme-list")).content.decode()


def test_queries_of_the_list_do_not_grow(province, published, django_assert_num_queries) -> None:
    province.get(reverse("versions:scheme-list"))
    for wanted in (1, 5):
        for version in range(Scheme.objects.count() + 1, wanted + 1):
            content = {**published.content, "scheme": {**published.content["scheme"], "version": str(version)}}
            load_content(content, publish=True)
        with django_assert_num_queries(6):
            province.get(reverse("versions:scheme-list"))


def test_readers_see_what_is_published_and_no_draft(world, draft) -> None:
    for membership in (world.filer_a, world.gulou_reviewer):
        client = client_of(membership)
        page = client.get(reverse("versions:scheme-list")).content.decode()
        assert "jc2023" in page
        assert "jc2024" not in page
        assert client.get(address("scheme-detail", "jc2023")).status_code == 200
        assert client.get(address("scheme-detail")).status_code == 404
        assert client.get(address("scheme-compare", "jc2023") + "?with=jc2024-1").status_code == 404


def test_a_draft_begins_from_a_version(province, published) -> None:
    form = province.get(reverse("versions:scheme-new") + "?from=jc2023-1").context["form"]
    typed = {name: form[name].value() for name in form.fields}
    assert (typed["code"], typed["year"]) == ("jc2024", 2024)
    answer = province.post(reverse("versions:scheme-copy"), typed)
    assert answer["Location"] == address("scheme-detail")
    assert Scheme.objects.get(code="jc2024").base == published
    wrong = province.post(reverse("versions:scheme-copy"), typed | {"code": "2024年", "year": "x"})
    assert wrong.status_code == 422
    assert 'value="2024年"' in wrong.content.decode()
    assert Scheme.objects.count() == 2


def test_every_fault_stands_with_its_cell_on_the_page(province, draft) -> None:
    cells = []

    def spoil(book) -> None:
        cells.append(put(book["indicators"], "W201", "dtype", "integer"))
        cells.append(put(book["checks"], "K130", "expression", "W999 > 1"))

    made = edited(workbook_bytes(draft.content), spoil)
    answer = province.post(address("scheme-upload"), {"file": a_file(made)}, follow=True)
    page = answer.content.decode()
    assert all(f">{cell}<" in page for cell in cells)
    assert "W999" in page
    assert address("scheme-publish") not in page
    refused = province.post(address("scheme-publish"), {"digest": Scheme.objects.get(code="jc2024").digest})
    assert refused.status_code == 422
    sent = answer.context["uploads"][0]
    kept = province.get(reverse("versions:upload-download", args=["jc2024", 1, sent.pk]))
    assert kept.content == made
    assert kept["Content-Disposition"].startswith("attachment")


def test_a_file_that_cannot_be_read_says_so_and_why(province, draft) -> None:
    before = draft.digest
    for file in (a_file(b"%PDF-1.7 ..."), None):
        answer = province.post(address("scheme-upload"), {"file": file} if file else {})
        assert answer.status_code == 422
        assert "zb-inform" in answer.content.decode()
    answer = province.post(reverse("versions:scheme-create"), {"file": a_file(b"")})
    assert answer.status_code == 422
    draft.refresh_from_db()
    assert (draft.digest, Scheme.objects.count()) == (before, 2)


def test_the_workbook_is_the_version(province, draft) -> None:
    answer = province.get(address("scheme-workbook"))
    book = load_workbook(BytesIO(answer.content))
    assert book["scheme"]["A2"].value == "jc2024"
    assert "jc2024-v1.xlsx" in answer["Content-Disposition"]


def test_the_comparison_shows_each_kind_of_change(province, draft) -> None:
    page = province.get(address("scheme-compare"))
    text = page.content.decode()
    assert page.context["other"] == draft.base
    for word in ("W602", "W603", "<del>W312</del>", "制造业单项冠军企业", "K130"):
        assert word in text
    assert "<del>5</del>" in text  # K100: 0.5 before
    assert "<ins>3</ins>" in text
    one = province.get(address("scheme-compare") + "?sheet=options").content.decode()
    assert "制造业单项冠军企业" in one
    assert "K130" not in one
    assert province.get(address("scheme-compare") + "?with=nothing-1").status_code == 404


@pytest.mark.parametrize("sheet", ["tables", "indicators", "options", "checks"])
def test_a_draft_in_pieces_still_has_its_pages(province, draft, sheet) -> None:
    rows = [{name: text for name, text in row.items() if name not in ("code", "list")} for row in draft.content[sheet]]
    content = {**draft.content, sheet: rows}
    Scheme.objects.filter(pk=draft.pk).update(content=content, digest=digest_of(content))
    for name in (
        "scheme-detail",
        "scheme-compare",
        "scheme-mapping",
        "scheme-publish",
        "scheme-trial",
        "scheme-workbook",
    ):
        assert province.get(address(name)).status_code == 200
    assert province.get(address("scheme-preview")).status_code == 422
    assert len(province.get(address("scheme-detail")).context["standing"].faults) > 0


def test_help_leads_to_what_changed(world, province, draft, client) -> None:
    province.post(address("scheme-publish"), {"digest": draft.digest})
    for reader in (client_of(world.filer_a), client_of(world.gulou_reviewer)):
        assert address("scheme-compare") in reader.get(reverse("schemes:help-index")).content.decode()
        assert reader.get(address("scheme-compare")).status_code == 200
    for stranger in (client, client_of(world.system_admin)):
        assert address("scheme-compare") not in stranger.get(reverse("schemes:help-index")).content.decode()


def test_the_mapping_is_proposed_saved_and_refused_when_doubled(province, draft) -> None:
    page = province.get(address("scheme-mapping"))
    lines = {one.old["code"]: chosen for one, chosen in page.context["lines"]}
    assert lines == {"W312": "W316", "W602": ""}
    doubled = province.post(address("scheme-mapping"), {"digest": draft.digest, "new-W312": "W603", "new-W602": "W603"})
    assert doubled.status_code == 422
    assert doubled.content.decode().count('value="W603" selected') == 2
    saved = province.post(address("scheme-mapping"), {"digest": draft.digest, "new-W312": "W316", "new-W602": "W603"})
    assert saved.status_code == 302
    draft.refresh_from_db()
    assert draft.definition.renames == {"W312": "W316", "W602": "W603"}
    stale = province.post(address("scheme-mapping"), {"digest": "0" * 64, "new-W312": ""})
    assert stale.status_code == 409


def test_publishing_shows_what_follows_from_it(province, draft) -> None:
    page = province.get(address("scheme-publish"))
    text = page.content.decode()
    assert [one.old["code"] for one in page.context["unmapped"]] == ["W602"]
    assert "W602" in text
    assert draft.digest[:16] in text
    answer = province.post(address("scheme-publish"), {"digest": draft.digest}, follow=True)
    assert answer.status_code == 200
    assert "不再更改" in answer.content.decode() or "不可更改" in answer.content.decode()
    assert Scheme.objects.get(code="jc2024").is_published
    assert province.get(address("scheme-publish")).status_code == 403
