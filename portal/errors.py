"""Refusals and error pages. Each says what happened, why, how to mend it, and a reference number to quote.

Actions raise a named error derived from `Refused`; `RefusalMiddleware` answers it with a page, for an htmx request with
the fragment `errors/_refusal.html`, or for a program with JSON, under the error's own status.
"""

import errno
import logging
import secrets
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from traceback import extract_tb
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from portal import programs
from portal.refusals import BARE, WORDS

log = logging.getLogger(__name__)

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that are mistaken for another on the telephone
RETRY_AFTER = 30  # seconds, when the database cannot be reached
SHOWN_AGAIN = 100  # fields of a refused form; the rest of a longer one is not repeated
SECRET = ("password", "token", "code", "secret")
#: Fields of the page that changes a password; too short to be looked for within other names.
SECRET_NAMES = frozenset({"old", "new", "again"})

LAST_RESORT = (
    '<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><title>系统出错</title>'
    "<h1>系统出错，请稍后再试</h1><p>Something went wrong; please try again later.</p><p>{reference}</p></html>"
)


class Refused(Exception):
    """An act that was refused. `reason` is a whole sentence for the reader: what, where, why, how to mend it."""

    status: ClassVar[int] = 403

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(reason)
        self.reason = reason


class Conflict(Refused):
    """Somebody else was first; nothing was overwritten."""

    status = 409


class TooMany(Refused):
    """More than the limit in the time; `wait` seconds until the next try."""

    status = 429

    def __init__(self, reason: str | Promise, *, wait: int = 60) -> None:
        super().__init__(reason)
        self.wait = wait


class Unavailable(Refused):
    """A part the act needs cannot be reached just now."""

    status = 503


class TooLarge(Refused):
    status = 413


class NoRoom(Unavailable):
    """A disk is full: that of the uploads, or that on which a large body waits until it is read. Nothing of it was kept."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The server has no room for files just now, so the file was not stored. Send it again later. What is typed on "
                "the pages is stored as always."
            )
        )


def disk_is_full(error: BaseException | None) -> bool:
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def new_reference() -> str:
    text = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{text[:4]}-{text[4:]}"


def reference_of(request: HttpRequest) -> str:
    """The request's reference number; one is made when the middleware has not run."""
    reference: str | None = getattr(request, "reference", None)
    if reference is None:
        reference = new_reference()
        request.reference = reference  # type: ignore[attr-defined]
    return reference


class Told(NamedTuple):
    """What the answer said and what it came from, for whoever looks the reference number up."""

    reason: str
    cause: str
    keep: bool = True  # False: the database cannot take it, only the log has it


def told_of(request: HttpRequest) -> Told:
    """Empty for an answer that a view made itself, such as a form with its mistakes."""
    told: Told = getattr(request, "told", Told("", ""))
    return told


def _note(request: HttpRequest, reason: str | Promise, error: BaseException | None) -> None:
    told = Told(str(reason), cause_of(error), keep=not _database_is_away(error))
    request.told = told  # type: ignore[attr-defined]


def cause_of(error: BaseException | None) -> str:
    """The name of a refusal; of anything else also the line of ours it passed last, never its words: they may quote what was
    typed."""
    if error is None:
        return ""
    kind = type(error)
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    ours = [frame for frame in extract_tb(error.__traceback__) if _is_ours(frame.filename)]
    if isinstance(error, Refused | Http404 | PermissionDenied) or not ours:
        return name
    return f"{name} · {Path(ours[-1].filename).relative_to(settings.BASE_DIR)}:{ours[-1].lineno}"


def _is_ours(filename: str) -> bool:
    path = Path(filename)
    return path.is_relative_to(settings.BASE_DIR) and "site-packages" not in path.parts


def _came_from(request: HttpRequest) -> str:
    """The page of this site the reader was on, or an empty text."""
    referer = request.headers.get("Referer", "")
    try:
        if not url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure()):
            return ""
    except Exception:  # a host that is not allowed is one of the errors shown here
        return ""
    parts = urlsplit(referer)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def error_page(
    request: HttpRequest, status: int, reason: str | Promise = "", *, error: BaseException | None = None
) -> HttpResponse:
    """The page for `status`, its fragment for an htmx request, or JSON for a program. `reason` replaces the general why."""
    if programs.asks(request):
        return told_to_program(request, status, reason, error=error)
    words = WORDS[status]
    _note(request, reason, error)
    context = {
        "status": status,
        "title": words.title,
        "reason": reason or words.why,
        "mend": words.mend,
        "reference": reference_of(request),
        "contacts": settings.HELP_CONTACTS,
        "demo": settings.PORTAL_DEMO,
        "back": _came_from(request),
    }
    try:
        if request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true":
            body = loader.get_template("errors/_refusal.html").render(context)
        elif status in BARE:
            body = loader.get_template("errors/bare.html").render(context)
        else:
            body = loader.get_template("errors/page.html").render(context, request)
    except Exception:
        log.exception("error page %s could not be drawn, reference %s", status, context["reference"])
        body = LAST_RESORT.format(reference=context["reference"])
    response = HttpResponse(body, status=status)
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["HX-Request"])
    if status == 422:  # htmx puts a 422 where the form asked for its fragment; a refusal has its own place
        response["HX-Retarget"], response["HX-Reswap"] = "#refusal", "outerHTML"
    if status == 503:
        response["Retry-After"] = str(RETRY_AFTER)
    return response


def told_to_program(
    request: HttpRequest,
    status: int,
    reason: str | Promise = "",
    *,
    places: Sequence[dict[str, Any]] = (),
    error: BaseException | None = None,
) -> HttpResponse:
    """The refusal as JSON: `reason`, `reference`, and the places of a body that were wrong."""
    language = programs.language_of(request)
    with override(language):
        reason = str(reason or programs.REASONS.get(status) or WORDS[status].why)
        _note(request, reason, error)
        told = {"reason": reason, "reference": reference_of(request), "errors": list(places)}
        response = JsonResponse(told, status=status)
    response["Cache-Control"] = "no-store"
    response["Content-Language"] = language
    patch_vary_headers(response, ["Accept-Language"])
    if status == 503:
        response["Retry-After"] = str(RETRY_AFTER)
    return response


def refusal_page(request: HttpRequest, refused: Refused) -> HttpResponse:
    response = error_page(request, refused.status, refused.reason, error=refused)
    if isinstance(refused, TooMany):
        response["Retry-After"] = str(refused.wait)
    return response


def _database_failed(error: BaseException | None) -> bool:
    return isinstance(error, OperationalError | InterfaceError)


def _database_is_away(error: BaseException | None) -> bool:
    """Not so when it ended one statement, for its length, a lock or a deadlock: then it has a code of such an end."""
    code = getattr(getattr(error, "__cause__", None), "pgcode", None) or ""
    return _database_failed(error) and not code.startswith(("40", "55", "57014"))


class RefusalMiddleware:
    """Gives each request a reference number, turns `Refused` and a lost database into their pages, and logs refusals."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reference = reference_of(request)
        response = self.get_response(request)
        if response.status_code == 405 and (not response.content or programs.asks(request)):
            allowed = response.get("Allow", "")
            response = error_page(request, 405)
            response["Allow"] = allowed
        response["X-Reference"] = reference
        if response.status_code >= 400:
            log.info(
                "refused %s %r with %s, reference %s", request.method, request.path, response.status_code, reference
            )
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refused):
            return refusal_page(request, exception)
        if disk_is_full(exception):
            log.error("disk full, reference %s", reference_of(request), exc_info=exception)
            return refusal_page(request, NoRoom())
        if _database_failed(exception):
            log.error("database away, reference %s", reference_of(request), exc_info=exception)
            return error_page(request, 503, error=exception)
        return None


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 413 if isinstance(exception, RequestDataTooBig) else 400, error=exception)


def handler403(request: HttpRequest, exception: PermissionDenied) -> HttpResponse:
    return error_page(request, 403, str(exception), error=exception)


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same words whether a thing does not exist or is not the reader's to see."""
    return error_page(request, 404, error=exception)


def handler500(request: HttpRequest) -> HttpResponse:
    """Also reached by errors inside middleware, which `process_exception` does not see."""
    error = sys.exc_info()[1]
    if isinstance(error, Refused):
        return refusal_page(request, error)
    if disk_is_full(error):
        log.error("disk full, reference %s", reference_of(request), exc_info=error)
        return refusal_page(request, NoRoom())
    status = 503 if _database_failed(error) else 500
    log.error("status %s at %r, reference %s", status, request.path, reference_of(request), exc_info=error)
    return error_page(request, status, error=error)


def is_secret(name: str) -> bool:
    """Whether a field of this name is shown on no page again."""
    lowered = name.lower()
    return lowered in SECRET_NAMES or any(word in lowered for word in SECRET)


def typed_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """What was typed into the refused form, to be copied; never passwords and codes."""
    pairs = [(name, text) for name in request.POST for text in request.POST.getlist(name) if text.strip()]
    return [(name, text) for name, text in pairs if not is_secret(name)][:SHOWN_AGAIN]


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose proof of origin is missing or old. What was typed is shown again, when it came from our own page."""
    if request.headers.get("HX-Request") == "true":
        return error_page(request, 403, WORDS[419].why)
    back = _came_from(request)
    context = {
        "title": WORDS[419].title,
        "reason": WORDS[419].why,
        "mend": WORDS[419].mend,
        "reference": reference_of(request),
        "contacts": settings.HELP_CONTACTS,
        "demo": settings.PORTAL_DEMO,
        "back": back,
        "typed": typed_fields(request) if back else [],
        "files": bool(request.FILES),
    }
    _note(request, WORDS[419].title, None)
    log.info("csrf check failed at %r: %s, reference %s", request.path, reason, context["reference"])
    return HttpResponse(loader.get_template("errors/csrf.html").render(context, request), status=403)
