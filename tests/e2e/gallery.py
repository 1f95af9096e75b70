"""A province with something on every page, and the addresses that each person can open.

A new page gets a line in ADDRESSES; an address that answers with something else than a page, one in NO_PAGE (pageless.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.test import Client
from django.urls import reverse

from institutions.enrolment.actions import invite
from institutions.helplines.actions import Line, keep_lines
from institutions.helplines.models import HelpLine
from institutions.models import Institution, Membership, User
from portal.clock import database_now
from portal.inbox.models import Notice
from portal.jobs.progress import Silent
from portal.jobs.tasks import run
from portal.trail.verifying import ask_for_verification
from reports.filings import receipts
from reports.filings.actions import explain
from reports.filings.departments import actions as departments
from reports.filings.examination import examine, note_counts
from reports.filings.extensions.actions import ask
from reports.filings.models import Draft, Filing, Remark
from reports.numbers import pipeline, submitting
from reports.numbers.actions import receive
from reports.numbers.models import NumberBatch
from reports.rounds.models import Kind, Round
from reports.schemes.models import Scheme
from reports.summaries.actions import ask_build
from reports.summaries.models import Build
from reports.versions.actions_trials import ask_trial
from review.announcements.actions import attach, publish
from review.announcements.models import Announcement
from review.urging.actions import urge
from tests.factories.announcements import a_draft, delivered
from tests.factories.annual import a_begun_report, a_pdf, a_sent_report
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
from tests.factories.schemes import next_scheme
from tests.institutions.enrolment.access import an_application
from tests.institutions.register.access import compared_import


@dataclass(frozen=True)
class Gallery:
    """A is being filled, with findings of each kind; B was returned; C waits at the prefecture, F at the county with
    a doubt to judge; D has not begun; E is accepted. A and B filed last year. `build` is done.

    `draft` is next year's scheme, its checks tried on last year's filings.

    A is writing its annual report (`report`), B has its own back with a remark (`report_sent`).

    In the `quarter` A has sent a file with good and bad lines (`batch`), and B has submitted (`quarter_sent`)."""

    world: Province
    this_year: Round
    filing: Filing
    returned: Filing
    waiting: Filing
    doubtful: Filing
    due: Filing
    accepted: Filing
    build: Build
    quarter: Filing
    batch: NumberBatch
    quarter_sent: Filing
    report: Filing
    report_sent: Filing
    draft: Scheme


def hang(world: Province, last_year: Round, rosters: Callable[..., Round] = open_round) -> Gallery:
    """The gallery over a round of last year that stands already."""
    before = {}
    for institution in (world.a, world.b):
        a_certificate(institution)
        a_site(institution)
        before[institution.pk] = accepted_filing(last_year, institution)
    this_year = rosters(world, previous=last_year)
    quarters = rosters(world, period="2023Q4", kind=Kind.QUARTERLY_NUMBERS)
    quarter, quarter_sent = a_filing(quarters, world.a), a_filing(quarters, world.b)
    batch = _send(quarter, LINES, world.filer_a)
    _send(quarter_sent, LINES.splitlines()[0] + "\nFJ-2023-9,2023-11-05\n", world.filer_b)
    _submit_quarter(quarter_sent, world.signer_b)
    User.objects.filter(pk=world.filer_a.user_id).update(email="filer-a@example.com")
    sent_back = submitted_filing(this_year, world.b, previous=before[world.b.pk])
    returned(sent_back)
    newcomer = an_institution(world.gulou, "福建己检测有限公司")
    doubtful = submitted_filing(this_year, newcomer, cells=_unusual(newcomer))
    reports = rosters(world, kind=Kind.ANNUAL_REPORT)
    report_sent = a_sent_report(reports, sent_back, world.signer_b)
    returned(report_sent)
    Remark.objects.filter(filing=report_sent).update(table="AR", indicator="R301", text="请补充重点活动。")
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
        quarter=fresh(quarter),
        batch=batch,
        quarter_sent=fresh(quarter_sent),
        report=a_begun_report(reports, world.a, world.filer_a),
        report_sent=fresh(report_sent),
        draft=next_scheme(base=this_year.scheme),
    )
    departments.ask(filing=gallery.filing, wanted=world.taijiang, reason="主要证书由台江区受理。", by=world.filer_a)
    ask(filing=gallery.filing, until=database_now() + timedelta(days=20), reason="台风停工三天。", by=world.filer_a)
    run(str(gallery.build.job_id))
    run(str(ask_trial(scheme=gallery.draft, round=last_year, by=world.statistician).job_id))
    urge(round=this_year, bureau=world.fujian, choice="owed", by=world.statistician)
    line = Line("林省统", "0591-87800001", "工作日9:00—17:00", "help@example.com")
    keep_lines(bureau=world.fujian, lines=dict.fromkeys(HelpLine.Kind.values, line), by=world.statistician)
    draft = a_draft(world.gulou_reviewer, ["filer", "signer", "reviewer"])
    attach(announcement=draft, chunks=[a_pdf()], name="填报说明.pdf", by=world.gulou_reviewer)
    delivered(publish(announcement=draft, by=world.gulou_reviewer))
    a_draft(world.gulou_reviewer, round=this_year, states=["due", "returned"])
    return gallery


def _verified(gallery: Gallery) -> str:
    """The outcome of a verification that was done."""
    job = ask_for_verification(by=gallery.world.audit_admin, anchor="")
    run(str(job.pk))
    return reverse("trail:verification", args=[job.pk])


def _refused(gallery: Gallery) -> str:
    """A reference number with what it leads to."""
    refused = Client().get(f"/filings/{gallery.filing.pk}/")
    return f"{reverse('trail:reference')}?number={refused['X-Reference']}"


#: Two numbers that can be filed, one from another quarter, one without a date, one twice.
LINES = """检验检测报告编号,出具（签发）日期
FJ-2023-1,2023-11-05
FJ-2023-2,2023-12-01
FJ-2023-3,2023-08-01
FJ-2023-4,
FJ-2023-1,2023-11-05
"""


def _send(filing: Filing, text: str, by: Membership) -> NumberBatch:
    """Receive a csv and read it at once, as the worker would."""
    batch = receive(filing=filing, chunks=[text.encode()], name="编号.csv", by=by).batch
    batch = NumberBatch.objects.select_related("filing__round__scheme", "filing__institution", "by").get(pk=batch.pk)
    return pipeline.run(batch, Silent())


def _submit_quarter(filing: Filing, by: Membership) -> None:
    submitting.declare(filing=filing, count=1, by=by)
    for issue in submitting.look(fresh(filing)).issues:
        if issue.severity == "verify":
            explain(filing=fresh(filing), key=issue.key, text=EXPLANATION, by=by)
    seen = submitting.look(fresh(filing))
    submitting.submit(filing=seen.filing, by=by, version=seen.filing.version, stamp=seen.digest, pledged=True)


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
    carried = {code: [1, world.filer_a.user_id, 1] for code in ("W511", "W512")}  # taken over and not touched since
    Draft.objects.filter(filing=filing, table="JC05").update(unread={"W101": "一千二百"}, touched=carried)
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
