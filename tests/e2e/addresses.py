"""The addresses that each person of the gallery can open.

A new page gets a line in ADDRESSES; an address that answers with something else than a page, one in NO_PAGE (pageless.py).
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.test import Client
from django.urls import reverse

from institutions.enrolment.actions import invite
from portal.inbox.models import Notice
from portal.jobs.tasks import run
from portal.trail.verifying import ask_for_verification
from reports.filings import receipts
from review.announcements.models import Announcement
from tests.e2e.gallery import Gallery
from tests.institutions.enrolment.access import an_application
from tests.institutions.register.access import compared_import


def _filing(name: str, **kwargs: str) -> Callable[[Gallery], str]:
    return lambda gallery: reverse(name, kwargs={"public_id": gallery.filing.public_id, **kwargs})


def _of(which: str, name: str, query: str = "", **kwargs: object) -> Callable[[Gallery], str]:
    """The page of another filing of the gallery."""
    return lambda gallery: reverse(name, kwargs={"public_id": getattr(gallery, which).public_id, **kwargs}) + query


def _at(name: str, query: str = "", **kwargs: object) -> Callable[[Gallery], str]:
    return lambda gallery: reverse(name, kwargs=kwargs) + query


def _scheme(name: str, query: str = "") -> Callable[[Gallery], str]:
    """A page of the draft for next year."""
    return lambda gallery: reverse(name, args=[gallery.draft.code, gallery.draft.version]) + query


def _notice(gallery: Gallery) -> str:
    notice = Notice.objects.filter(recipient=gallery.world.filer_a.user).earliest("pk")
    return reverse("inbox:notice-detail", args=[notice.pk])


def _institution(name: str) -> Callable[[Gallery], str]:
    return lambda gallery: reverse(name, args=[gallery.world.a.public_id])


def _checked(gallery: Gallery) -> str:
    """The check of a paper that matches, as its code leads there."""
    revision = gallery.waiting.revision
    assert revision is not None
    revision.filing = gallery.waiting
    return receipts.check_address(revision).removeprefix(settings.PORTAL_BASE_URL)


def _invitation(gallery: Gallery) -> str:
    """Open, for somebody without an account."""
    _made, secret = invite(place=gallery.world.a, role="filer", name="郑新人", by=gallery.world.signer_a)
    return f"{reverse('institutions:invitation-accept')}?code={secret}"


def _announcement(name: str) -> Callable[[Gallery], str]:
    """Of the county's that is out."""
    return lambda gallery: reverse(name, args=[Announcement.objects.get(state="published").public_id])


def _draft(gallery: Gallery) -> str:
    return reverse("announcements:announcement-written", args=[Announcement.objects.get(state="draft").public_id])


def _verified(gallery: Gallery) -> str:
    """The outcome of a verification that was done."""
    job = ask_for_verification(by=gallery.world.audit_admin, anchor="")
    run(str(job.pk))
    return reverse("trail:verification", args=[job.pk])


def _refused(gallery: Gallery) -> str:
    """A reference number with what it leads to."""
    refused = Client().get(f"/filings/{gallery.filing.pk}/")
    return f"{reverse('trail:reference')}?number={refused['X-Reference']}"


Address = Callable[[Gallery], str]
OWN: tuple[Address, ...] = (
    _at("home"),
    _at("profile"),
    _at("password-change"),
    _at("details-change"),
    _at("inbox:notice-list"),
)
HELP: tuple[Address, ...] = (
    _at("schemes:help-index"),
    _at("schemes:table-help", code="JC01"),
    _at("schemes:check-help"),
    _at("schemes:help-index", "?q=A301"),
    _at("schemes:check-detail", code="K011"),
    _at("schemes:indicator-help", code="A301"),
)
#: Person -> pages. The same page is listed once, for the person to whom it shows most.
ADDRESSES: dict[str, tuple[Address, ...]] = {
    "": (
        _at("login"),
        _at("login", "?idle=1"),
        _at("numbers:lookup"),
        _at("numbers:lookup", "?no=FJ-2023-1"),
        _at("filings:receipt-check"),
        _checked,
        _at("numbers:api-docs"),
        _at("institutions:invitation-accept"),
        _invitation,
        _at("institutions:application-new"),
        _at("institutions:application-status"),
        lambda gallery: "/nothing/here/",
    ),
    "filer-a": (
        *OWN,
        *HELP,
        _notice,
        _at("announcements:announcement-list"),
        _announcement("announcements:announcement-detail"),
        _at("jobs:job-list"),
        _at("filings:filing-list"),
        _filing("filings:filing-detail"),
        _filing("filings:table-edit", code="JC01"),
        _filing("filings:table-edit", code="JC01-1"),
        _filing("filings:table-edit", code="JC05"),
        _filing("filings:table-edit", code="JC05-1"),
        _filing("filings:finding-list"),
        _filing("filings:filing-preview"),
        _filing("filings:extension-ask"),
        _filing("filings:department-ask"),
        _filing("filings:workbook-upload"),
        _institution("institutions:institution-detail"),
        _of("report", "annual:report-detail"),
        _of("report", "annual:head-edit", number=2),
        _of("report", "annual:head-edit", number=5),
        _of("report", "annual:head-edit", number=7),
        _of("report", "annual:report-preview"),
        _of("quarter", "numbers:quarter-detail"),
        _of("quarter", "numbers:quarter-preview"),
        _of("quarter", "numbers:number-list"),
        _of("quarter", "numbers:number-detail", "?number=FJ-2023-1"),
        _of("batch", "numbers:batch-detail"),
        _of("batch", "numbers:batch-reasons"),
        _at("numbers:token-list"),
        _institution("numbers:lookup-code"),
    ),
    "signer-b": (
        _at("home"),
        _at("institutions:people-own"),
        _at("institutions:contact-check"),
        _of("returned", "filings:filing-detail"),
        _of("returned", "filings:table-edit", code="JC01"),
        _of("returned", "filings:finding-list"),
        _of("returned", "filings:filing-preview"),
        _of("returned", "filings:receipt-detail", number=1),
        _of("returned", "filings:revision-list"),
        _of("report_sent", "annual:report-detail"),
        _of("report_sent", "annual:head-edit", number=4),
        _of("report_sent", "annual:report-preview"),
        _of("report_sent", "annual:revision-detail", number=1),
        _of("report_sent", "filings:revision-list"),
        _of("report_sent", "filings:receipt-detail", number=1),
        _of("returned", "filings:revision-detail", number=1),
    ),
    "gulou": (
        *OWN,
        _at("review:queue"),
        _at("review:extension-list"),
        _at("review:department-list", "?state=all"),
        _at("review:queue", "?state=returned"),
        _of("doubtful", "review:filing-read"),
        _of("doubtful", "review:filing-read", "?view=all&remark=JC01::A301"),
        _of("returned", "review:filing-read"),
        _of("filing", "review:filing-read"),
        _at("review:coverage"),
        _at("review:nonfiler-list"),
        _at("review:urge"),
        _institution("review:institution-record"),
        _at("institutions:institution-list"),
        _institution("institutions:institution-detail"),
        _institution("institutions:people-list"),
        lambda gallery: reverse("institutions:application-detail", kwargs=dict(an_application(gallery.world))),
        _at("institutions:application-list"),
        _at("review:contact-list"),
        _at("institutions:help-line-list"),
        _at("announcements:written-list"),
        _at("announcements:announcement-new"),
        _draft,
        _announcement("announcements:announcement-written"),
        _announcement("announcements:unread-list"),
        lambda gallery: reverse("institutions:membership-detail", args=[gallery.world.filer_a.pk]),
        _of("doubtful", "filings:revision-detail", number=1),
        _of("quarter_sent", "numbers:revision-detail", number=1),
        _of("quarter_sent", "review:filing-read"),
        _of("report_sent", "review:filing-read"),
        _of("report_sent", "annual:revision-detail", number=1),
        _at("numbers:coverage"),
        _at("numbers:shared-list"),
    ),
    "province": (
        _at("home"),
        _at("review:queue"),
        _of("accepted", "review:filing-read"),
        _of("due", "review:filing-read"),
        _of("waiting", "review:filing-read"),
        _at("review:coverage", "?open=350100"),
        _at("review:nonfiler-list"),
        _at("review:urge"),
        _at("rounds:round-list"),
        _of("this_year", "rounds:round-detail"),
        _at("rounds:round-new"),
        _at("rounds:round-new", "?quarter=next"),
        _at("rounds:day-list"),
        _of("this_year", "rounds:round-calendar"),
        _at("versions:scheme-list"),
        _at("versions:scheme-new"),
        _scheme("versions:scheme-detail"),
        _scheme("versions:scheme-compare"),
        _scheme("versions:scheme-mapping"),
        _scheme("versions:scheme-publish"),
        _scheme("versions:scheme-trial"),
        _scheme("versions:scheme-preview", "?table=JC05"),
        _scheme("versions:scheme-preview", "?table=JC01-1"),
        _at("summaries:build-list"),
        _of("build", "summaries:build-detail"),
        _of("build", "summaries:build-detail", "?table=bureaus"),
        lambda gallery: reverse("jobs:job-detail", args=[gallery.build.job_id]),
        _at("jobs:job-list"),
        _at("institutions:institution-list"),
        _at("institutions:authorisation-list"),
        _at("institutions:authorisation-give", "?bureau=350500"),
        _at("institutions:stand-in-give"),
        _at("institutions:inspector-give"),
        lambda gallery: reverse(
            "institutions:authorisation-detail", args=[gallery.world.fuzhou.grants.latest("pk").pk]
        ),
        _at("institutions:import-list"),
        _at("institutions:register-list", which="unused"),
        _of("this_year", "review:roster-detail"),
        lambda gallery: compared_import(gallery.world).get_absolute_url(),
        lambda gallery: reverse("institutions:institution-act", args=[gallery.world.a.public_id, "merge"]),
    ),
    "sysadmin": (
        _at("home"),
        _at("institutions:account-list"),
        _at("institutions:bureau-people"),
        _at("trail:reference"),
    ),
    "security": (_at("home"), _at("institutions:policy-list")),
    "audit": (_at("home"), _at("trail:event-list"), _verified, _refused),
}
#: People whose pages are looked at in one test.
GROUPS = (("", "audit", "sysadmin", "security"), ("filer-a",), ("signer-b", "gulou"), ("province",))
