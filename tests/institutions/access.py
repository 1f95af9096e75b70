"""Who may open the pages of institutions and accounts, and the few at the root."""

from tests.access_matrix import ABOVE, BUREAUS, EVERYBODY, INSTITUTION, Row, only, public
from tests.factories.institutions import PASSWORD, Province


def _authorisation(world: Province) -> dict[str, int]:
    return {"pk": world.fuzhou.grants.get().pk}


ROWS = {
    "home": Row(get=only(*EVERYBODY)),
    "healthz": Row(get=public(503)),  # no worker runs beside the test
    "language-set": Row(post=public(302), data=lambda world: {"language": "en"}),
    "login": Row(
        get=only(*EVERYBODY, ok=302, anonymous=200),
        post=only(*EVERYBODY, ok=302, anonymous=422),
        data=lambda world: {"username": "gulou", "password": "wrong"},
    ),
    "logout": Row(post=public(302)),
    "profile": Row(get=only(*EVERYBODY)),
    "password-change": Row(
        get=only(*EVERYBODY),
        post=only(*EVERYBODY, ok=302),
        data=lambda world: {"old": PASSWORD, "new": "Osmanthus-8642", "again": "Osmanthus-8642"},
    ),
    "details-change": Row(
        get=only(*EVERYBODY),
        post=only(*EVERYBODY, ok=302),
        data=lambda world: {"email": "new@example.com", "phone": "0591-87804684", "password": PASSWORD},
    ),
    "sessions-end": Row(post=only(*EVERYBODY, ok=302)),
    "membership-switch": Row(
        post=only("filer", ok=302, refused=404), data=lambda world: {"membership": str(world.filer_a.pk)}
    ),
    "institutions:institution-list": Row(get=only(*BUREAUS)),
    "institutions:institution-detail": Row(
        args=lambda world: {"public_id": world.a.public_id},
        get=only(*INSTITUTION, *ABOVE) | {"other_filer": 404, "sibling": 404, "other_prefecture": 404},
    ),
    "institutions:authorisation-list": Row(get=only(*BUREAUS, "system_admin")),
    "institutions:authorisation-give": Row(
        get=only("province"),
        post=only("province", ok=302),
        data=lambda world: {"bureaus": [world.quanzhou.code], "reason": "年度审核"},
    ),
    "institutions:authorisation-detail": Row(
        args=_authorisation,
        get=only("province", "prefecture", "system_admin") | {"county": 404, "sibling": 404, "other_prefecture": 404},
    ),
    "institutions:inspector-give": Row(
        get=only("province", "system_admin"),
        post=only("province", "system_admin", ok=302),
        data=lambda world: {
            "person": world.taijiang_reviewer.pk,
            "institution": world.a.uscc,
            "reason": "督查",
            "ends_on": "2099-12-31",
        },
    ),
    "institutions:stand-in-give": Row(
        get=only("province", "system_admin"),
        post=only("province", "system_admin", ok=302),
        data=lambda world: {
            "person": world.taijiang_reviewer.pk,
            "bureau": world.gulou.code,
            "reason": "代审",
            "ends_on": "2099-12-31",
        },
    ),
    "institutions:authorisation-withdraw": Row(
        args=_authorisation, post=only("province", ok=302), data=lambda world: {"reason": "人员变动"}
    ),
    "institutions:account-list": Row(get=only("system_admin")),
    "institutions:account-activate": Row(
        args=lambda world: {"pk": world.filer_a.user_id}, post=only("system_admin", ok=302)
    ),
    "institutions:account-deactivate": Row(
        args=lambda world: {"pk": world.filer_a.user_id}, post=only("system_admin", ok=302)
    ),
    "institutions:account-password": Row(args=lambda world: {"pk": world.filer_a.user_id}, post=only("system_admin")),
    "institutions:policy-list": Row(get=only("security_admin")),
    "institutions:help-line-list": Row(
        get=only(*BUREAUS, "system_admin"),
        post=only(*BUREAUS, "system_admin", ok=302),
        data=lambda world: {"filling-name": "陈区审", "filling-phone": "0591-87800102"},
    ),
}
