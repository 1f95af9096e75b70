"""The reader's language: Chinese until somebody chooses, whatever the browser asks for."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from portal import programs

KNOWN = frozenset(code for code, _name in settings.LANGUAGES)
YEAR = 365 * 24 * 3600


def chosen(request: HttpRequest) -> str | None:
    """The language chosen in this browser, or None."""
    code = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    return code if code in KNOWN else None


def remember(response: HttpResponse, code: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def local_address(request: HttpRequest, address: str, fallback: str) -> str:
    """`address` when it leads to a page of this site, else `fallback`. Refuses other hosts, schemes and `//host`, and what is
    neither a path nor an address: a redirect would take it for the name of a view."""
    same_site = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    written_out = address.startswith(("/", "http://", "https://")) and address.isprintable()
    return address if same_site and written_out else fallback


class ReaderLanguage:
    """Activates the language of the cookie; signing in sets the cookie from the account when there is none. A program has no
    cookie and names its language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(self._language(request)):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language())
        patch_vary_headers(response, ["Accept-Language" if programs.asks(request) else "Cookie"])
        return response

    @staticmethod
    def _language(request: HttpRequest) -> str:
        if programs.asks(request):
            return programs.language_of(request)
        return chosen(request) or settings.LANGUAGE_CODE


@require_POST
def language_set(request: HttpRequest) -> HttpResponse:
    """Keep the choice in this browser and, when signed in, in the account (mails and background work read it there)."""
    response = HttpResponseRedirect(local_address(request, request.POST.get("next", ""), "/"))
    code = request.POST.get("language", "")
    if code in KNOWN:
        remember(response, code)
        if request.user.is_authenticated:
            get_user_model().objects.filter(pk=request.user.pk).update(language=code)
    return response
