"""Rounds and filings, moved by the product's own actions. Nothing is hidden: what a builder makes is in its arguments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from institutions.models import Institution, Membership
from institutions.roles import Role
from portal.clock import database_now
from reports.filings.actions import explain, submit
from reports.filings.actions_review import RemarkDraft, give_back, pass_on
from reports.filings.examination import examine, note_counts
from reports.filings.models import Decision, Draft, DueReason, Filing, Revision, State
from reports.rounds import actions
from reports.rounds.models import Kind, Phase, Round
from reports.schemes.content import DATA, content_from_folder
from reports.schemes.loading import load_content
from reports.schemes.models import Scheme
from tests.factories.institutions import Province, a_membership, a_user

EXPLANATION = "2023年4月并入全资子公司，收入与人员随之增加，附合并协议编号榕检合〔2023〕7号。"


@lru_cache(maxsize=1)
def _content() -> Mapping[str, Any]:
    """The files of jc2023, read once per process."""
    return content_from_folder(DATA / "jc2023")


def a_scheme() -> Scheme:
    """jc2023, published; the same row each time within a test."""
    return load_content(_content(), publish=True)


def open_round(
    province: Province,
    *,
    period: str = "2023",
    kind: str = Kind.ANNUAL_STATISTICS,
    previous: Round | None = None,
    opens: dt.timedelta = dt.timedelta(days=-30),
    due: dt.timedelta = dt.timedelta(days=7),
    frozen: bool = True,
    scheme: Scheme | None = None,
) -> Round:
    """A round whose filling opened and falls due relative to the database's now; `frozen` marks it without a roster.

    The reviews fall due 7, 10 and 14 days after filling; supplementary filing is open from the due time for 30 days.
    """
    now = database_now()
    start, end = now + opens, now + due
    day = dt.timedelta(days=1)
    round = actions.open_round(
        scheme=scheme or a_scheme(),
        kind=kind,
        period=period,
        title_zh=f"{period}年度统计调查",
        title_en=f"Annual statistics {period}",
        cut_off=dt.date(2023, 12, 31),
        phases={
            Phase.Name.PREPARE: (start - 30 * day, start),
            Phase.Name.FILL: (start, end),
            Phase.Name.COUNTY: (start, end + 7 * day),
            Phase.Name.PREFECTURE: (start, end + 10 * day),
            Phase.Name.PROVINCE: (start, end + 14 * day),
            Phase.Name.SUPPLEMENT: (end, end + 30 * day),
        },
        by=province.statistician,
        previous=previous,
    )
    if frozen:
        round.roster_frozen_at = now
        round.save(update_fields=["roster_frozen_at"])
    return round


def a_filing(round: Round, institution: Institution, **fields: Any) -> Filing:
    """A roster line: nothing filled yet, reviewed by the home bureau."""
    return Filing.objects.create(
        **{
            "round": round,
            "institution": institution,
            "reviewing_bureau": institution.home_bureau,
            "scope": institution.home_bureau.path,
            "due_reason": DueReason.CERTIFICATE,
            **fields,
        }
    )


def fill(filing: Filing, by: Membership, cells: Mapping[str, Any] | None = None) -> Filing:
    """Store drafts of every table as they are given ({table: cells}), without typing them one by one."""
    from tests.factories.filings_data import valid_cells

    for table, content in (cells if cells is not None else valid_cells(filing.institution)).items():
        Draft.objects.update_or_create(
            filing=filing,
            table=table,
            defaults={"cells": content, "unread": {}, "version": 1, "saved_by": by.user, "saved_at": database_now()},
        )
    if filing.state == State.DUE:
        from reports.filings.transitions import apply

        apply("begin", filing=filing, by=by, version=filing.version)
    filing = fresh(filing)
    note_counts(examine(filing))
    return filing


def fresh(filing: Filing) -> Filing:
    """As every page loads it."""
    return Filing.objects.for_page().get(pk=filing.pk)


def signer_of(institution: Institution) -> Membership:
    """The signer of the institution; one is appointed where there is none."""
    found = Membership.objects.current().filter(institution=institution, role=Role.SIGNER).order_by("id").first()
    return found or a_membership(Role.SIGNER, institution, a_user())


def reviewer_of(filing: Filing) -> Membership:
    """A reviewer of the bureau whose turn it is; one is appointed where there is none."""
    assert filing.step is not None
    found = Membership.objects.current().filter(bureau=filing.step, role=Role.REVIEWER).order_by("id").first()
    return found or a_membership(Role.REVIEWER, filing.step, a_user())


def sign_and_submit(filing: Filing, by: Membership | None = None) -> Revision:
    """Explain every finding that asks for it, then submit what stands in the drafts."""
    signer = by or signer_of(filing.institution)
    filing = fresh(filing)
    for failure in examine(filing).unexplained:
        explain(filing=filing, key=failure.key, text=EXPLANATION, by=signer)
    filing = fresh(filing)
    return submit(filing=filing, by=signer, version=filing.version, stamp=examine(filing).digest, pledged=True)


def submitted_filing(
    round: Round,
    institution: Institution,
    *,
    cells: Mapping[str, Any] | None = None,
    by: Membership | None = None,
    **fields: Any,
) -> Filing:
    """A filing in review at its first tier, filled with valid cells unless others are given."""
    signer = by or signer_of(institution)
    filing = fill(a_filing(round, institution, **fields), signer, cells)
    sign_and_submit(filing, signer)
    return fresh(filing)


def passed(filing: Filing, by: Membership | None = None) -> Filing:
    """One tier further."""
    filing = fresh(filing)
    assert filing.revision is not None
    pass_on(filing=filing, by=by or reviewer_of(filing), version=filing.version, revision=filing.revision.number)
    return fresh(filing)


def accepted_filing(round: Round, institution: Institution, **kwargs: Any) -> Filing:
    """Passed by every tier of its route."""
    filing = submitted_filing(round, institution, **kwargs)
    while filing.state == State.IN_REVIEW:
        filing = passed(filing)
    return filing


def a_remark(**fields: str) -> RemarkDraft:
    return RemarkDraft(
        **{
            "table": "JC01",
            "row_id": "",
            "indicator": "A301",
            "reason": "change",
            "text": "请核对期末从业人员数。",
            **fields,
        }
    )


def returned(filing: Filing, by: Membership | None = None) -> Decision:
    filing = fresh(filing)
    assert filing.revision is not None
    return give_back(
        filing=filing,
        by=by or reviewer_of(filing),
        version=filing.version,
        revision=filing.revision.number,
        note="请按批注核对后重报。",
        remarks=[a_remark()],
    )
