"""Who may open the pages about people. The people, and what was made for them, belong to institution A in 鼓楼."""

from collections.abc import Mapping
from typing import Any

from institutions.enrolment.actions import invite
from tests.access_matrix import ABOVE, EVERYBODY, INSTITUTION, Row, only, public
from tests.factories.institutions import Province

OUTSIDE = {"other_filer": 404, "sibling": 404, "other_prefecture": 404}
KEEPERS = ("signer", *ABOVE)


def _of_a(world: Province) -> Mapping[str, Any]:
    return {"public_id": world.a.public_id}


def _filer(world: Province) -> Mapping[str, Any]:
    return {"pk": world.filer_a.pk}


def _invitation(world: Province) -> Mapping[str, Any]:
    invitation, _secret = invite(institution=world.a, role="filer", name="新人", by=world.signer_a)
    return {"pk": invitation.pk}


ROWS = {
    "institutions:people-list": Row(args=_of_a, get=only(*INSTITUTION, *ABOVE) | OUTSIDE),
    "institutions:people-own": Row(get=only(*INSTITUTION, "other_filer")),
    "institutions:invitation-create": Row(
        args=_of_a, post=only(*KEEPERS) | OUTSIDE, data=lambda world: {"role": "filer", "name": "新人"}
    ),
    "institutions:invitation-revoke": Row(args=_invitation, post=only(*KEEPERS, ok=302) | OUTSIDE),
    "institutions:membership-detail": Row(args=_filer, get=only(*INSTITUTION, *ABOVE) | OUTSIDE),
    "institutions:membership-end": Row(
        args=_filer, post=only(*KEEPERS, ok=302) | OUTSIDE, data=lambda world: {"end-reason": "离职"}
    ),
    "institutions:membership-hand-over": Row(
        args=_filer,
        post=only(*KEEPERS) | OUTSIDE,
        data=lambda world: {"hand-name": "新人", "hand-when": "accepted", "hand-reason": "离职"},
    ),
    "institutions:invitation-accept": Row(
        get=only(*EVERYBODY, anonymous=200), post=public(404), data=lambda world: {"code": "zi_unknown"}
    ),
}
