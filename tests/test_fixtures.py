"""The ground the other tests stand on: browser, mail, network, clock of the process."""

import socket
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.conf import settings
from django.core.mail import send_mail
from django.db import connection
from playwright.sync_api import Page
from pytest_socket import SocketConnectBlockedError

from tests.fixtures_mail import Inbox
from tests.fixtures_worker import Worker


def test_page_sees_the_live_portal_in_chinese_at_office_size(page: Page, live_portal: str) -> None:
    answer = page.goto("/login/")
    assert answer is not None
    assert answer.status == 200
    assert page.url == f"{live_portal}/login/"
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert page.evaluate("[innerWidth, innerHeight]") == [1366, 768]
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    assert page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") == "Asia/Shanghai"


def test_smtp_server_keeps_what_it_gets(smtp_server: Inbox) -> None:
    assert send_mail("催报", "请于2月29日前报送。", "zhibao@localhost", ["filer@example.com"]) == 1
    (message,) = smtp_server.messages
    assert (message["Subject"], message["To"]) == ("催报", "filer@example.com")
    assert message.get_content().strip() == "请于2月29日前报送。"


def test_smtp_server_can_refuse(smtp_server: Inbox) -> None:
    smtp_server.refuse = "550 No such user"
    with pytest.raises(SMTPRecipientsRefused, match="No such user"):
        send_mail("催报", "请报送。", "zhibao@localhost", ["nobody@example.com"])
    assert smtp_server.messages == []


def test_nothing_beyond_this_machine_is_reached() -> None:
    with socket.socket() as client, pytest.raises((SocketConnectBlockedError, UserWarning), match=r"192\.0\.2\.1"):
        client.connect(("192.0.2.1", 80))


def test_worker_survives_a_kill_by_being_started_again(worker: Worker) -> None:
    first = worker.pid
    worker.kill()
    worker.ensure()
    assert worker.pid != first


def test_tests_run_on_servers_of_their_own(db: None) -> None:
    database: dict[str, Any] = connection.settings_dict
    assert database["HOST"] == "127.0.0.1"
    assert database["NAME"].startswith("test_portal")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')")
        assert cursor.fetchone() == ("off", "on")
    assert settings.REDIS_URL.startswith("redis://:")
