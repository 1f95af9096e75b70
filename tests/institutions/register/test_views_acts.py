"""The pages of acts: nothing is done before it was shown, and nothing else than what was shown."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from institutions.models import Institution, Membership
from institutions.register import acts
from portal.clock import database_now
from reports.filings.models import State
from reports.rounds.models import Round
from tests.factories.filings import a_filing, fresh, open_round
from tests.factories.institutions import Province, a_certificate, a_uscc

SignIn = Callable[[Membership], Client]


def address(institution: Institution, act: str) -> str:
    return f"/institutions/{institution.public_id}/{act}/change/"


def do(client: Client, institution: Institution, act: str, **data: object):
    """Look, then do what was shown."""
    shown = client.post(address(institution, act), data)
    assert shown.status_code == 200
    return shown, client.post(address(institution, act), {**data, "seal": shown.context["seal"]})


def test_merge_is_shown_then_done(world: Province, sign_in: SignIn):
    round = open_round(world)
    gone, stays = a_filing(round, world.a), a_filing(round, world.b)
    client = sign_in(world.gulou_reviewer)
    shown = client.post(address(world.a, "merge"), {"into": world.b.uscc.lower(), "reason": "吸收合并"})
    assert len(shown.context["preview"]) == 3
    assert world.b.name in shown.context["preview"][2]
    assert fresh(gone).state == State.DUE
    sent = {"into": world.b.uscc, "reason": "吸收合并", "seal": shown.context["seal"]}
    assert client.post(address(world.a, "merge"), sent).url.endswith(f"/{world.b.public_id}/")
    assert (fresh(gone).state, fresh(stays).state) == (State.EXCUSED, State.DUE)
    page = client.get(f"/institutions/{world.b.public_id}/").content.decode()
    assert world.a.name in page
    old = client.get(f"/institutions/{world.a.public_id}/").content.decode()
    assert "吸收合并" in old
    assert world.b.name in old


def test_what_changed_after_the_look_is_shown_again(world: Province, sign_in: SignIn):
    round = open_round(world)
    client = sign_in(world.gulou_reviewer)
    shown = client.post(address(world.a, "close"), {"reason": "注销"})
    assert shown.context["preview"] == []
    a_filing(round, world.a)
    again = client.post(address(world.a, "close"), {"reason": "注销", "seal": shown.context["seal"]})
    assert (again.status_code, again.context["changed"], len(again.context["preview"])) == (200, True, 1)
    world.a.refresh_from_db()
    assert world.a.status == "active"
    client.post(address(world.a, "close"), {"reason": "注销", "seal": again.context["seal"]})
    world.a.refresh_from_db()
    assert world.a.status == "closed"
    _shown, done = do(client, world.a, "reopen", reason="恢复")
    assert done.status_code == 302


def test_a_mover_lands_where_the_institution_can_still_be_seen(world: Province, sign_in: SignIn):
    _shown, done = do(sign_in(world.fuzhou_reviewer), world.a, "move", bureau=world.taijiang.pk, reason="迁址")
    assert done.url.endswith(f"/{world.a.public_id}/")
    world.a.refresh_from_db()
    assert world.a.home_bureau == world.taijiang


def test_split_and_parent_and_rename_on_the_page(world: Province, sign_in: SignIn):
    certificate, code = a_certificate(world.a), a_uscc()
    client = sign_in(world.gulou_reviewer)
    shown, done = do(
        client, world.a, "split", uscc=code, name="福建分检测有限公司", certificates=[certificate.pk], reason="分立"
    )
    assert len(shown.context["preview"]) == 2
    new = Institution.objects.get(uscc=code)
    assert done.url.endswith(f"/{new.public_id}/")
    do(client, new, "parent", parent=world.a.uscc, reason="控股")
    new.refresh_from_db()
    assert new.parent == world.a
    do(client, new, "rename", name="福建分立检测有限公司")
    new.refresh_from_db()
    assert new.name == "福建分立检测有限公司"


@pytest.mark.parametrize(
    ("act", "data"),
    [
        ("merge", {"into": "不是代码", "reason": "并"}),
        ("merge", {"into": "C", "reason": "并"}),
        ("merge", {"into": "A", "reason": "并"}),
        ("merge", {"into": "B"}),
        ("move", {"bureau": "999999", "reason": "迁"}),
        ("split", {"uscc": "B", "name": "新", "reason": "分"}),
        ("rename", {"name": ""}),
        ("close", {"reason": "长" * 301}),
    ],
)
def test_wrong_entries_keep_what_was_typed_and_do_nothing(world: Province, sign_in: SignIn, act: str, data: dict):
    codes = {"A": world.a.uscc, "B": world.b.uscc, "C": world.c.uscc}
    sent = {name: codes.get(value, value) for name, value in data.items()}
    before = list(Institution.objects.order_by("pk").values())
    response = sign_in(world.fuzhou_reviewer if act == "move" else world.gulou_reviewer).post(
        address(world.a, act), sent
    )
    assert response.status_code == 422
    for value in sent.values():
        assert value in response.content.decode() or not value or act == "move"
    assert list(Institution.objects.order_by("pk").values()) == before


def test_a_county_sees_why_it_cannot_move(world: Province, sign_in: SignIn):
    client = sign_in(world.gulou_reviewer)
    assert client.get(address(world.a, "move")).context["verdict"].reason
    assert client.post(address(world.a, "move"), {"bureau": world.taijiang.pk, "reason": "迁"}).status_code == 403
    assert client.get(address(world.a, "nonsense")).status_code == 404


def test_a_closed_institution_offers_to_be_reopened_alone(world: Province, sign_in: SignIn):
    acts.merge(institution=world.a, into=world.b, reason="并", by=world.statistician)
    page = sign_in(world.gulou_reviewer).get(f"/institutions/{world.a.public_id}/")
    assert [(code, bool(verdict)) for code, _words, verdict in page.context["acts"]] == [("reopen", False)]
    assert sign_in(world.filer_b).get(f"/institutions/{world.b.public_id}/").context["acts"] == []


def test_parent_and_child_that_both_file_are_warned_on_both_pages(world: Province, sign_in: SignIn):
    round = open_round(world)
    acts.set_parent(institution=world.b, parent=world.a, reason="控股", by=world.statistician)
    parent, child = a_filing(round, world.a), a_filing(round, world.b)
    alone = a_filing(round, world.c)
    assert sign_in(world.filer_a).get(f"/filings/{parent.public_id}/").context["kin"] == [world.b]
    assert sign_in(world.filer_b).get(f"/filings/{child.public_id}/").context["kin"] == [world.a]
    reviewer = sign_in(world.fuzhou_reviewer)
    assert world.a.name in reviewer.get(f"/review/filings/{child.public_id}/").content.decode()
    assert reviewer.get(f"/review/filings/{alone.public_id}/").context["kin"] == []


def test_what_was_filed_stays_on_the_pages_of_both(world: Province, sign_in: SignIn):
    before, this = open_round(world, period="2022"), open_round(world)
    a_filing(before, world.a)
    Round.objects.filter(pk=before.pk).update(closed_at=database_now())
    a_filing(this, world.a)
    a_filing(this, world.b)
    acts.merge(institution=world.a, into=world.b, reason="并", by=world.statistician)
    acts.move(institution=world.b, bureau=world.taijiang, reason="迁", by=world.statistician)

    def told(membership: Membership, institution: Institution) -> list[tuple[str, str, bool]]:
        page = sign_in(membership).get(f"/institutions/{institution.public_id}/")
        return [(one.past.state, one.of, one.opens) for one in page.context["filed"]]

    assert told(world.taijiang_reviewer, world.b) == [
        ("excused", world.a.name, False), ("due", "", True), ("due", world.a.name, False),
    ]  # fmt: skip
    assert told(world.gulou_reviewer, world.a) == [("excused", "", True), ("due", "", True)]
    assert told(world.filer_b, world.b)[1] == ("due", "", False)
