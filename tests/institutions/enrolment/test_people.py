"""The people of an institution: invited, ended, handed over, by whom and with what trail."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from institutions.enrolment import actions
from institutions.enrolment.accepting import accept
from institutions.enrolment.errors import NotAllowed, NotInvited
from institutions.enrolment.models import Invitation
from institutions.models import Institution, Membership
from institutions.roles import Role
from portal.inbox.actions import notify
from portal.inbox.models import Notice
from portal.trail.models import Event
from tests.factories.filings import a_filing, fill, fresh, open_round, sign_and_submit
from tests.factories.institutions import Province, a_membership, a_user

SignIn = Callable[[Membership], Client]
SECRET = re.compile(r"zi_[\w-]{40,}")
NEW = "Osmanthus-8642"


def people_of(institution: Institution) -> str:
    return reverse("institutions:people-list", args=[institution.public_id])


def invited(world: Province, **changed: object) -> tuple[Invitation, str]:
    return actions.invite(**{"place": world.a, "role": "filer", "name": "郑新人", "by": world.signer_a, **changed})


def state_of_rows() -> tuple[list[object], ...]:
    return list(Membership.objects.order_by("pk").values_list("pk", "ended_at")), list(Invitation.objects.values())


def test_the_page_lists_everybody_with_roles_and_who_left(world: Province, sign_in: SignIn):
    a_membership(Role.UNIT_ADMIN, world.a, a_user("admin-a", name="孙甲管"))
    gone = a_membership(Role.FILER, world.a, a_user("gone", name="钱走人"))
    actions.end(membership=gone, reason="离职", by=world.signer_a)
    page = sign_in(world.filer_a).get(reverse("institutions:people-own"))
    assert [one.user.name for one in page.context["people"]] == ["陈甲填", "黄甲签", "孙甲管"]
    assert [one.user.name for one in page.context["former"]] == ["钱走人"]
    assert "陈乙填" not in page.content.decode()


@pytest.mark.parametrize("many", [1, 5])
def test_the_page_costs_the_same_for_one_row_and_five(
    world: Province, sign_in: SignIn, django_assert_num_queries, many: int
):
    for number in range(many):
        a_membership(Role.FILER, world.a)
        a_membership(Role.FILER, world.a, ended_at=world.filer_a.created_at)
        invited(world, name=f"新人{number}")
    client = sign_in(world.gulou_reviewer)
    client.get(people_of(world.a))
    # session, person with memberships; institution, people, the clock, invitations, former; unread
    with django_assert_num_queries(8):
        assert client.get(people_of(world.a)).status_code == 200


def test_an_invitation_is_shown_once_and_only_its_digest_kept(world: Province, sign_in: SignIn):
    client = sign_in(world.signer_a)
    address = reverse("institutions:invitation-create", args=[world.a.public_id])
    page = client.post(address, {"role": "filer", "name": " 郑\u200b新人 ", "email": ""})
    secret = SECRET.findall(page.content.decode())[0]
    invitation = Invitation.objects.get()
    assert (invitation.name, invitation.digest) == ("郑新人", actions.digest_of(secret))
    assert "no-store" in page["Cache-Control"]
    assert SECRET.findall(client.get(people_of(world.a)).content.decode()) == []
    assert secret not in str(list(Event.objects.values_list("details", "object_label")))
    assert len(mail.outbox) == 0


def test_an_invitation_with_an_address_is_mailed_in_both_languages(world: Province, sign_in: SignIn):
    address = reverse("institutions:invitation-create", args=[world.a.public_id])
    page = sign_in(world.gulou_reviewer).post(address, {"role": "signer", "name": "郑新人", "email": "new@example.com"})
    [message] = mail.outbox
    assert message.to == ["new@example.com"]
    assert SECRET.findall(message.body) == SECRET.findall(page.content.decode()) * 2
    assert "of 福建甲检测有限公司" in message.body
    assert page.context["mailed"] is True


def test_a_gateway_that_is_down_is_told_and_the_invitation_stands(world: Province, sign_in: SignIn, settings):
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", 1
    settings.EMAIL_HOST = "127.0.0.1"
    address = reverse("institutions:invitation-create", args=[world.a.public_id])
    page = sign_in(world.signer_a).post(address, {"role": "filer", "name": "郑新人", "email": "new@example.com"})
    assert page.status_code == 200
    assert page.context["mailed"] is False
    assert Invitation.objects.open().count() == 1


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"role": "reviewer", "name": "郑新人"}, "role"),
        ({"role": "filer", "name": "\u200b"}, "name"),
        ({"role": "filer", "name": "长" * 51}, "name"),
        ({"role": "filer", "name": "郑新人", "email": "a@b\r\nBcc: c@d.cn"}, "email"),
        ({"role": "filer", "name": "郑新人", "email": "no address"}, "email"),
    ],
)
def test_what_cannot_be_invited_is_told_and_kept(world: Province, sign_in: SignIn, typed: dict[str, str], field: str):
    address = reverse("institutions:invitation-create", args=[world.a.public_id])
    page = sign_in(world.signer_a).post(address, typed)
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {field}
    assert not Invitation.objects.exists()


def test_open_invitations_are_limited(world: Province, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(actions, "MOST_OPEN", 2)
    invited(world)
    second, _secret = invited(world)
    with pytest.raises(NotInvited):
        invited(world)
    actions.revoke(invitation=second, by=world.signer_a)
    invited(world)


def test_a_revoked_invitation_keeps_who_revoked_it(world: Province):
    invitation, _secret = invited(world)
    actions.revoke(invitation=invitation, by=world.gulou_reviewer)
    actions.revoke(invitation=invitation, by=world.signer_a)
    assert invitation.revoked_by == world.gulou_reviewer
    assert Event.objects.filter(verb="invitation.revoked").count() == 1


def test_the_signer_ends_a_role_with_a_reason(world: Province, sign_in: SignIn):
    client, theirs = sign_in(world.signer_a), sign_in(world.filer_a)
    assert theirs.get("/filings/").status_code == 200
    address = reverse("institutions:membership-end", args=[world.filer_a.pk])
    assert client.post(address, {"end-reason": " "}).status_code == 422
    assert Membership.objects.get(pk=world.filer_a.pk).ended_at is None
    assert client.post(address, {"end-reason": "调离"}).url == people_of(world.a)
    assert theirs.get("/filings/").status_code == 403
    event = Event.objects.get(verb="membership.ended")
    assert (event.actor, event.details["reason"], event.scope) == (world.signer_a.user, "调离", world.gulou.path)


def test_nobody_ends_their_own_role(world: Province, sign_in: SignIn):
    address = reverse("institutions:membership-end", args=[world.signer_a.pk])
    assert sign_in(world.signer_a).post(address, {"end-reason": "离职"}).status_code == 403
    assert Membership.objects.get(pk=world.signer_a.pk).ended_at is None


@pytest.mark.parametrize("role", ["filer_a", "signer_b", "taijiang_reviewer", "system_admin", "audit_admin"])
def test_others_manage_nobody(world: Province, role: str):
    invitation, _secret = invited(world)
    before, by = state_of_rows(), getattr(world, role)
    for act in (
        lambda: actions.invite(place=world.a, role="filer", name="甲", by=by),
        lambda: actions.revoke(invitation=invitation, by=by),
        lambda: actions.end(membership=world.signer_a, reason="试", by=by),
        lambda: actions.hand_over(membership=world.signer_a, to=world.filer_a.user, reason="试", by=by),
        lambda: actions.hand_over_by_invitation(
            membership=world.signer_a, name="甲", email="", at_once=False, reason="试", by=by
        ),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert state_of_rows() == before


def test_hand_over_to_a_colleague_moves_the_role_and_the_unread_notices(world: Province, sign_in: SignIn):
    colleague = a_membership(Role.FILER, world.a, a_user("second", name="陈丽"))
    for key, about in (("one", world.a), ("two", world.b)):
        notify(
            recipients=[world.signer_a.user], kind="urge", subject_zh=f"催报{key}", subject_en="Urged", institution=about,
            once_key=key,
        )  # fmt: skip
    address = reverse("institutions:membership-hand-over", args=[world.signer_a.pk])
    typed = {"hand-to": str(colleague.user_id), "hand-when": "accepted", "hand-reason": "退休"}
    assert sign_in(world.gulou_reviewer).post(address, typed).url == people_of(world.a)
    new = Membership.objects.current().get(user=colleague.user, role=Role.SIGNER)
    assert Membership.objects.get(pk=world.signer_a.pk).ended_at is not None
    assert list(Notice.objects.filter(kind="urge", recipient=new.user).values_list("subject_zh", "read_at")) == [
        ("催报one", None)
    ]
    assert Notice.objects.filter(kind="urge", recipient=world.signer_a.user).count() == 2
    told = Notice.objects.filter(subject_en__contains="handed the role").values_list("recipient__username", flat=True)
    assert sorted(told) == ["filer-a", "second", "signer-a"]
    event = Event.objects.get(verb="membership.handed-over")
    assert event.details == {
        "role": "signer", "from": "signer-a", "to": "second", "reason": "退休", "notices": 1,
    }  # fmt: skip
    assert event.actor == world.gulou_reviewer.user


def test_a_signer_hands_over_to_somebody_new_and_keeps_the_role_until_then(world: Province, sign_in: SignIn):
    address = reverse("institutions:membership-hand-over", args=[world.signer_a.pk])
    typed = {"hand-name": "郑新签", "hand-when": "accepted", "hand-reason": "退休"}
    page = sign_in(world.signer_a).post(address, typed)
    secret = SECRET.findall(page.content.decode())[0]
    assert Membership.objects.get(pk=world.signer_a.pk).ended_at is None
    user = accept(secret=secret, username="zheng", name="郑新签", password=NEW)
    assert Membership.objects.get(pk=world.signer_a.pk).ended_at is not None
    assert [one.role for one in user.current_memberships] == [Role.SIGNER]


def test_the_county_hands_over_for_somebody_who_left_already(world: Province, sign_in: SignIn):
    address = reverse("institutions:membership-hand-over", args=[world.filer_a.pk])
    typed = {"hand-name": "郑新填", "hand-when": "now", "hand-reason": "已离职，无法联系"}
    page = sign_in(world.gulou_reviewer).post(address, typed)
    assert page.context["made"].replaces == world.filer_a
    assert Membership.objects.get(pk=world.filer_a.pk).ended_at is not None
    accept(secret=SECRET.findall(page.content.decode())[0], username="zheng", name="郑新填", password=NEW)
    assert Event.objects.get(verb="membership.handed-over").details["reason"] == "已离职，无法联系"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"hand-when": "accepted", "hand-reason": "退休"}, "name"),
        ({"hand-name": "郑", "hand-when": "accepted", "hand-reason": ""}, "reason"),
        ({"hand-name": "郑", "hand-when": "now", "hand-reason": "退休"}, "when"),
        ({"hand-to": "999999", "hand-when": "accepted", "hand-reason": "退休"}, "to"),
    ],
)
def test_a_hand_over_that_is_not_possible_changes_nothing(
    world: Province, sign_in: SignIn, typed: dict[str, str], field: str
):
    before = state_of_rows()
    address = reverse("institutions:membership-hand-over", args=[world.signer_a.pk])
    page = sign_in(world.signer_a).post(address, typed)
    assert page.status_code == 422
    assert set(page.context["hand"].errors) == {field}
    assert state_of_rows() == before


def test_the_administrator_of_an_institution_fills_in_and_manages_people_but_does_not_sign(
    world: Province, sign_in: SignIn
):
    admin = a_membership(Role.UNIT_ADMIN, world.a, a_user("admin-a"))
    client = sign_in(admin)
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    assert client.get("/").status_code == client.get("/filings/").status_code == 200
    assert client.get(people_of(world.b)).status_code == 404
    address = reverse("institutions:membership-end", args=[world.filer_a.pk])
    assert client.post(address, {"end-reason": "离职"}).status_code == 302
    assert admin.may("fill")  # type: ignore[arg-type]
    assert not admin.may("sign")  # type: ignore[arg-type]


def test_an_institution_has_several_filers_and_signers_and_each_of_them_acts(world: Province):
    for role, username in (("filer", "second-filer"), ("signer", "second-signer")):
        _invitation, secret = invited(world, role=role)
        accept(secret=secret, username=username, name=username, password=NEW)
    held = Membership.objects.filter(institution=world.a, ended_at=None)
    assert sorted(held.values_list("role", flat=True)) == ["filer", "filer", "signer", "signer"]
    filing = a_filing(open_round(world), world.a)
    fill(filing, held.get(user__username="second-filer"))
    revision = sign_and_submit(filing, held.get(user__username="second-signer"))
    assert (revision.signer.username, fresh(filing).state) == ("second-signer", "in_review")


def test_a_closed_institution_invites_nobody(world: Province, sign_in: SignIn):
    Institution.objects.filter(pk=world.a.pk).update(status="closed")
    address = reverse("institutions:invitation-create", args=[world.a.public_id])
    assert sign_in(world.gulou_reviewer).post(address, {"role": "filer", "name": "郑"}).status_code == 403
    assert not Invitation.objects.exists()
