"""What the frame around every page needs: who acts, where they may go, how many notices wait.

Everything is looked up only when a page draws the frame; fragments cost nothing.
"""

from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from portal.errors import reference_of
from portal.inbox.models import Notice


class Item(NamedTuple):
    label: str | Promise
    url: str
    current: bool


HOME = (pgettext_lazy("menu", "Home"), "home")
HELP = (pgettext_lazy("menu", "Help"), "schemes:help-index")
ANNOUNCEMENTS = (pgettext_lazy("menu", "Announcements"), "announcements:announcement-list")
AUTHORISATIONS = (pgettext_lazy("menu", "Authorisations"), "institutions:authorisation-list")
FOR_INSTITUTIONS = (
    (pgettext_lazy("menu", "Filings"), "filings:filing-list"),
    (pgettext_lazy("menu", "People"), "institutions:people-own"),
    ANNOUNCEMENTS,
    HELP,
)
REFERENCES = (pgettext_lazy("menu", "Reference numbers"), "trail:reference")
FOR_BUREAUS = (
    (pgettext_lazy("menu", "Review"), "review:queue"),
    (pgettext_lazy("menu", "Coverage"), "review:coverage"),
    (pgettext_lazy("menu", "Report numbers"), "numbers:coverage"),
    (pgettext_lazy("menu", "Institutions"), "institutions:institution-list"),
)
FOR_THE_PROVINCE = (
    (pgettext_lazy("menu", "Rounds"), "rounds:round-list"),
    (pgettext_lazy("menu", "Schemes"), "versions:scheme-list"),
    (pgettext_lazy("menu", "Summaries"), "summaries:build-list"),
    AUTHORISATIONS,
)
MENUS: dict[str, tuple[tuple[str | Promise, str], ...]] = {
    "filer": (HOME, *FOR_INSTITUTIONS),
    "signer": (HOME, *FOR_INSTITUTIONS),
    "unit_admin": (HOME, *FOR_INSTITUTIONS),
    "reviewer": (HOME, *FOR_BUREAUS, ANNOUNCEMENTS, HELP),
    "statistician": (HOME, *FOR_BUREAUS, *FOR_THE_PROVINCE, ANNOUNCEMENTS, HELP),
    "inspector": (HOME, HELP),
    "audit_admin": (HOME, (pgettext_lazy("menu", "Trail"), "trail:event-list"), REFERENCES),
    "system_admin": (
        HOME,
        (pgettext_lazy("menu", "Accounts"), "institutions:account-list"),
        AUTHORISATIONS,
        REFERENCES,
    ),
    "security_admin": (HOME, (pgettext_lazy("menu", "Security policies"), "institutions:policy-list")),
}


def menu(role: str, path: str) -> list[Item]:
    """The role's pages; current is the one whose address is the longest beginning of `path`, home only when exact."""
    found = [(label, reverse(name)) for label, name in MENUS[role]]
    home = reverse("home")
    under = [url for _label, url in found if url == path or (url != home and path.startswith(url))]
    here = max(under, key=len, default="")
    return [Item(label, url, url == here) for label, url in found]


class Frame:
    """Attributes for `base.html`; all hold for a visitor who has not signed in."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self.membership: Any = getattr(request, "membership", None)
        self.demo: bool = settings.PORTAL_DEMO
        self.contacts = settings.HELP_CONTACTS

    @cached_property
    def user(self) -> Any:
        """The person signed in, or None; also on error pages where sessions were not read yet."""
        user = getattr(self._request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @cached_property
    def memberships(self) -> list[Any]:
        """The person's memberships in force, the present one among them."""
        return self.user.current_memberships if self.user is not None else []

    @cached_property
    def nav(self) -> list[Item]:
        return menu(self.membership.role, self._request.path) if self.membership else []

    @cached_property
    def unread(self) -> int:
        if self.user is None:
            return 0
        return Notice.objects.filter(recipient=self.user, read_at=None).count()

    @cached_property
    def inbox_url(self) -> str | None:
        return reverse("inbox:notice-list")

    @cached_property
    def help_url(self) -> str | None:
        return reverse(HELP[1])

    @cached_property
    def reference(self) -> str:
        return reference_of(self._request)


def frame(request: HttpRequest) -> dict[str, Frame]:
    return {"frame": Frame(request)}
