from copy import deepcopy
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from reports.schemes.loading import DATA, SchemeTaken, content_from_folder, load_content, load_scheme
from reports.schemes.models import Scheme
from tests.factories.institutions import build_province

pytestmark = pytest.mark.django_db
CONTENT = content_from_folder(DATA / "jc2023")


def test_loading_twice_changes_nothing() -> None:
    first = load_scheme()
    assert (first.code, first.version, first.year, first.status) == ("jc2023", 1, 2023, "published")
    assert load_scheme().pk == first.pk
    assert Scheme.objects.count() == 1
    assert load_scheme().published_at == first.published_at


def test_the_definition_is_compiled_once() -> None:
    scheme = load_scheme()
    assert scheme.definition is Scheme.objects.defer("content").get(pk=scheme.pk).definition
    assert scheme.definition.code == "jc2023"


@pytest.mark.parametrize("act", ["update", "delete"])
def test_a_published_scheme_never_changes(act: str) -> None:
    scheme = load_scheme()
    rows = Scheme.objects.filter(pk=scheme.pk)
    with pytest.raises(IntegrityError, match="published scheme is refused"), transaction.atomic():
        rows.update(title_zh="另一个") if act == "update" else rows.delete()
    assert Scheme.objects.get(pk=scheme.pk).title_zh == scheme.title_zh


def test_a_draft_is_replaced_by_what_is_loaded_again() -> None:
    draft = load_content(CONTENT, publish=False)
    other = deepcopy(CONTENT)
    other["scheme"]["title_en"] = "Another title"
    again = load_content(other, publish=False)
    assert (again.pk, again.title_en, again.status) == (draft.pk, "Another title", "draft")
    assert again.digest != draft.digest
    assert again.definition.title_en == "Another title"


def test_other_content_under_a_published_version_is_refused() -> None:
    scheme = load_scheme()
    other = deepcopy(CONTENT)
    other["scheme"]["title_en"] = "Another title"
    with pytest.raises(SchemeTaken):
        load_content(other, publish=True)
    scheme.refresh_from_db()
    assert scheme.title_en != "Another title"
    other["scheme"]["version"] = 2
    assert load_content(other, publish=True).pk != scheme.pk


def test_command_loads_and_tells_what_is_wrong(tmp_path) -> None:
    out = StringIO()
    call_command("loadscheme", stdout=out)
    assert Scheme.objects.get().digest[:12] in out.getvalue()
    with pytest.raises(CommandError, match="scheme"):
        call_command("loadscheme", str(tmp_path))


def test_drafts_are_for_the_province_and_published_versions_for_everyone_who_reports_or_reviews() -> None:
    world = build_province()
    published = load_scheme()
    other = deepcopy(CONTENT)
    other["scheme"]["version"] = 2
    draft = load_content(other, publish=False)
    assert list(Scheme.objects.published()) == [published]
    assert set(Scheme.objects.visible_to(world.statistician)) == {published, draft}
    for membership in (world.gulou_reviewer, world.filer_a):
        assert list(Scheme.objects.visible_to(membership)) == [published]
    for membership in (world.system_admin, world.audit_admin, None):
        assert list(Scheme.objects.visible_to(membership)) == []
