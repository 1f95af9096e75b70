"""From the filer to the signer and back: marked as ready, signed, handed back, or changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from institutions.models import Membership
from institutions.roles import Role
from portal.inbox.models import Notice
from portal.trail.models import Event
from reports.filings.actions import explain
from reports.filings.errors import NotAllowed
from reports.filings.examination import examine
from reports.filings.home import tasks
from reports.filings.models import Filing
from reports.filings.signing.actions import hand_back, hand_over
from reports.filings.signing.models import Handover
from reports.filings.signing.showing import signing_of
from tests.factories.filings import EXPLANATION, fill, fresh, returned, sign_and_submit
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import Province
from tests.reports.filings.test_views_pages import address

Acting = Callable[[Membership], Client]
NOTE = "收入已与年报核对。"
WORDS = "请再核对期末从业人员。"


@pytest.fixture
def ready(world: Province, filing: Filing) -> Filing:
    """Filled with valid cells; nobody has handed it over."""
    return fill(filing, world.filer_a)


def give(client: Client, filing: Filing, **changed: str) -> HttpResponse:
    """Open the preview and press "ready to sign"."""
    stamp = client.get(address("filing-preview", filing)).context["stamp"]
    return client.post(address("filing-hand-over", filing), {"stamp": stamp, "note": NOTE} | changed)


def handed(world: Province, filing: Filing) -> Handover:
    return hand_over(filing=filing, by=world.filer_a, stamp=examine(fresh(filing)).digest, note=NOTE)


def test_the_signer_is_told_and_sees_it_first(world: Province, ready: Filing, acting: Acting):
    assert give(acting(world.filer_a), ready).headers["Location"] == ready.get_absolute_url()
    handover = Handover.objects.get()
    assert (handover.by, handover.note, handover.digest) == (world.filer_a.user, NOTE, examine(fresh(ready)).digest)
    assert fresh(ready).ready_since is not None
    (notice,) = Notice.objects.filter(once_key=f"ready-{handover.pk}")
    assert notice.recipient == world.signer_a.user
    assert NOTE in notice.body_zh
    line = tasks(world.signer_a).context["todo"][0]
    assert (line.to_sign, line.url) == (True, address("filing-preview", ready))
    home = acting(world.signer_a).get(reverse("home")).content.decode()
    assert "请您签署" in home
    assert NOTE in home
    assert "待负责人签署" in acting(world.filer_a).get(reverse("home")).content.decode()
    assert list(Event.objects.filter(verb="filing.ready").values_list("actor_id", flat=True)) == [world.filer_a.user_id]


def test_signing_ends_the_handover(world: Province, ready: Filing):
    handed(world, ready)
    revision = sign_and_submit(ready, world.signer_a)
    handover = Handover.objects.get()
    assert (handover.ended_as, handover.ended_by, fresh(ready).ready_since) == ("signed", world.signer_a.user, None)
    assert (revision.filer, revision.signer) == (world.filer_a.user, world.signer_a.user)


def test_the_signer_hands_it_back_with_words(world: Province, ready: Filing, acting: Acting):
    handover = handed(world, ready)
    signer = acting(world.signer_a)
    assert 'name="words"' in signer.get(address("filing-preview", ready)).content.decode()
    empty = signer.post(address("filing-hand-back", ready), {"words": " "})
    assert (empty.status_code, Handover.objects.get().ended_as) == (422, "")
    assert signer.post(address("filing-hand-back", ready), {"words": WORDS}).status_code == 302
    handover.refresh_from_db()
    assert (handover.ended_as, handover.words, fresh(ready).ready_since) == ("back", WORDS, None)
    assert Notice.objects.get(once_key=f"handed-back-{handover.pk}").recipient == world.filer_a.user
    clerk = acting(world.filer_a)
    for page in (reverse("home"), ready.get_absolute_url(), address("filing-preview", ready)):
        assert WORDS in clerk.get(page).content.decode()
    assert give(clerk, ready).status_code == 302
    assert Handover.objects.filter(ended_as="").count() == 1


def test_handed_over_again_the_signer_sees_what_changed_since_handing_back(
    world: Province, ready: Filing, acting: Acting, django_assert_num_queries
):
    handed(world, ready)
    hand_back(filing=fresh(ready), by=world.signer_a, words=WORDS)
    clerk, signer = acting(world.filer_a), acting(world.signer_a)
    clerk.post(address("cell-save", ready, "JC05"), {"W312": "3001", "seen": "1"})
    handed(world, ready)
    page = signer.get(address("filing-preview", ready))
    signing, text = page.context["signing"], page.content.decode()
    assert (signing.waits, signing.before.words) == (True, WORDS)
    assert [(one.code, one.before, one.after) for one in signing.changes] == [("W312", "3,000", "3,001")]
    assert WORDS in text
    assert "退还时" in text
    filing = fresh(ready)
    examination = examine(filing)
    assert examination.is_ready
    with django_assert_num_queries(1):
        signing_of(filing, examination)
    hand_back(filing=fresh(ready), by=world.signer_a, words="还差一处。")
    assert signing_of(fresh(ready), examine(fresh(ready))).before is None  # the last words count


def test_a_cell_changed_afterwards_clears_it_and_is_shown_to_the_signer(world: Province, ready: Filing, acting: Acting):
    handover = handed(world, ready)
    acting(world.filer_a).post(address("cell-save", ready, "JC05"), {"W312": "3001", "seen": "1"})
    handover.refresh_from_db()
    assert (handover.ended_as, handover.ended_by, fresh(ready).ready_since) == ("changed", world.filer_a.user, None)
    assert Notice.objects.get(once_key=f"ready-changed-{handover.pk}").recipient == world.signer_a.user
    page = acting(world.signer_a).get(address("filing-preview", ready))
    assert [(one.code, one.before, one.after) for one in page.context["signing"].changes] == [
        ("W312", "3,000", "3,001")
    ]
    assert "已取消提请签署" in page.content.decode()
    assert 'name="words"' not in page.content.decode()
    assert tasks(world.signer_a).context["todo"][0].to_sign is False


def test_the_signers_own_change_clears_it_without_a_message(world: Province, ready: Filing, acting: Acting):
    handed(world, ready)
    acting(world.signer_a).post(address("cell-save", ready, "JC05"), {"W312": "3001", "seen": "1"})
    assert Handover.objects.get().ended_as == "changed"
    assert not Notice.objects.filter(once_key__startswith="ready-changed").exists()


def test_what_was_said_before_a_submission_is_over_with_it(world: Province, ready: Filing, acting: Acting):
    """Handed back, then signed all the same; returned later, the return is what counts."""
    handed(world, ready)
    hand_back(filing=fresh(ready), by=world.signer_a, words=WORDS)
    sign_and_submit(ready, world.signer_a)
    clerk = acting(world.filer_a)
    assert clerk.get(ready.get_absolute_url()).context["signing"] is None
    returned(ready)
    line = tasks(world.filer_a).context["todo"][0]
    assert (line.handover, line.returned.bureau) == (None, world.gulou)
    assert WORDS not in clerk.get(reverse("home")).content.decode()


def test_rows_and_explanations_clear_it_too(world: Province, ready: Filing, acting: Acting):
    cells = valid_cells(world.a)
    cells["JC01"]["A305"] = "40"
    fill(ready, world.filer_a, cells)
    explain(filing=ready, key="K017", text=EXPLANATION, by=world.filer_a)
    handed(world, ready)
    explain(filing=ready, key="K017", text="11月关闭马尾分场所，年末15人离职。", by=world.filer_a)
    handed(world, ready)
    acting(world.filer_a).post(address("row-move", ready, "JC01-2"), {"row": "r1 down", "seen": "1", "was": "{}"})
    assert list(Handover.objects.values_list("ended_as", flat=True)) == ["changed", "changed"]


def test_what_is_not_clear_is_not_handed_over(world: Province, filing: Filing, acting: Acting):
    cells = valid_cells(world.a)
    cells["JC05"]["W203"] = "9"
    fill(filing, world.filer_a, cells)
    clerk = acting(world.filer_a)
    assert not clerk.get(address("filing-preview", filing)).context["hand_over"]
    refused = give(clerk, filing)
    assert (refused.status_code, refused.context["note"]) == (422, NOTE)
    assert refused.context["refusal"] in refused.content.decode()
    assert not Handover.objects.exists()
    assert fresh(filing).ready_since is None


def test_what_changed_after_the_preview_is_not_handed_over(world: Province, ready: Filing, acting: Acting):
    assert give(acting(world.filer_a), ready, stamp="0" * 64).status_code == 409
    assert not Handover.objects.exists()


def test_without_a_signer_it_says_whom_to_ask(world: Province, ready: Filing, acting: Acting):
    Membership.objects.filter(institution=world.a, role=Role.SIGNER).update(ended_at=Now())
    refused = give(acting(world.filer_a), ready)
    assert refused.status_code == 422
    assert "鼓楼区市场监督管理局" in refused.context["refusal"]
    assert not Handover.objects.exists()


def test_a_signer_signs_and_does_not_hand_over(world: Province, ready: Filing, acting: Acting):
    page = acting(world.signer_a).get(address("filing-preview", ready)).content.decode()
    assert address("filing-hand-over", ready) not in page
    with pytest.raises(NotAllowed):
        hand_over(filing=ready, by=world.signer_a, stamp=examine(fresh(ready)).digest)
    assert not Handover.objects.exists()


def test_it_is_handed_over_once(world: Province, ready: Filing):
    handed(world, ready)
    with pytest.raises(NotAllowed):
        handed(world, ready)
    assert Handover.objects.count() == 1


def test_what_was_not_handed_over_is_not_handed_back(world: Province, ready: Filing):
    with pytest.raises(NotAllowed):
        hand_back(filing=ready, by=world.signer_a, words=WORDS)
    handed(world, ready)
    for other in (world.filer_a, world.signer_b):
        with pytest.raises(NotAllowed):
            hand_back(filing=ready, by=other, words=WORDS)
    assert Handover.objects.get().ended_as == ""


@pytest.mark.parametrize(
    "change",
    [
        {"ended_as": ""},
        {"ended_as": "back", "ended_at": Now(), "words": ""},
        {"ended_as": "signed", "ended_at": None},
    ],
)
def test_the_database_keeps_handovers_in_order(world: Province, ready: Filing, change: dict[str, object]):
    """One open at most; handed back with words; an end has a time."""
    first = handed(world, ready)
    values = {"filing": ready, "by": world.filer_a.user, "cells": {}, "digest": "0"}
    if change["ended_as"]:
        with pytest.raises(IntegrityError), transaction.atomic():
            Handover.objects.filter(pk=first.pk).update(**change)
    else:
        with pytest.raises(IntegrityError), transaction.atomic():
            Handover.objects.create(**values)
    assert Handover.objects.get().ended_as == ""
