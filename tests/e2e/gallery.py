"""A province with something on every page. What each person can open there is in addresses.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from institutions.helplines.actions import Line, keep_lines
from institutions.helplines.models import HelpLine
from institutions.models import Institution, Membership, User
from portal.clock import database_now
from portal.jobs.progress import Silent
from portal.jobs.tasks import run
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
