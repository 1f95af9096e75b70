"""`manage.py demo` and `manage.py simulate`: what they load, that they repeat nothing, and when they refuse."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from demo.accounts import USERNAMES
from institutions.models import Institution, Membership, User
from portal.trail.models import Event
from reports.filings.examination import digest_of
from reports.filings.models import Filing, Revision
from reports.rounds.models import Round


@pytest.fixture
def demo_mode(settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    settings.PORTAL_DEMO, settings.PORTAL_STATE = True, tmp_path
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    return tmp_path


def run(name: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


def rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def password_in(text: str) -> str:
    return text.strip().splitlines()[-1].rsplit(maxsplit=1)[-1].rsplit("：", 1)[-1]


@pytest.mark.django_db
def test_demo_refuses_without_demo_mode(settings) -> None:
    settings.PORTAL_DEMO = False
    before = rows()
    with pytest.raises(CommandError, match="PORTAL_DEMO"):
        run("demo")
    assert rows() == before


@pytest.mark.django_db
def test_demo_refuses_beside_real_accounts(demo_mode: Path) -> None:
    User.objects.create_user(username="wang", name="王芳", password="Long-enough-1")
    before = rows()
    with pytest.raises(CommandError):
        run("demo")
    assert rows() == before
    assert Institution.objects.count() == 0


@pytest.mark.django_db
def test_demo_twice_changes_nothing_and_keeps_its_password(demo_mode: Path) -> None:
    first = run("demo", "--institutions", "20")
    before, passwords = rows(), set(User.objects.values_list("username", "password"))
    second = run("demo", "--institutions", "20")
    assert rows() == before
    assert set(User.objects.values_list("username", "password")) == passwords
    assert Institution.objects.count() == 20
    assert password_in(first) == password_in(second)
    kept = demo_mode / "demo-password"
    assert (kept.read_text(), stat.S_IMODE(kept.stat().st_mode)) == (password_in(first), 0o600)
    for username in USERNAMES:
        assert User.objects.get(username=username, is_demo=True).check_password(password_in(first))


@pytest.mark.django_db
def test_demo_password_of_the_environment_counts_at_once(demo_mode: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("demo", "--institutions", "12")
    monkeypatch.setenv("DEMO_PASSWORD", "Another-one-7")
    run("demo")
    assert User.objects.get(username="filer").check_password("Another-one-7")
    assert Membership.objects.get(user__username="gulou").bureau.code == "350102"
    assert set(
        Membership.objects.filter(user__username__in=["filer", "filer2"]).values_list(
            "institution__home_bureau__code", flat=True
        )
    ) == {"350102"}


@pytest.mark.django_db
def test_simulate_refuses_beside_real_accounts_unless_forced() -> None:
    User.objects.create_user(username="wang", name="王芳")
    before = rows()
    with pytest.raises(CommandError):
        run("simulate", "--institutions", "20")
    assert rows() == before


@pytest.mark.django_db(transaction=True)
def test_simulate_loads_two_rounds_with_several_processes() -> None:
    run("simulate", "--institutions", "60", "--seed", "3")
    assert Institution.objects.count() == 60
    assert list(Round.objects.order_by("period").values_list("period", flat=True)) == ["2022", "2023"]
    assert 100 < Filing.objects.count() <= 120
    revisions = Revision.objects.select_related("scheme")
    assert revisions.count() > 70
    for revision in revisions:
        assert revision.digest == digest_of(
            revision.scheme.digest, revision.cells, revision.derived, revision.explanations
        )
    this = Filing.objects.filter(round__period="2023", state="in_review").select_related("previous")
    assert this.filter(score__gt=0).exists()
    assert {filing.previous.round_id for filing in this if filing.previous} == {Round.objects.get(period="2022").pk}
    assert Event.objects.get(verb="demo.simulated").details == {"institutions": 60, "seed": 3}
    added = Institution.objects.create(
        uscc="91350102MA00000000",
        name="新单位",
        home_bureau_id=Institution.objects.first().home_bureau_id,
        region_code="350102",
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM institutions_institution")
        assert cursor.fetchone()[0] == added.pk
    with pytest.raises(CommandError):
        run("simulate", "--institutions", "20")
