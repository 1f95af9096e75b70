"""People register themselves; a bureau compares and decides; the answer tells nothing of the register."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from threading import Thread

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from institutions.enrolment import applying
from institutions.enrolment.applying import DecidedAlready
from institutions.enrolment.errors import NotAllowed, NotInvited
from institutions.enrolment.home import applications
from institutions.enrolment.models_applying import Application
from institutions.models import Institution, Membership, User
from institutions.roles import Role
from portal.inbox.models import Notice
from portal.trail.models import Event
from tests.factories.institutions import Province, a_certificate, a_uscc, build_province

SignIn = Callable[[Membership], Client]
CODE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}")
NEW = "Osmanthus-8642"
APPLY, STATUS, LIST = "/register/", "/register/status/", "/applications/"


def typed(world: Province, **changed: str) -> dict[str, str]:
    return {
        "uscc": world.a.uscc, "certificate_number": "221300000001", "institution_name": "福建甲检测有限公司",
        "bureau": world.gulou.code, "role": "unit_admin", "name": "郑新人", "phone": "0591-87804684", "username": "Zheng",
        "password": NEW, "password_again": NEW, **changed,
    }  # fmt: skip


def applied(world: Province, **changed: str) -> tuple[Application, str]:
    entered = typed(world, **changed)
    entered["institution"] = entered.pop("institution_name")
    del entered["password_again"]
    bureau = {one.code: one for one in (world.gulou, world.taijiang, world.pingtan)}[entered.pop("bureau")]
    return applying.apply(**entered, bureau=bureau)


@pytest.fixture
def certificate(world: Province) -> None:
    a_certificate(world.a, number="221300000001")
    a_certificate(world.b, number="221300000002")


def words_of(page: str, *hidden: str) -> str:
    """The page without what differs from visit to visit."""
    page = re.sub(r'(csrfmiddlewaretoken" value|csrf-token" content)="[^"]+"', "TOKEN", page)
    page = CODE.sub("CODE", re.sub(r"[2-9A-Z]{4}-[2-9A-Z]{4}(?!-)", "REF", CODE.sub("CODE", page)))
    for words in hidden:
        page = page.replace(words, "X")
    return page


def everything() -> Iterable[object]:
    return (
        list(User.objects.order_by("pk").values()), list(Membership.objects.order_by("pk").values()),
        list(Application.objects.order_by("pk").values()), list(Institution.objects.order_by("pk").values()),
    )  # fmt: skip


@pytest.mark.usefixtures("certificate")
def test_the_answer_is_the_same_whatever_the_register_says(world: Province, client: Client):
    pages = []
    for changed in (
        {},
        {"certificate_number": "999"},
        {"uscc": a_uscc(), "certificate_number": "221300000002"},
        {"uscc": a_uscc(), "certificate_number": "999"},
        {"username": "gulou"},  # a name that is taken
    ):
        page = client.post(APPLY, typed(world, **changed))
        assert page.status_code == 200
        pages.append(words_of(page.content.decode()))
    assert len(set(pages)) == 1
    assert list(Application.objects.order_by("pk").values_list("match", flat=True)) == [
        "agrees", "code", "certificate", "unknown", "agrees",
    ]  # fmt: skip


@pytest.mark.usefixtures("certificate")
def test_an_application_goes_to_the_home_bureau_of_the_institution(world: Province, sign_in: SignIn):
    """Whatever county was named; one that the register does not know goes to the county that was named."""
    known, _code = applied(world, bureau=world.taijiang.code)
    unknown, _code = applied(world, uscc=a_uscc(), bureau=world.taijiang.code)
    listed = {
        role: [one.pk for one in sign_in(getattr(world, role)).get(LIST).context["page"]]
        for role in ("gulou_reviewer", "taijiang_reviewer", "fuzhou_reviewer", "quanzhou_reviewer", "statistician")
    }
    assert listed == {
        "gulou_reviewer": [known.pk], "taijiang_reviewer": [unknown.pk], "fuzhou_reviewer": [known.pk, unknown.pk],
        "quanzhou_reviewer": [], "statistician": [known.pk, unknown.pk],
    }  # fmt: skip
    told = Notice.objects.order_by("pk").values_list("recipient__username", "link")
    assert list(told) == [("gulou", known.get_absolute_url()), ("taijiang", unknown.get_absolute_url())]


def test_home_counts_what_the_list_holds(world: Province, sign_in: SignIn):
    applied(world)
    applied(world, uscc=a_uscc(), bureau=world.taijiang.code)
    for membership, number in ((world.gulou_reviewer, 1), (world.fuzhou_reviewer, 2), (world.licheng_reviewer, 0)):
        assert applications(membership).context == {"waiting": number}
        client = sign_in(membership)
        assert len(client.get(LIST).context["page"].object_list) == number
        assert 'id="applications-part"' in client.get("/").content.decode()


@pytest.mark.usefixtures("certificate")
def test_an_approval_makes_account_and_role_and_tells_the_applicant(world: Province, client: Client, sign_in: SignIn):
    _application, code = applied(world, email="zheng@example.com")
    application = Application.objects.get()
    county = sign_in(world.gulou_reviewer)
    assert county.post(f"{application.get_absolute_url()}approve/").url == LIST
    user = User.objects.get(username="zheng")
    assert (user.name, user.phone, user.must_change_password) == ("郑新人", "0591-87804684", False)
    [membership] = user.current_memberships
    assert (membership.role, membership.institution) == (Role.UNIT_ADMIN, world.a)
    application.refresh_from_db()
    assert (application.state, application.password, application.decided_by) == ("approved", "", world.gulou_reviewer)
    page = client.post(STATUS, {"code": f" {code.lower().replace('-', ' ')} "})
    assert "zheng" in page.content.decode()
    assert client.post("/login/", {"username": "zheng", "password": NEW}).url == "/"
    assert client.get("/filings/").status_code == 200
    assert Notice.objects.filter(recipient=user, subject_en__contains="is open").count() == 1
    assert set(Notice.objects.filter(subject_en__contains="approved by").values_list("recipient__username", flat=True)) == {
        "filer-a", "signer-a",
    }  # fmt: skip
    assert Event.objects.get(verb="application.approved").scope == world.gulou.path


@pytest.mark.usefixtures("certificate")
def test_a_taken_name_gets_a_number_and_the_applicant_reads_it(world: Province, client: Client):
    application, code = applied(world, username="gulou")
    new = applying.approve(application=application, by=world.gulou_reviewer)
    assert new.user.username == "gulou2"
    assert "gulou2" in client.post(STATUS, {"code": code}).content.decode()


def test_what_the_register_does_not_bear_out_wants_a_second_look(world: Province, sign_in: SignIn):
    application, _code = applied(world)
    client, before = sign_in(world.gulou_reviewer), everything()
    page = client.post(f"{application.get_absolute_url()}approve/")
    assert page.status_code == 422
    assert everything() == before
    assert client.post(f"{application.get_absolute_url()}approve/", {"compared": "on"}).status_code == 302


def test_an_institution_that_is_new_is_registered_with_the_approval(world: Province):
    code = a_uscc()
    application, _code = applied(world, uscc=code, institution_name="福州新(检)测有限公司")
    new = applying.approve(application=application, by=world.gulou_reviewer, compared=True)
    made = Institution.objects.get(uscc=code)
    assert (made.name, made.home_bureau, made.region_code) == ("福州新（检）测有限公司", world.gulou, "350102")
    assert new.institution == made
    assert Event.objects.filter(verb="institution.registered").count() == 1


def test_a_refusal_needs_its_reason_and_the_applicant_reads_it(world: Province, client: Client, sign_in: SignIn):
    application, code = applied(world, email="zheng@example.com")
    county = sign_in(world.gulou_reviewer)
    assert county.post(f"{application.get_absolute_url()}refuse/", {"reason": " "}).status_code == 422
    assert county.post(f"{application.get_absolute_url()}refuse/", {"reason": "证书已过期，请更新"}).url == LIST
    page = client.post(STATUS, {"code": code}).content.decode()
    assert "证书已过期，请更新" in page
    assert "0591-00000102" in page
    assert "证书已过期，请更新" in mail.outbox[-1].body
    assert Application.objects.get().password == ""
    assert not User.objects.filter(username="zheng").exists()


def test_who_decides_second_is_told(world: Province, sign_in: SignIn):
    application, _code = applied(world)
    applying.refuse(application=application, reason="重复申请", by=world.gulou_reviewer)
    client, before = sign_in(world.fuzhou_reviewer), everything()
    with pytest.raises(DecidedAlready):
        applying.approve(application=application, by=world.fuzhou_reviewer, compared=True)
    answer = client.post(f"{application.get_absolute_url()}refuse/", {"reason": "再"})
    assert answer.status_code == 409
    assert everything() == before


@pytest.mark.parametrize("role", ["taijiang_reviewer", "quanzhou_reviewer", "signer_a", "system_admin"])
def test_others_decide_nothing(world: Province, role: str):
    application, _code = applied(world)
    before, by = everything(), getattr(world, role)
    for act in (
        lambda: applying.approve(application=application, by=by, compared=True),
        lambda: applying.refuse(application=application, reason="试", by=by),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert everything() == before


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"uscc": "91350100000000001O"}, "uscc"),
        ({"uscc": "\u200b"}, "uscc"),
        ({"certificate_number": ""}, "certificate_number"),
        ({"bureau": "350100"}, "bureau"),  # a prefecture with counties
        ({"bureau": "x"}, "bureau"),
        ({"role": "reviewer"}, "role"),
        ({"phone": ""}, "phone"),
        ({"email": "none"}, "email"),
        ({"username": "\x00"}, "username"),
        ({"password": "short", "password_again": "short"}, "password"),
        ({"password_again": "other"}, "password_again"),
    ],
)
def test_what_does_not_do_is_told_and_kept(world: Province, client: Client, changed: dict[str, str], field: str):
    page = client.post(APPLY, typed(world, **changed))
    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert not Application.objects.exists()
    assert "福建甲检测有限公司" in page.content.decode()
    assert NEW not in page.content.decode()


def test_lists_are_not_to_be_filled_nor_codes_guessed(world: Province, client: Client, settings, monkeypatch):
    settings.APPLICATIONS_AN_HOUR, settings.FOLLOW_UPS_A_MINUTE = 2, 2
    statuses = [client.post(APPLY, typed(world, uscc=a_uscc())).status_code for _time in range(3)]
    assert statuses == [200, 200, 429]
    assert [client.post(STATUS, {"code": "AAAA-BBBB-CCCC"}).status_code for _time in range(3)] == [404, 404, 429]
    monkeypatch.setattr(applying, "MOST_WAITING", 1)
    applied(world)
    with pytest.raises(NotInvited):
        applied(world)


@pytest.mark.parametrize("code", ["\u200b", "x" * 300, "\x00", "' OR 1=1--", "ＡＡＡＡ"])
def test_a_follow_up_code_that_is_none_is_no_error(db: None, client: Client, code: str):
    assert client.post(STATUS, {"code": code}).status_code in (404, 422)


def test_the_code_is_kept_nowhere(world: Province, client: Client):
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.post(APPLY, typed(world, email="zheng@example.com"))
    code = CODE.findall(page.content.decode())[0]
    assert "no-store" in page["Cache-Control"]
    assert CODE.findall(mail.outbox[0].body) == [code] * 2
    kept = str(list(Application.objects.values())) + str(list(Event.objects.values()))
    assert code not in kept
    assert code.replace("-", "") not in kept
    assert NEW not in kept


@pytest.mark.parametrize("many", [1, 5])
def test_lists_cost_the_same_for_one_row_and_five(
    world: Province, sign_in: SignIn, django_assert_num_queries, many: int
):
    for _number in range(many):
        applied(world, uscc=a_uscc())
    client = sign_in(world.gulou_reviewer)
    client.get(LIST)
    # session, person with memberships; count of the page, rows, count of what waits; unread
    with django_assert_num_queries(6):
        assert len(client.get(LIST).context["page"].object_list) == many


def test_the_page_of_an_institution_moved_meanwhile_follows_it(world: Province, sign_in: SignIn):
    application, _code = applied(world)
    Institution.objects.filter(pk=world.a.pk).update(home_bureau=world.taijiang)
    assert sign_in(world.gulou_reviewer).get(application.get_absolute_url()).status_code == 404
    assert sign_in(world.taijiang_reviewer).get(application.get_absolute_url()).status_code == 200


def test_the_database_refuses_half_decisions(world: Province):
    applied(world)
    for values in (
        {"state": "approved"},
        {"state": "refused"},
        {"role": "reviewer"},
        {"decided_by": world.gulou_reviewer},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Application.objects.update(**values)


def test_the_address_of_a_page_is_in_no_other_room():
    assert (reverse("institutions:application-new"), reverse("institutions:application-status")) == (APPLY, STATUS)


@pytest.mark.parametrize("number", ["ａ１２ ３", "A123", "a 123"])
def test_a_certificate_is_known_in_any_writing(world: Province, number: str):
    a_certificate(world.a, number="Ａ12 3")
    assert applying.compare(world.a.uscc, number) == ("agrees", world.a)
    assert applying.compare(world.b.uscc, number) == ("code", world.b)
    a_certificate(world.b, number="B9")
    assert applying.compare(a_uscc(), "ｂ９") == ("certificate", None)
    assert applying.compare(a_uscc(), "") == ("unknown", None)


@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_once_one_counts():
    world = build_province()
    application, _code = applied(world)
    outcomes: list[str] = []

    def decide(name: str) -> None:
        try:
            if name == "approve":
                applying.approve(application=application, by=world.gulou_reviewer, compared=True)
            else:
                applying.refuse(application=application, reason="重复", by=world.fuzhou_reviewer)
            outcomes.append("done")
        except DecidedAlready:
            outcomes.append("late")
        finally:
            connection.close()

    threads = [Thread(target=decide, args=[name]) for name in ("approve", "refuse", "approve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["done", "late", "late"]
    approved = Application.objects.get().state == "approved"
    assert User.objects.filter(username="zheng").count() == approved
