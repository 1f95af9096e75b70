"""A province with something on every page, and the addresses that each person can open.

A new page gets a line in ADDRESSES; an address that answers with something else than a page, one in NO_PAGE.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from institutions.models import Institution, User
from portal.inbox.models import Notice
from portal.jobs.tasks import run
from reports.filings.actions import explain
from reports.filings.examination import examine, note_counts
from reports.filings.models import Draft, Filing
from reports.rounds.models import Round
from reports.summaries.actions import ask_build
from reports.summaries.models import Build
from review.urging.actions import urge
from tests.factories.filings import (
    EXPLANATION,
    a_filing,
    accepted_filing,
    fill,
    fresh,
    open_round,
    returned,
    submitted_filing,
)
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import Province, a_certificate, a_site, an_institution


@dataclass(frozen=True)
class Gallery:
    """A is being filled, with findings of each kind; B was returned; C waits at the prefecture, F at the county with
    a doubt to judge; D has not begun; E is accepted. A and B filed last year. `build` is done."""

    world: Province
    this_year: Round
    filing: Filing
    returned: Filing
    waiting: Filing
    doubtful: Filing
    due: Filing
    accepted: Filing
    build: Build


def hang(world: Province, last_year: Round, rosters: Callable[..., Round] = open_round) -> Gallery:
    """The gallery over a round of last year that stands already."""
    before = {}
    for institution in (world.a, world.b):
        a_certificate(institution)
        a_site(institution)
        before[institution.pk] = accepted_filing(last_year, institution)
    this_year = rosters(world, previous=last_year)
    User.objects.filter(pk=world.filer_a.user_id).update(email="filer-a@example.com")
    sent_back = submitted_filing(this_year, world.b, previous=before[world.b.pk])
    returned(sent_back)
    newcomer = an_institution(world.gulou, "福建己检测有限公司")
    doubtful = submitted_filing(this_year, newcomer, cells=_unusual(newcomer))
    gallery = Gallery(
        world=world,
        this_year=this_year,
        filing=_half_filled(this_year, world, before[world.a.pk]),
        returned=fresh(sent_back),
        waiting=submitted_filing(this_year, world.c),
        doubtful=doubtful,
        due=a_filing(this_year, world.d),
        accepted=accepted_filing(this_year, world.e),
        build=ask_build(round=this_year, basis="submitted", by=world.statistician),
    )
    run(str(gallery.build.job_id))
    urge(round=this_year, bureau=world.fujian, choice="owed", by=world.statistician)
    return gallery


def _unusual(institution: Institution) -> dict[str, dict[str, str]]:
    """Average persons far from those at year end."""
    cells = valid_cells(institution)
    cells["JC01"]["A305"] = "40"
    return cells


def _half_filled(round: Round, world: Province, before: Filing) -> Filing:
    """A sum that does not add up, a figure that cannot be read, a doubt explained and one not, a table left blank."""
    cells = _unusual(world.a)
    cells["JC01"]["A315"] = "3"
    cells["JC05"]["W301"] = "90000"
    del cells["JC05-1"]
    filing = fill(a_filing(round, world.a, previous=before), world.filer_a, cells)
    Draft.objects.filter(filing=filing, table="JC05").update(unread={"W101": "一千二百"})
    first = examine(fresh(filing)).unexplained[0]
    explain(filing=filing, key=first.key, text=EXPLANATION, by=world.filer_a)
    note_counts(examine(fresh(filing)))
    return fresh(filing)


def _filing(name: str, **kwargs: str) -> Callable[[Gallery], str]:
    return lambda gallery: reverse(name, kwargs={"public_id": gallery.filing.public_id, **kwargs})


def _of(which: str, name: str, query: str = "", **kwargs: object) -> Callable[[Gallery], str]:
    """The page of another filing of the gallery."""
    return lambda gallery: reverse(name, kwargs={"public_id": getattr(gallery, which).public_id, **kwargs}) + query


def _at(name: str, query: str = "", **kwargs: object) -> Callable[[Gallery], str]:
    return lambda gallery: reverse(name, kwargs=kwargs) + query


def _notice(gallery: Gallery) -> str:
    notice = Notice.objects.filter(recipient=gallery.world.filer_a.user).earliest("pk")
    return reverse("inbox:notice-detail", args=[notice.pk])


def _institution(name: str) -> Callable[[Gallery], str]:
    return lambda gallery: reverse(name, args=[gallery.world.a.public_id])


Address = Callable[[Gallery], str]
OWN: tuple[Address, ...] = (_at("home"), _at("profile"), _at("password-change"), _at("inbox:notice-list"))
HELP: tuple[Address, ...] = (
    _at("schemes:help-index"),
    _at("schemes:table-help", code="JC01"),
    _at("schemes:check-help"),
    _at("schemes:indicator-help", code="A301"),
)
#: Person -> pages. The same page is listed once, for the person to whom it shows most.
ADDRESSES: dict[str, tuple[Address, ...]] = {
    "": (_at("login"), _at("login", "?idle=1"), lambda gallery: "/nothing/here/"),
    "filer-a": (
        *OWN,
        *HELP,
        _notice,
        _at("jobs:job-list"),
        _at("filings:filing-list"),
        _filing("filings:filing-detail"),
        _filing("filings:table-edit", code="JC01"),
        _filing("filings:table-edit", code="JC01-1"),
        _filing("filings:table-edit", code="JC05"),
        _filing("filings:table-edit", code="JC05-1"),
        _filing("filings:finding-list"),
        _filing("filings:filing-preview"),
        _institution("institutions:institution-detail"),
    ),
    "signer-b": (
        _at("home"),
        _of("returned", "filings:filing-detail"),
        _of("returned", "filings:table-edit", code="JC01"),
        _of("returned", "filings:finding-list"),
        _of("returned", "filings:filing-preview"),
        _of("returned", "filings:receipt-detail", number=1),
        _of("returned", "filings:revision-list"),
        _of("returned", "filings:revision-detail", number=1),
    ),
    "gulou": (
        *OWN,
        _at("review:queue"),
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
        _of("doubtful", "filings:revision-detail", number=1),
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
        _at("summaries:build-list"),
        _of("build", "summaries:build-detail"),
        _of("build", "summaries:build-detail", "?table=bureaus"),
        lambda gallery: reverse("jobs:job-detail", args=[gallery.build.job_id]),
        _at("jobs:job-list"),
        _at("institutions:institution-list"),
        _at("institutions:authorisation-list"),
        _at("institutions:authorisation-list", "?bureau=350100"),
    ),
    "sysadmin": (_at("home"), _at("institutions:account-list")),
    "security": (_at("home"), _at("institutions:policy-list")),
    "audit": (_at("home"), _at("trail:event-list")),
}
#: Acts (POST alone), files, fragments and answers for machines.
NO_PAGE = frozenset(
    {
        "healthz", "language-set", "logout", "sessions-end", "membership-switch",
        "institutions:authorisation-give", "institutions:authorisation-withdraw",
        "institutions:account-activate", "institutions:account-deactivate", "institutions:account-password",
        "inbox:notice-read", "inbox:notice-read-all", "jobs:job-download", "trail:event-export", "trail:verify",
        "schemes:scheme-download", "summaries:build-create",
        "filings:cell-save", "filings:row-add", "filings:row-remove", "filings:row-move", "filings:explanation-save",
        "filings:remark-answer", "filings:filing-submit", "filings:filing-recall",
        "review:queue-pass", "review:filing-peek", "review:filing-open", "review:filing-pass", "review:filing-return",
        "review:filing-reopen", "review:filing-excuse", "review:remark-add", "review:remark-remove", "review:finding-judge",
        "review:coverage-workbook", "review:nonfiler-workbook", "review:roster-freeze",
    }
)  # fmt: skip
#: People whose pages are looked at in one test.
GROUPS = (("", "filer-a"), ("signer-b", "audit"), ("gulou",), ("province", "sysadmin", "security"))
