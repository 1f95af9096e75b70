"""An account in whose name a laboratory system sends numbers is in use, though its person never signs in."""

from __future__ import annotations

import datetime as dt

from institutions.enrolment.idle import sweep
from institutions.enrolment.models_idle import IdleWarning
from institutions.models import User
from portal.clock import database_now
from reports.numbers import tokens
from reports.numbers.models import ApiToken
from tests.factories.institutions import Province, build_province

DAY = dt.timedelta(days=1)


def test_a_used_token_keeps_the_account_of_its_maker(db: None):
    world: Province = build_province()
    now = database_now()
    _token, secret = tokens.make(name="LIMS", by=world.filer_a)
    User.objects.update(last_login=now, date_joined=now - 900 * DAY)
    User.objects.filter(pk=world.filer_a.user_id).update(last_login=now - 500 * DAY)
    assert tokens.holder(secret) is not None
    assert sweep().warned == 0
    ApiToken.objects.update(last_used_at=now - 500 * DAY)
    assert sweep().warned == 1
    IdleWarning.objects.update(warned_at=now - 31 * DAY, closes_at=now - DAY)
    assert tokens.holder(secret) is not None
    assert sweep().closed == 0
    ApiToken.objects.update(last_used_at=now - 31 * DAY)
    assert sweep().closed == 1
    assert tokens.holder(secret) is None
