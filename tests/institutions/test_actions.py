"""The register and the appointments: what is written, its event, and that a refusal writes nothing."""

import datetime as dt
from typing import Any

import pytest

from institutions import actions
from institutions.models import Certificate, Institution, Membership, Site
from institutions.roles import Role
from institutions.uscc import BadUscc
from portal.trail.models import Event
from tests.factories.institutions import Province, a_site, a_uscc, a_user


def register(world: Province, **changed: Any) -> Institution:
    return actions.register_institution(
        **{
            "uscc": a_uscc(),
            "name": "福建己检测有限公司",
            "home_bureau": world.gulou,
            "region_code": "350102",
            "by": world.gulou_reviewer,
            **changed,
        }
    )


def test_register_institution_normalises_and_leaves_an_event(world: Province):
    code = a_uscc()
    institution = register(
        world, uscc=f" {code.lower()} ", name=" 福建(己)检测\u202e有限公司 ", contact_phone="０５９１－８７８０４６８４"
    )
    institution.refresh_from_db()
    assert (institution.uscc, institution.name, institution.contact_phone) == (
        code,
        "福建（己）检测有限公司",
        "0591-87804684",
    )
    event = Event.objects.get(verb="institution.registered")
    assert (event.actor, event.object_id, event.scope) == (
        world.gulou_reviewer.user,
        str(institution.pk),
        world.gulou.path,
    )


def test_register_institution_twice_is_refused_whatever_the_name(world: Province):
    before = Institution.objects.count()
    with pytest.raises(actions.RegisteredAlready):
        register(world, uscc=world.d.uscc, name="换了名字")
    assert Institution.objects.count() == before
    assert not Event.objects.filter(verb="institution.registered").exists()


def test_register_institution_with_a_bad_code_or_no_name_is_refused(world: Province):
    before = Institution.objects.count()
    with pytest.raises(BadUscc):
        register(world, uscc="91350100")
    with pytest.raises(actions.BadEntry):
        register(world, name="\u200b")
    with pytest.raises(actions.BadEntry):
        register(world, name="长" * 201)
    assert Institution.objects.count() == before


@pytest.mark.parametrize("by", ["taijiang_reviewer", "quanzhou_reviewer", "filer_a", "system_admin"])
def test_register_institution_outside_ones_scope_or_role_is_refused(world: Province, by: str):
    before = Institution.objects.count()
    with pytest.raises(actions.NotAllowed):
        register(world, by=getattr(world, by))
    assert Institution.objects.count() == before


def test_rename_institution_keeps_the_old_name_in_the_trail(world: Province):
    actions.rename_institution(institution=world.a, name="福建甲检测集团", by=world.fuzhou_reviewer)
    world.a.refresh_from_db()
    assert world.a.name == "福建甲检测集团"
    assert Event.objects.get(verb="institution.renamed").details == {
        "from": "福建甲检测有限公司",
        "to": "福建甲检测集团",
    }


def test_rename_institution_to_its_own_name_leaves_no_event(world: Province):
    actions.rename_institution(institution=world.a, name=" 福建甲检测有限公司", by=world.gulou_reviewer)
    assert not Event.objects.filter(verb="institution.renamed").exists()


def test_close_institution_stops_its_people_and_needs_a_reason(world: Province):
    with pytest.raises(actions.BadEntry):
        actions.close_institution(institution=world.a, reason="  ", by=world.gulou_reviewer)
    assert Institution.objects.get(pk=world.a.pk).status == "active"
    actions.close_institution(institution=world.a, reason="注销", by=world.gulou_reviewer)
    assert Institution.objects.get(pk=world.a.pk).status == "closed"
    assert set(Membership.objects.current().exclude(institution=None)) == {world.filer_b, world.signer_b}
    with pytest.raises(actions.NotAllowed):
        actions.rename_institution(institution=world.a, name="又改", by=world.gulou_reviewer)


def certificate(world: Province, **changed: Any) -> Certificate:
    return actions.add_certificate(
        **{
            "institution": world.a,
            "kind": "1",
            "number": "221312345678",
            "issuer": "福建省市场监督管理局",
            "issued_on": dt.date(2022, 3, 1),
            "expires_on": dt.date(2028, 2, 29),
            "by": world.gulou_reviewer,
            **changed,
        }
    )


def test_add_certificate_takes_the_institutions_name(world: Province):
    assert certificate(world, number=" 2213 12345678").name_on_certificate == "福建甲检测有限公司"
    assert Event.objects.filter(verb="certificate.added").count() == 1


def test_add_certificate_twice_or_with_days_turned_round_is_refused(world: Province):
    certificate(world)
    with pytest.raises(actions.RegisteredAlready):
        certificate(world, institution=world.b)
    with pytest.raises(actions.BadEntry):
        certificate(world, number="9", expires_on=dt.date(2022, 3, 1))
    assert Certificate.objects.count() == 1


def test_add_site_first_is_the_main_one_and_a_new_main_one_takes_the_mark(world: Province):
    a_site(world.b)
    for name, is_main in (("一号", False), ("二号", False), ("三号", True)):
        actions.add_site(
            institution=world.a, name=name, region_code="350102", address="路", is_main=is_main, by=world.gulou_reviewer
        )
    assert list(Site.objects.filter(institution=world.a).values_list("number", "name", "is_main")) == [
        (1, "一号", False),
        (2, "二号", False),
        (3, "三号", True),
    ]
    assert world.b.sites.get().is_main is True


def test_appoint_and_end_leave_their_events(world: Province):
    person = a_user()
    membership = actions.appoint(user=person, role=Role.SIGNER, place=world.c, by=world.system_admin)
    assert list(person.memberships.current()) == [membership]
    actions.end_membership(membership=membership, by=world.system_admin)
    actions.end_membership(membership=membership, by=world.system_admin)
    assert list(person.memberships.current()) == []
    events = Event.objects.filter(verb__startswith="membership.").order_by("id")
    assert [(one.verb, one.scope) for one in events] == [
        ("membership.begun", world.taijiang.path),
        ("membership.ended", world.taijiang.path),
    ]


def test_appoint_refuses_what_does_not_fit(world: Province):
    before = Membership.objects.count()
    with pytest.raises(actions.BadEntry):
        actions.appoint(user=a_user(), role=Role.REVIEWER, place=world.a, by=world.system_admin)
    with pytest.raises(actions.BadEntry):
        actions.appoint(user=a_user(), role=Role.FILER, place=world.gulou, by=world.system_admin)
    with pytest.raises(actions.AppointedAlready):
        actions.appoint(user=world.filer_a.user, role=Role.FILER, place=world.a, by=world.system_admin)
    with pytest.raises(actions.AppointedAlready):
        actions.appoint(user=world.audit_admin.user, role=Role.SECURITY_ADMIN, place=world.gulou, by=world.system_admin)
    with pytest.raises(actions.NotAllowed):
        actions.appoint(user=a_user(), role=Role.FILER, place=world.a, by=world.statistician)
    assert Membership.objects.count() == before
    assert not Event.objects.filter(verb="membership.begun").exists()
