"""Who may open the pages about people. The people, and what was made for them, belong to institution A in 鼓楼."""

from collections.abc import Mapping
from typing import Any

from institutions.enrolment.actions import invite
from institutions.enrolment.applying import apply
from tests.access_matrix import ABOVE, BUREAUS, EVERYBODY, INSTITUTION, Row, only, public
from tests.factories.institutions import Province

OUTSIDE = {"other_filer": 404, "sibling": 404, "other_prefecture": 404}
KEEPERS = ("signer", *ABOVE)


def _of_a(world: Province) -> Mapping[str, Any]:
    return {"public_id": world.a.public_id}


def _filer(world: Province) -> Mapping[str, Any]:
    return {"pk": world.filer_a.pk}


def _invitation(world: Province) -> Mapping[str, Any]:
    invitation, _secret = invite(place=world.a, role="filer", name="新人", by=world.signer_a)
    return {"pk": invitation.pk}


def an_application(world: Province) -> Mapping[str, Any]:
    """One for institution A whose certificate the register does not know."""
    application, _code = apply(
        uscc=world.a.uscc, certificate_number="221300000001", institution=world.a.name, bureau=world.gulou, role="filer",
        name="郑新人", phone="0591-87804684", username="zheng", password="Osmanthus-8642",
    )  # fmt: skip
    return {"public_id": application.public_id}


ELSEWHERE = {"sibling": 404, "other_prefecture": 404}
# Who manages accounts manages people of bureaus, and finds nobody of an institution.
ROLES_OUTSIDE = OUTSIDE | {"system_admin": 404}
ROWS = {
    "institutions:people-list": Row(args=_of_a, get=only(*INSTITUTION, *ABOVE) | OUTSIDE),
    "institutions:people-own": Row(get=only(*INSTITUTION, "other_filer")),
    "institutions:invitation-create": Row(
        args=_of_a, post=only(*KEEPERS) | OUTSIDE, data=lambda world: {"role": "filer", "name": "新人"}
    ),
    "institutions:invitation-revoke": Row(args=_invitation, post=only(*KEEPERS, ok=302) | ROLES_OUTSIDE),
    "institutions:membership-detail": Row(args=_filer, get=only(*INSTITUTION, *ABOVE) | ROLES_OUTSIDE),
    "institutions:membership-end": Row(
        args=_filer, post=only(*KEEPERS, ok=302) | ROLES_OUTSIDE, data=lambda world: {"end-reason": "离职"}
    ),
    "institutions:membership-hand-over": Row(
        args=_filer,
        post=only(*KEEPERS) | ROLES_OUTSIDE,
        data=lambda world: {"hand-name": "新人", "hand-when": "accepted", "hand-reason": "离职"},
    ),
    # Whoever may, finds that nothing closed the account.
    "institutions:membership-reopen": Row(
        args=_filer, post=only() | ROLES_OUTSIDE, data=lambda world: {"open-reason": "本人申请"}
    ),
    "institutions:invitation-accept": Row(
        get=only(*EVERYBODY, anonymous=200), post=public(404), data=lambda world: {"code": "zi_unknown"}
    ),
    "institutions:contact-check": Row(
        get=only(*INSTITUTION, "other_filer"),
        post=only(*INSTITUTION, "other_filer", ok=302),
        data=lambda world: {"contact_name": "陈联系", "contact_phone": "0591-87804684"},
    ),
    "institutions:bureau-people": Row(get=only("system_admin")),
    "institutions:bureau-invite": Row(
        args=lambda world: {"code": world.gulou.code},
        post=only("system_admin"),
        data=lambda world: {"role": "reviewer", "name": "新审核"},
    ),
    "institutions:application-new": Row(get=public(), post=public(422)),
    "institutions:application-status": Row(get=public(), post=public(404), data=lambda world: {"code": "AAAA"}),
    "institutions:application-list": Row(get=only(*BUREAUS)),
    "institutions:application-detail": Row(args=an_application, get=only(*ABOVE) | ELSEWHERE),
    "institutions:application-approve": Row(
        args=an_application, post=only(*ABOVE, ok=302) | ELSEWHERE, data=lambda world: {"compared": "on"}
    ),
    "institutions:application-refuse": Row(
        args=an_application, post=only(*ABOVE, ok=302) | ELSEWHERE, data=lambda world: {"reason": "证书已过期"}
    ),
}
