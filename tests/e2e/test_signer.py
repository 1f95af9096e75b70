"""Who fills is not who signs: handed over, handed back with words, mended, handed over again, pledged and sent."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from reports.filings.models import Draft, Filing, State
from reports.filings.signing.models import Handover
from reports.rounds.models import Round
from tests.e2e.conftest import Enter
from tests.e2e.steps import saved, table, type_cell
from tests.factories.filings import a_filing, fill
from tests.factories.institutions import Province

NOTE = "收入已与年报核对，请签署。"
WORDS = "发明专利数请按年末有效数改正。"


@pytest.fixture
def filing(world: Province, this_year: Round) -> Filing:
    """Whole and without findings; two figures were taken over from last year and nobody has touched them since."""
    filing = fill(a_filing(this_year, world.a), world.filer_a)
    touched = {code: [1, world.filer_a.user_id, 1] for code in ("W511", "W512")}
    Draft.objects.filter(filing=filing, table="JC05").update(touched=touched)
    return filing


def hand_over(page: Page, filing: Filing, note: str) -> None:
    page.goto(f"/filings/{filing.public_id}/preview/")
    page.locator("#handover-note").fill(note)
    page.locator("#ready [type=submit]").click()
    page.wait_for_url(f"**{filing.get_absolute_url()}")
    expect(page.locator("#handover")).to_contain_text(note)


def open_from_home(page: Page, words: str) -> None:
    """What waits stands first on the first page, with the words of the other; its button leads to the place of work."""
    page.goto("/")
    first = page.locator("#part-filings .zb-todo").first
    expect(first).to_contain_text(words)
    first.locator("a.btn").click()


def test_the_signer_hands_it_back_and_signs_what_was_mended(enter: Enter, filing: Filing, world: Province) -> None:
    clerk, signer = enter("filer-a"), enter("signer-a")
    hand_over(clerk, filing, NOTE)
    clerk.goto("/")
    expect(clerk.locator("#part-filings .zb-todo").first).to_contain_text("待负责人签署")

    open_from_home(signer, NOTE)
    signer.wait_for_url("**/preview/")
    expect(signer.locator(".zb-readtable")).to_have_count(6)  # the whole filing on one page
    expect(signer.locator("#t-JC05")).to_contain_text("1,200")
    untouched = signer.locator("#untouched tbody tr")
    assert [row.split("\t")[1] for row in untouched.all_inner_texts()] == ["W511", "W512"]
    expect(signer.locator("#sign a[href='#untouched']")).to_contain_text("2")
    signer.locator("#handover-words").fill(WORDS)
    signer.locator("#back [type=submit]").click()
    signer.wait_for_url(f"**{filing.get_absolute_url()}")
    assert Filing.objects.get(pk=filing.pk).ready_since is None

    open_from_home(clerk, WORDS)
    clerk.goto(table(filing, "JC05"))
    type_cell(clerk, "W512", "2")
    saved(clerk)
    hand_over(clerk, filing, "已改。")

    open_from_home(signer, "已改。")
    signer.wait_for_url("**/preview/")
    expect(signer.locator("#handover")).to_contain_text(WORDS)
    changes = signer.locator("#handover tbody tr")
    expect(changes).to_have_count(1)
    expect(changes).to_contain_text(re.compile(r"W512"))
    assert [row.split("\t")[1] for row in untouched.all_inner_texts()] == ["W511"]
    signer.locator("#sign [type=submit]").click()  # without the pledge
    expect(signer.locator(".zb-inform[role=alert]")).to_be_visible()
    assert Filing.objects.get(pk=filing.pk).state == State.DRAFTING
    signer.locator("#sign [name=pledged]").check()
    signer.locator("#sign [type=submit]").click()
    signer.wait_for_url("**/receipts/1/")
    sent = Filing.objects.select_related("revision").get(pk=filing.pk)
    assert sent.revision is not None
    assert (sent.state, sent.revision.filer_id, sent.revision.signer_id) == (
        State.IN_REVIEW,
        world.filer_a.user_id,
        world.signer_a.user_id,
    )
    assert list(Handover.objects.values_list("ended_as", flat=True)) == ["back", "signed"]
    for person in (world.filer_a.user, world.signer_a.user):
        expect(signer.locator("main")).to_contain_text(person.name)
