"""Telling people: one statement, once each, mailed at most once."""

import threading
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from institutions.models import User
from portal.inbox import tasks
from portal.inbox.actions import notify
from portal.inbox.models import Notice
from portal.inbox.tasks import ATTEMPTS, deliver
from tests.factories.institutions import a_user

WORDS = {"kind": "urge", "subject_zh": "请于2月29日前报送", "subject_en": "Please file by 29 February"}


def send(*people: User, **fields: Any) -> int:
    return notify(recipients=people, **{**WORDS, **fields})


def someone(name: str, **fields: Any) -> User:
    return a_user(name, **{"email": f"{name}@example.test", **fields})


@pytest.mark.django_db
def test_each_active_recipient_gets_one(django_assert_num_queries: Any) -> None:
    people = [someone(f"p{number}") for number in range(5)]
    someone("stopped", is_active=False)
    with django_assert_num_queries(3):  # savepoint around one INSERT
        assert notify(recipients=User.objects.order_by("name"), **WORDS) == 5
    assert list(Notice.objects.order_by("recipient_id").values_list("recipient_id", flat=True)) == [
        one.pk for one in people
    ]
    assert send(people[0], people[0]) == 1
    assert send() == 0


@pytest.mark.django_db
def test_once_key_is_kept_once_for_each_person() -> None:
    a, b = someone("a"), someone("b")
    assert send(a, once_key="remind:1:7") == 1
    assert send(a, b, once_key="remind:1:7", subject_zh="另一句") == 1
    assert send(a, once_key="remind:1:3") == 1
    assert send(a) == send(a) == 1
    kept = Notice.objects.filter(once_key="remind:1:7").values_list("recipient_id", "subject_zh")
    assert set(kept) == {(a.pk, "请于2月29日前报送"), (b.pk, "另一句")}


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_keep_one_each() -> None:
    a = someone("a")
    counts: list[int] = []

    def work() -> None:
        try:
            counts.append(send(a, once_key="same"))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(counts), Notice.objects.count()) == ([0, 0, 0, 0, 0, 1], 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "link", ["https://evil.test/", "//evil.test", "javascript:alert(1)", "filings/1/", "/\\evil.test"]
)
def test_link_leads_into_the_portal(link: str) -> None:
    with pytest.raises(ValueError, match="not a path"):
        send(someone("a"), link=link)
    assert Notice.objects.count() == 0


@pytest.mark.django_db
def test_unknown_kind_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no notice of the kind"):
        send(someone("a"), kind="shout")


@pytest.mark.django_db
def test_subject_is_one_line() -> None:
    send(someone("a"), subject_zh="请报送\r\nBcc: x@evil.test\x00", subject_en="y" * 300)
    notice = Notice.objects.get()
    assert (notice.subject_zh, notice.subject_en) == ("请报送 Bcc: x@evil.test", "y" * 200)


# -- by mail, through a real server ------------------------------------------------------------------------------------


@pytest.fixture
def mail(transactional_db: None, empty_broker: None, smtp_server: Any) -> Any:
    return smtp_server


def subjects(inbox: Any) -> list[str]:
    return [str(message["Subject"]) for message in inbox.messages]


def again(notice: Notice) -> Notice:
    notice.refresh_from_db()
    return notice


def lapse() -> None:
    """As if the lease of every notice had run out."""
    Notice.objects.filter(mailed_at=None).update(mail_claimed_at=Now() - timedelta(hours=1))  # type: ignore[operator]


def test_mail_is_in_the_recipients_language(mail: Any, settings: Any) -> None:
    settings.PORTAL_BASE_URL = "https://portal.example.test"
    send(
        someone("a"),
        someone("b", language="en"),
        a_user("nomail"),
        link="/filings/1/",
        body_zh="尚未报送。",
        body_en="Not filed.",
    )
    assert deliver() == 2
    by_address: dict[str, EmailMessage] = {str(message["To"]): message for message in mail.messages}
    assert set(by_address) == {"a@example.test", "b@example.test"}
    assert "请于2月29日前报送" in str(by_address["a@example.test"]["Subject"])
    assert "Please file by 29 February" in str(by_address["b@example.test"]["Subject"])
    chinese, english = by_address["a@example.test"].get_content(), by_address["b@example.test"].get_content()
    assert ("尚未报送。" in chinese, "Not filed." in english) == (True, True)
    assert "https://portal.example.test/filings/1/" in english
    assert len({str(message["Message-ID"]) for message in mail.messages}) == 2
    assert Notice.objects.filter(mailed_at=None).get().recipient.username == "nomail"


def test_running_twice_sends_once(mail: Any) -> None:
    send(*[someone(f"p{number}") for number in range(6)])
    threads = [threading.Thread(target=lambda: (deliver(), connection.close())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert deliver() == 0
    assert sorted(str(message["To"]) for message in mail.messages) == [f"p{number}@example.test" for number in range(6)]
    assert Notice.objects.filter(mailed_at=None).count() == 0


def test_claimed_notice_is_left_to_its_worker_until_the_lease_ends(mail: Any) -> None:
    send(someone("a"))
    assert len(tasks._claim()) == 1
    assert deliver() == 0
    lapse()
    assert deliver() == 1
    assert len(mail.messages) == 1


def test_worker_killed_before_handing_over_sends_later_and_after_it_never(
    mail: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*args: Any, **kwargs: Any) -> None:
        raise Killed

    send(someone("a"))
    notice = Notice.objects.get()
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "_hand_over", die)
        with pytest.raises(Killed):
            deliver()
    assert (again(notice).mail_handed_at, notice.mailed_at) == (None, None)
    lapse()

    with monkeypatch.context() as patch:
        patch.setattr("smtplib.SMTP.data", die)
        with pytest.raises(Killed):
            deliver()
    assert again(notice).mail_handed_at is not None
    lapse()
    assert deliver() == 0
    assert (mail.messages, again(notice).mailed_at) == ([], None)


def test_a_late_worker_does_not_send_what_another_took(mail: Any) -> None:
    send(someone("a"))
    late = tasks._claim()
    lapse()
    assert deliver() == 1
    with tasks.Gateway() as gateway:
        assert tasks._send_all(gateway, late, until=float("inf")) == 0
    assert len(mail.messages) == 1


@pytest.mark.parametrize(("answer", "again_later"), [("451 try later", True), ("550 no such mailbox", False)])
def test_refused_recipient_is_tried_again_or_not(mail: Any, answer: str, again_later: bool) -> None:
    send(someone("a"))
    notice = Notice.objects.get()
    mail.refuse = answer
    assert deliver() == 0
    assert again(notice).mail_error == answer
    assert notice.mail_attempts == (1 if again_later else ATTEMPTS)
    mail.refuse = ""
    lapse()
    assert deliver() == (1 if again_later else 0)


def test_tries_end(mail: Any) -> None:
    send(someone("a"))
    mail.refuse = "451 try later"
    for _ in range(ATTEMPTS + 3):
        lapse()
        deliver()
    assert Notice.objects.get().mail_attempts == ATTEMPTS
    mail.refuse = ""
    lapse()
    assert deliver() == 0


def test_one_bad_address_stops_nobody_else(mail: Any) -> None:
    bad = [
        someone("x", email="a@b.test\nBcc: c@d.test"),
        someone("y", email="甲@例子.测试"),
        someone("z", email="not an address"),
    ]
    send(*bad, someone("good"))
    assert deliver() >= 1
    assert "good@example.test" in [str(message["To"]) for message in mail.messages]
    first = Notice.objects.get(recipient=bad[0])
    assert (first.mailed_at, first.mail_attempts, first.mail_error != "") == (None, ATTEMPTS, True)
    assert all(message["Bcc"] is None for message in mail.messages)


def test_dead_gateway_costs_no_tries_and_blocks_nothing(mail: Any, settings: Any) -> None:
    reader = someone("a")
    send(reader)
    port = settings.EMAIL_PORT
    settings.EMAIL_PORT = 1
    for _ in range(ATTEMPTS + 2):
        assert deliver() == 0
    notice = Notice.objects.get()
    assert (notice.mail_attempts, notice.mail_claimed_at) == (0, None)
    assert "refused" in notice.mail_error
    settings.EMAIL_PORT = port
    assert deliver() == 1
    assert (again(notice).mail_error, notice.mailed_at is not None) == ("", True)


def test_sending_holds_no_lock_on_the_notice(mail: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader marks the notice as read while a slow gateway takes it."""
    reader = someone("a")
    send(reader)
    before = tasks._hand_over

    def read_meanwhile(notice: Notice) -> None:
        def read() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '1s'")
            try:
                Notice.objects.filter(pk=notice.pk).update(read_at=Now())
            finally:
                connection.close()

        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
        before(notice)

    monkeypatch.setattr(tasks, "_hand_over", read_meanwhile)
    assert deliver() == 1
    assert Notice.objects.get().read_at is not None


def test_old_notices_are_not_mailed_to_a_new_address(mail: Any) -> None:
    send(someone("a"))
    Notice.objects.update(created_at=Now() - timedelta(days=8))  # type: ignore[operator]
    assert deliver() == 0


def test_mail_is_asked_for_after_the_commit(mail: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr("portal.inbox.actions.hint", lambda task: told.append(task.name))
    with transaction.atomic():
        send(someone("a"), once_key="k")
        assert told == []
    assert told == ["portal.inbox.tasks.deliver"]
    send(User.objects.get(), once_key="k")
    assert told == ["portal.inbox.tasks.deliver"]


@pytest.fixture(autouse=True)
def _broker_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.jobs.broker._silent_until", 0.0)
