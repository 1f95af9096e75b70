"""The form of a draft before anybody fills it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portal.trail.models import Event
from reports.filings.models import Draft, Filing
from reports.schemes.content import digest_of
from reports.versions.sample import form_table, form_tables


@pytest.fixture
def address(draft) -> str:
    return reverse("versions:scheme-preview", args=[draft.code, draft.version])


def test_the_form_is_shown_with_its_new_lines_and_kept_nowhere(province, address, draft) -> None:
    events = Event.objects.count()
    page = province.get(address + "?table=JC05").content.decode()
    assert "W603" in page
    assert "使用人工智能" in page
    assert "W602" not in page
    assert "<form" not in page[page.index('class="zb-sheet zb-form"') : page.index('class="zb-find"')]
    assert (Filing.objects.count(), Draft.objects.count(), Event.objects.count()) == (0, 0, events)


def test_options_and_conditions_are_what_the_draft_says(province, address) -> None:
    page = province.get(address).content.decode()
    assert "制造业单项冠军企业" in page
    context = province.get(address + "?table=JC02").context["form"]
    assert context.applies_when
    assert "K130" in {card.code for card in province.get(address + "?table=JC05").context["form"].checks}


def test_every_table_of_the_form_can_be_drawn(draft) -> None:
    definition = draft.definition
    for table in form_tables(definition):
        form = form_table(definition, table)
        assert [cell.line.code for cell in form.grid.cells] == [item.code for item in table.indicators]
        assert not any(cell.hidden for cell in form.grid.cells)


def test_an_unknown_table_and_a_faulty_draft(province, address, draft) -> None:
    assert province.get(address + "?table=JC99").status_code == 404
    content = {**draft.content, "tables": [{**row, "kind": "?"} for row in draft.content["tables"]]}
    type(draft).objects.filter(pk=draft.pk).update(content=content, digest=digest_of(content))
    answer = province.get(address)
    assert answer.status_code == 422
