"""What the numbers say: counts against the declaration, last year and the annual table; sequences and gaps; shared numbers.

Everything is computed set-wise by the database. Counts are fresh after each batch and each change; sequences and shared
numbers follow in a job of their own (`look_closer`), since nobody waits for them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from institutions.models import Institution, Membership
from portal.jobs.actions import create
from portal.jobs.models import Job
from reports.filings.errors import NotAllowed
from reports.filings.models import Filing, Revision, State
from reports.numbers import rules
from reports.numbers.models import QuarterReturn, ReportNumber, SharedNumber
from reports.rounds.models import Kind
from reports.rounds.quarters import Quarter

#: Out of the institution's hands: with the reviewers, or accepted.
SENT = (State.IN_REVIEW, State.ACCEPTED)
#: K114: four quarters against the annual table, which counts reports with the CMA mark and all reports.
ANNUAL_TABLE, MARKED_REPORTS, REPORTS = "JC05", "W311", "W301"
TOLERANCE = Decimal("0.02")
MOST_PATTERNS, MOST_GAPS, MOST_SHARED = 30, 20, 200

_COUNT = """
SELECT state, cma_mark, certificate, issued_on, count(*)
  FROM numbers_reportnumber
 WHERE institution_id = %s AND quarter = %s
 GROUP BY 1, 2, 3, 4
"""

# The few that replace another are found first and by their own index, then each is probed: compared all together they would
# be every number of the quarter.
_UNFOUND = """
SELECT count(*)
  FROM (SELECT key, replaces_key, quarter, state FROM numbers_reportnumber
         WHERE institution_id = %(institution)s AND replaces_key IS NOT NULL OFFSET 0) n
 WHERE n.quarter = %(quarter)s AND n.state = %(valid)s
   AND NOT EXISTS (SELECT FROM numbers_reportnumber
                    WHERE institution_id = %(institution)s AND key = n.replaces_key AND key <> n.key OFFSET 0)
"""

# Asked with each cell that is saved.
_OF_YEAR = """
SELECT coalesce(sum(r.valid), 0), coalesce(sum(r.cma_valid), 0), count(*)
  FROM filings_filing f
  JOIN rounds_round d ON d.id = f.round_id
  JOIN numbers_quarterreturn r ON r.filing_id = f.id
 WHERE f.institution_id = %s AND d.kind = %s AND d.period LIKE %s AND f.state = ANY(%s)
"""

# A number splits into what stands before its last digits, those digits, and what follows; plain functions do it where
# the number ends in a digit, and an expression where it does not ("…第0001号").
_PARTS = """
WITH parts AS MATERIALIZED (
    SELECT head, length(digits) AS width, tail, digits::bigint AS n
      FROM (
        SELECT rtrim(key, '0123456789') AS head, substr(key, length(rtrim(key, '0123456789')) + 1) AS digits, '' AS tail
          FROM numbers_reportnumber
         WHERE institution_id = %(institution)s AND quarter = %(quarter)s AND right(key, 1) BETWEEN '0' AND '9'
        UNION ALL
        SELECT m[1], m[2], m[3]
          FROM numbers_reportnumber, regexp_match(key, '^(.*?)([0-9]+)([^0-9]+)$') m
         WHERE institution_id = %(institution)s AND quarter = %(quarter)s AND right(key, 1) NOT BETWEEN '0' AND '9'
           AND m IS NOT NULL
      ) split
     WHERE length(digits) <= 18
)
"""
_PATTERNS = """
{parts}, steps AS (
    SELECT head, width, tail, n, n - lag(n) OVER (PARTITION BY head, width, tail ORDER BY n) - 1 AS missing FROM parts
), totals AS (
    SELECT head, width, tail, count(*) AS numbers, min(n) AS first, max(n) AS last,
           count(*) FILTER (WHERE missing > 0) AS gaps, coalesce(sum(missing) FILTER (WHERE missing > 0), 0) AS missing
      FROM steps GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1 LIMIT %(patterns)s
)
SELECT t.*, ARRAY(SELECT ARRAY[s.n - s.missing, s.n - 1] FROM steps s
                   WHERE s.missing > 0 AND t.gaps > 0 AND (s.head, s.width, s.tail) = (t.head, t.width, t.tail)
                   ORDER BY s.n LIMIT %(shown)s)
  FROM totals t ORDER BY numbers DESC, head
""".replace("{parts}", _PARTS)

# Both rows of a pair go once one of its numbers is void or replaced, whichever institution is looked at. Rows are locked and
# written in one order, since two institutions that share numbers may be looked at together.
_SHARED_NO_MORE = """
DELETE FROM numbers_sharednumber WHERE id IN (
    SELECT s.id
      FROM numbers_sharednumber s
     WHERE (s.institution_id = %(institution)s OR s.other_id = %(institution)s)
       AND 2 > (SELECT count(*) FROM numbers_reportnumber n
                 WHERE n.key = s.key AND n.institution_id IN (s.institution_id, s.other_id) AND n.state = %(valid)s)
     ORDER BY s.key, s.institution_id
       FOR UPDATE
)
"""
# All are found before the first ones are taken: to find them in order, the planner would walk the keys of everybody.
_SHARED = """
WITH found AS MATERIALIZED (
    SELECT n.key, n.institution_id AS one, n.quarter AS one_quarter, o.institution_id AS two, o.quarter AS two_quarter
      FROM numbers_reportnumber n
      JOIN numbers_reportnumber o ON o.key = n.key AND o.institution_id <> n.institution_id
     WHERE n.institution_id = %(institution)s AND n.quarter = %(quarter)s AND n.state = %(valid)s AND o.state = %(valid)s
), first AS (
    SELECT * FROM found ORDER BY key, two LIMIT %(most)s
)
INSERT INTO numbers_sharednumber (institution_id, key, other_id, quarter)
SELECT pair.institution_id, pair.key, pair.other_id, pair.quarter
  FROM first
 CROSS JOIN LATERAL (VALUES (first.one, first.key, first.two, first.one_quarter),
                            (first.two, first.key, first.one, first.two_quarter)) AS pair(institution_id, key, other_id, quarter)
 ORDER BY pair.key, pair.institution_id
    ON CONFLICT DO NOTHING
"""


# -- counts ---------------------------------------------------------------------------------------


def return_of(filing: Filing) -> QuarterReturn:
    """The filing's declaration and counts, to be read; before the first act a row of nothing that is not in the table."""
    return QuarterReturn.objects.filter(filing=filing).first() or QuarterReturn(filing_id=filing.pk)


def made_return(filing: Filing) -> QuarterReturn:
    """The same for whoever changes it: the row is made where there is none."""
    found, _created = QuarterReturn.objects.get_or_create(filing=filing)
    return found


def recompute(filing: Filing) -> QuarterReturn:
    """Count the numbers of the filing's institution and quarter anew. The counts are those of the caller's transaction."""
    quarter = Quarter.parse(filing.round.period)
    with transaction.atomic():
        row = QuarterReturn.objects.select_for_update().get(pk=made_return(filing).pk)
        with connection.cursor() as cursor:
            # Of numbers just stored the planner expects one, and would sort a million to group them.
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute(_COUNT, [filing.institution_id, quarter.code])
            groups = cursor.fetchall()
            cursor.execute("SET LOCAL enable_sort = on")
        periods = {c.number: (c.issued_on, c.expires_on) for c in filing.institution.certificates.all()}
        by_state = {
            state: sum(group[4] for group in groups if group[0] == state) for state in ReportNumber.State.values
        }
        valid = [group for group in groups if group[0] == ReportNumber.State.VALID]
        row.valid, row.void, row.replaced = by_state[1], by_state[2], by_state[3]
        row.cma_valid = sum(count for _state, mark, _certificate, _day, count in valid if mark)
        row.invalid_certificate = sum(
            count
            for _state, _mark, certificate, day, count in valid
            if certificate and not _holds(periods, certificate, day)
        )
        row.computed_at = Now()
        row.save(update_fields=["valid", "void", "replaced", "cma_valid", "invalid_certificate", "computed_at"])
        row.refresh_from_db()
    return row


def _holds(periods: Mapping[str, tuple[dt.date, dt.date]], certificate: str, day: dt.date) -> bool:
    return certificate in periods and periods[certificate][0] <= day <= periods[certificate][1]


def recompute_quarter(institution_id: int, quarter: Quarter) -> None:
    """For a quarter whose numbers were voided, replaced or added to: count anew and look closer, where it has a filing."""
    filing = _filings(institution_id).filter(round__period=quarter.period).first()
    if filing is not None:
        recompute(filing)
        ask_for_closer_look(filing)


def _filings(institution_id: int) -> QuerySet[Filing]:
    return Filing.objects.filter(institution=institution_id, round__kind=Kind.QUARTERLY_NUMBERS).select_related(
        "round", "institution"
    )


def signed_of(filing: Filing) -> Revision | None:
    """The revision that stands with the reviewers or is accepted."""
    return filing.revision if filing.state in SENT else None


def filing_of(pk: int) -> Filing:
    return Filing.objects.select_related("round", "institution").get(pk=pk)


# -- what people read -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one filing. None is "not known". Changes and shares are exact; the page rounds them.

    `year_numbers` are those of the quarters that were filed, among them this one if `year_has_this`.
    `annual` is what the annual table counts, and `annual_numbers` are those of the year's numbers that it would count: with
    the CMA mark (`annual_is_marked`), or all.
    """

    returned: QuarterReturn
    last_year: int | None
    year_numbers: int
    quarters_filed: int
    annual: int | None
    annual_numbers: int
    annual_is_marked: bool
    year_has_this: bool = False

    @property
    def difference(self) -> int | None:
        """Valid numbers beyond the declared count (K113); negative when numbers are missing."""
        declared = self.returned.declared
        return None if declared is None else self.returned.valid - declared

    @property
    def change(self) -> Decimal | None:
        """Against the same quarter last year (K116): 0.5 is half as many again."""
        return Decimal(self.returned.valid) / self.last_year - 1 if self.last_year else None

    @property
    def annual_gap(self) -> Decimal | None:
        """The year's four quarters against the annual table (K114); None until all four are filed."""
        if self.quarters_filed < 4 or not self.annual:
            return None
        return Decimal(self.annual_numbers) / self.annual - 1

    @property
    def annual_differs(self) -> bool:
        return self.annual_gap is not None and abs(self.annual_gap) > TOLERANCE


def report(filing: Filing) -> Report:
    """Four queries, whatever the size of the table."""
    last_year = same_quarter_last_year(filing.institution_id, Quarter.parse(filing.round.period))
    return report_with(filing, return_of(filing), last_year)


def report_with(filing: Filing, returned: QuarterReturn, last_year: int | None) -> Report:
    """The same where the counts and those of last year are known already: two queries."""
    quarter = Quarter.parse(filing.round.period)
    year = numbers_of_year(filing.institution_id, quarter.year)
    table = _annual_table(filing.institution_id, quarter.year)
    code = compared_item(table)
    return Report(
        returned=returned,
        last_year=last_year,
        year_numbers=year.valid,
        quarters_filed=year.quarters,
        annual=int(table[code]) if code else None,
        annual_numbers=year.compared_with(code),
        annual_is_marked=code == MARKED_REPORTS,
        year_has_this=filing.state in SENT,
    )


def same_quarter_last_year(institution_id: int, quarter: Quarter) -> int | None:
    """Valid numbers of that quarter, if the institution filed it."""
    return (
        QuarterReturn.objects.filter(
            filing__institution=institution_id,
            filing__round__kind=Kind.QUARTERLY_NUMBERS,
            filing__round__period=quarter.year_before.period,
            filing__state__in=SENT,
        )
        .values_list("valid", flat=True)
        .first()
    )


def unfound_originals(institution_id: int, quarter: Quarter) -> int:
    """Valid numbers of the quarter that replace one the institution did not file."""
    with connection.cursor() as cursor:
        values = {"institution": institution_id, "quarter": quarter.code, "valid": ReportNumber.State.VALID}
        cursor.execute(_UNFOUND, values)
        return int(cursor.fetchone()[0])


@dataclass(frozen=True, slots=True)
class YearNumbers:
    """Valid numbers of the quarters of a year that were filed, those with the CMA mark among them, and how many quarters."""

    valid: int
    cma_valid: int
    quarters: int

    def compared_with(self, code: str | None) -> int:
        """Like with like: the reports with the CMA mark have the numbers with it, all reports have all numbers."""
        return self.cma_valid if code == MARKED_REPORTS else self.valid


def numbers_of_year(institution_id: int, year: int) -> YearNumbers:
    with connection.cursor() as cursor:
        cursor.execute(_OF_YEAR, [institution_id, Kind.QUARTERLY_NUMBERS, f"{year}Q_", list(SENT)])
        valid, cma_valid, quarters = cursor.fetchone()
    return YearNumbers(int(valid), int(cma_valid), quarters)


def _annual_table(institution_id: int, year: int) -> Mapping[str, Any]:
    """JC05 of the year's annual filing as last submitted."""
    cells = (
        Filing.objects.filter(institution=institution_id, round__kind=Kind.ANNUAL_STATISTICS, round__period=str(year))
        .values_list("revision__cells", flat=True)
        .first()
    )
    table: Mapping[str, Any] = (cells or {}).get(ANNUAL_TABLE, {})
    return table


def compared_item(table: Mapping[str, Any]) -> str | None:
    """With which item of JC05 the year's numbers are compared (K114): W311, or W301 where that is blank."""
    return next((code for code in (MARKED_REPORTS, REPORTS) if str(table.get(code, "")).isdecimal()), None)


def facts_of_year(filing: Filing, tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """For the checks of an annual filing (K114): the year's numbers of the kind that its tables count, once all four
    quarters are filed."""
    if filing.round.kind != Kind.ANNUAL_STATISTICS:
        return {}
    year = numbers_of_year(filing.institution_id, filing.round.year)
    if year.quarters < 4:
        return {}
    return {"year_numbers": year.compared_with(compared_item(tables.get(ANNUAL_TABLE, {})))}


# -- the closer look ------------------------------------------------------------------------------


def ask_for_closer_look(filing: Filing) -> None:
    """One waiting job for the filing is enough, however many batches come in."""
    waiting = Job.objects.filter(kind="numbers.look", state=Job.State.QUEUED, params={"filing": filing.pk})
    if not waiting.exists():
        create(kind="numbers.look", by=None, params={"filing": filing.pk})


def look_closer(filing: Filing) -> None:
    """Find the sequences with their gaps, and the first valid numbers that another institution filed too; forget those of
    its numbers that are shared no more."""
    values = {
        "institution": filing.institution_id,
        "quarter": Quarter.parse(filing.round.period).code,
        "patterns": MOST_PATTERNS,
        "shown": MOST_GAPS,
        "most": MOST_SHARED,
        "valid": ReportNumber.State.VALID,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(_PATTERNS, values)
        patterns = [_pattern(*row) for row in cursor.fetchall()]
        QuarterReturn.objects.filter(pk=made_return(filing).pk).update(patterns=patterns, looked_at=Now())
        cursor.execute(_SHARED_NO_MORE, values)
        cursor.execute(_SHARED, values)


def _pattern(
    head: str,
    width: int,
    tail: str,
    numbers: int,
    first: int,
    last: int,
    gaps: int,
    missing: Decimal,
    shown: list[list[int]],
) -> dict[str, Any]:
    """As it is stored in `QuarterReturn.patterns`; the gaps are the first ones, as numbers written out."""

    def written(n: int) -> str:
        return f"{head}{n:0{width}d}{tail}"

    return {
        "pattern": f"{head}{'#' * width}{tail}",
        "numbers": numbers,
        "first": written(first),
        "last": written(last),
        "gaps": gaps,
        "missing": int(missing),
        "shown": [[written(int(one)), written(int(two))] for one, two in shown],
    }


def shared_numbers(membership: Membership, quarter: Quarter) -> QuerySet[SharedNumber]:
    """Numbers two institutions filed, one of them in the bureau's scope; for supervisors alone. Served by an index."""
    verdict = rules.can_see_shared(membership)
    if not verdict:
        raise NotAllowed(verdict.reason)
    own = Institution.objects.visible_to(membership)
    return SharedNumber.objects.filter(quarter=quarter.code, institution__in=own).select_related("institution", "other")
