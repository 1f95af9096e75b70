"""Refusals, lost databases and crashes end in a page that says what, why, how to mend it, and a number to quote."""

import errno
import logging
import re

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path
from django.utils import translation
from django.views.decorators.http import require_POST

from portal.errors import Conflict, NoRoom, Refused, TooLarge, TooMany, Unavailable
from portal.refusals import WORDS

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]

handler400 = "portal.errors.handler400"
handler403 = "portal.errors.handler403"
handler404 = "portal.errors.handler404"
handler500 = "portal.errors.handler500"

REASON = "The filing <1> was passed by Wang Min."
ERRORS = {
    "refused": Refused(REASON),
    "conflict": Conflict(REASON),
    "many": TooMany(REASON, wait=90),
    "large": TooLarge(REASON),
    "unavailable": Unavailable(REASON),
    "denied": PermissionDenied(REASON),
    "database": OperationalError("server closed the connection"),
    "cursor": InterfaceError("connection already closed"),
    "big": RequestDataTooBig("too big"),
    "crash": ZeroDivisionError("secret detail"),
}


def raising(request, kind):
    raise ERRORS[kind]


@require_POST
def only_post(request):
    return HttpResponse("done")


def takes_files(request):
    return HttpResponse(str(len(request.FILES)))


urlpatterns = [
    path("raise/<kind>/", raising),
    path("only-post/", only_post),
    path("takes-files/", takes_files),
    path("", include("portal.urls")),
]

NUMBER = re.compile(r"^[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}$")


@pytest.fixture
def browser():
    """A reader of English; what the test compares with is English too."""
    found = Client(raise_request_exception=False, enforce_csrf_checks=True)
    found.cookies["django_language"] = "en"
    with translation.override("en"):
        yield found


@pytest.mark.parametrize(
    ("kind", "status"),
    [("refused", 403), ("conflict", 409), ("many", 429), ("large", 413), ("unavailable", 503), ("denied", 403)],
)
def test_refusal_is_a_page_with_its_reason_and_number(browser, kind, status):
    answer = browser.get(f"/raise/{kind}/")
    page = answer.content.decode()
    assert answer.status_code == status
    assert NUMBER.match(answer["X-Reference"])
    assert answer["X-Reference"] in page
    assert "The filing &lt;1&gt; was passed by Wang Min." in page
    assert str(WORDS[status].title) in page
    assert str(WORDS[status].mend) in page
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("kind", "status"), [("database", 503), ("cursor", 503), ("big", 413), ("crash", 500)])
def test_failure_is_a_page_without_details(browser, kind, status):
    answer = browser.get(f"/raise/{kind}/")
    page = answer.content.decode()
    assert answer.status_code == status
    assert answer["X-Reference"] in page
    assert str(WORDS[status].why) in page
    assert "secret detail" not in page
    assert "server closed" not in page


def test_waiting_times_are_told_to_programs(browser):
    assert browser.get("/raise/many/")["Retry-After"] == "90"
    assert browser.get("/raise/database/")["Retry-After"] == "30"
    assert browser.get("/raise/unavailable/")["Retry-After"] == "30"


@pytest.mark.parametrize("kind", ["conflict", "database", "crash"])
def test_htmx_request_gets_the_fragment(browser, kind):
    answer = browser.get(f"/raise/{kind}/", headers={"HX-Request": "true"})
    fragment = answer.content.decode()
    assert answer.status_code >= 400
    assert fragment.strip().startswith('<div id="refusal" role="alert">')
    assert "<html" not in fragment
    assert answer["X-Reference"] in fragment
    assert "HX-Request" in answer["Vary"]


def test_crash_pages_need_no_database(browser, django_assert_num_queries, monkeypatch):
    with django_assert_num_queries(0):
        assert browser.get("/raise/database/").status_code == 503
    monkeypatch.setattr("portal.trail.keeping._keep", lambda request, status: None)
    with django_assert_num_queries(0):
        assert browser.get("/raise/crash/").status_code == 500


def test_error_in_a_template_of_the_page_still_answers(browser, monkeypatch):
    def broken(name):
        raise OSError("no templates")

    monkeypatch.setattr("portal.errors.loader.get_template", broken)
    answer = browser.get("/raise/crash/")
    assert answer.status_code == 500
    assert answer["X-Reference"] in answer.content.decode()
    assert "系统出错" in answer.content.decode()


@pytest.mark.parametrize("where", ["view", "middleware"])
def test_a_body_that_found_no_room_is_refused_in_words(browser, monkeypatch, settings, where):
    """A large body waits on a disk until it is read, which happens in the view or, for most forms, before it."""

    def full(handler, *_args):
        handler.file.close()
        raise OSError(errno.ENOSPC, "No space left on device")

    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    monkeypatch.setattr("django.core.files.uploadhandler.TemporaryFileUploadHandler.receive_data_chunk", full)
    if where == "view":
        browser.handler.enforce_csrf_checks = False
    answer = browser.post("/takes-files/", {"file": SimpleUploadedFile("a.csv", b"x" * 100)})
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert str(NoRoom().reason) in answer.content.decode()


def test_database_lost_inside_a_middleware_is_503(browser, monkeypatch):
    def away(request):
        raise OperationalError("too many connections")

    monkeypatch.setattr(
        "django.contrib.sessions.middleware.SessionMiddleware.process_request", lambda self, request: away(request)
    )
    answer = browser.get("/only-post/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")


def test_page_opened_that_takes_only_a_form_keeps_allow(browser):
    answer = browser.get("/only-post/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert str(WORDS[405].mend) in answer.content.decode()


def test_missing_page_says_nothing_of_what_was_looked_for(browser):
    answer = browser.get("/no/such/%3Cscript%3E/")
    assert answer.status_code == 404
    assert str(WORDS[404].why) in answer.content.decode()
    assert "/no/such/<script>" not in answer.content.decode()


def test_old_form_shows_again_what_was_typed_but_no_secret(browser):
    typed = {"words": "核对<E215>", "password": "hunter2", "csrfmiddlewaretoken": "old"}
    answer = browser.post("/only-post/", typed, headers={"Referer": "http://testserver/filings/1/?tab=2"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "核对&lt;E215&gt;" in page
    assert "hunter2" not in page
    assert 'href="/filings/1/?tab=2"' in page
    assert str(WORDS[419].mend) in page


def test_old_form_of_another_site_is_not_shown_again(browser):
    answer = browser.post("/only-post/", {"words": "planted"}, headers={"Referer": "http://evil.example/"})
    assert answer.status_code == 403
    assert "planted" not in answer.content.decode()
    assert "evil.example" not in answer.content.decode()


def test_refusal_is_logged_on_one_line_with_its_number(browser, caplog):
    caplog.set_level(logging.INFO, "portal.errors")
    answer = browser.get("/raise/conflict/?x=1%0Aforged")
    lines = [record.getMessage() for record in caplog.records if record.name == "portal.errors"]
    assert [line for line in lines if answer["X-Reference"] in line] != []
    assert [line for line in lines if "\n" in line] == []


def test_numbers_differ_from_request_to_request(browser):
    assert len({browser.get("/healthz")["X-Reference"] for _ in range(20)}) == 20
