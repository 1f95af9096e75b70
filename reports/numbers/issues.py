"""What the checks of the scheme say about a quarterly filing: K113, K115 and K116, and what its stored numbers bring."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from reports.filings import rules as filing_rules
from reports.filings.models import Filing
from reports.numbers import figures
from reports.numbers.models import QuarterReturn
from reports.rounds.models import Phase
from reports.rounds.quarters import Quarter
from reports.schemes.checking import Cells, Facts, run_checks


@dataclass(frozen=True, slots=True)
class Issue:
    """A finding of the quarterly filing; `key` is what an explanation hangs on."""

    key: str
    code: str
    severity: str
    cells: list[list[Any]]
    message_zh: str
    message_en: str


def issues_of(
    filing: Filing,
    returned: QuarterReturn,
    last_year: int | None,
    cells: dict[str, dict[str, str]],
    now: dt.datetime,
) -> list[Issue]:
    """`cells` are the filing's, `returned` its counts, `last_year` those of `figures.same_quarter_last_year`. `filing` is
    loaded with its round and the round's phases."""
    quarter = Quarter.parse(filing.round.period)
    facts = Facts.for_year(
        quarter.year,
        institution_uscc=filing.institution.uscc,
        quarter_start=quarter.start,
        quarter_end=quarter.end,
        in_upload_window=in_upload_window(filing, now),
        unique_numbers=returned.valid,
        same_quarter_last_year=last_year,
    )
    failures = run_checks(filing.round.scheme.definition, Cells.from_tables(cells), None, facts, kind="numbers")
    issues = [
        Issue(
            key=failure.key,
            code=failure.code,
            severity=failure.severity,
            cells=[list(cell) for cell in failure.cells],
            message_zh=failure.message("zh"),
            message_en=failure.message("en"),
        )
        for failure in failures
    ]
    if returned.invalid_certificate:
        issues.append(_certificate_issue(returned.invalid_certificate))
    unfound = figures.unfound_originals(filing.institution_id, quarter)
    if unfound:
        issues.append(_unfound_issue(unfound))
    if is_late(filing, now):
        issues.append(_LATE)
    return issues


def in_upload_window(filing: Filing, now: dt.datetime) -> bool | None:
    """For K115: whether the calendar lets the filing arrive now, in time or late (补报); None while there is no calendar.

    It is asked of the first arrival: a correction may come as long as the round is open, and `rules.can_submit` says so.
    """
    if filing.round.phase(Phase.Name.FILL) is None:
        return None
    return filing.revision_id is not None or bool(
        filing_rules.filling_is_open(filing.round, now, filing.extended_until)
    )


def is_late(filing: Filing, now: dt.datetime) -> bool:
    """Whether the filing is marked as late, or would be if it arrived now."""
    if filing.revision_id is not None:
        return filing.late
    return bool(in_upload_window(filing, now)) and filing_rules.is_late(filing.round, now, filing.extended_until)


#: K115 of what arrives after the first month, while late filing is open: told and kept, and nobody has to explain it.
_LATE = Issue(
    key="K115:late", code="K115", severity="info", cells=[["RN-Q", None, "Q102"]],
    message_zh="报送时间（每季首月）已过，本次报送记为补报。",
    message_en="The reporting time, the first month of the next quarter, is over: this is marked as a late filing (补报).",
)  # fmt: skip


def _certificate_issue(count: int) -> Issue:
    """K112 of numbers already stored: each is kept, and together they want one explanation."""
    return Issue(
        key="K112:stored", code="K112", severity="verify", cells=[["RN", None, "N103"]],
        message_zh=f"{count}个有效编号所用证书在出具日不在有效期内（N103）。请核对；属实的请说明。",
        message_en=f"{count} valid numbers were issued under a certificate not valid on that day (N103). Check; if right, explain.",
    )  # fmt: skip


def _unfound_issue(count: int) -> Issue:
    """Told and kept, and nobody has to explain it: the original may come later, or be older than the portal."""
    return Issue(
        key="K113:originals", code="K113", severity="info", cells=[["RN", None, "N109"]],
        message_zh=f"{count}个有效编号所替换的原编号（N109）不在本机构已报送的编号中。原编号漏报的请补报，报送后即记为已替换；"
        "原报告出具于直报开始之前的，不必处理。",
        message_en=f"{count} valid numbers replace an original that is not among the numbers filed (N109). If the original was "
        "forgotten, file it: it is stored as replaced. If it is older than the quarters filed here, nothing is to be done.",
    )  # fmt: skip
