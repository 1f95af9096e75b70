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
from reports.filings.models import Filing, State
from reports.numbers import rules
from reports.numbers.models import QuarterReturn, ReportNumber, SharedNumber
from reports.rounds.models import Kind
from reports.rounds.quarters import Quarter

FILED = (State.IN_REVIEW, State.ACCEPTED)
#: K114: four quarters against the annual table.
TOLERANCE = Decimal("0.02")
MOST_PATTERNS, MOST_GAPS, MOST_SHARED = 30, 20, 200

_COUNT = """
SELECT state, cma_mark, certificate, issued_on, count(*)
  FROM numbers_reportnumber
 WHERE institution_id = %s AND quarter = %s
 GROUP BY 1, 2, 3, 4
"""

# Asked with each cell that is saved.
_OF_YEAR = """
SELECT coalesce(sum(r.valid), 0), count(*)
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

_SHARED = """
INSERT INTO numbers_sharednumber (institution_id, key, other_id, quarter)
SELECT pair.institution_id, pair.key, pair.other_id, pair.quarter
  FROM (SELECT n.key, n.institution_id AS one, n.quarter AS one_quarter, o.institution_id AS two, o.quarter AS two_quarter
          FROM numbers_reportnumber n
          JOIN numbers_reportnumber o ON o.key = n.key AND o.institution_id <> n.institution_id
         WHERE n.institution_id = %(institution)s AND n.quarter = %(quarter)s
         LIMIT %(most)s) found
 CROSS JOIN LATERAL (VALUES (found.one, found.key, found.two, found.one_quarter),
                            (found.two, found.key, found.one, found.two_quarter)) AS pair(institution_id, key, other_id, quarter)
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
    """The same for another quarter of the institution, where it has a filing for it."""
    filing = _filings(institution_id).filter(round__period=quarter.period).first()
    if filing is not None:
        recompute(filing)


def _filings(institution_id: int) -> QuerySet[Filing]:
    return Filing.objects.filter(institution=institution_id, round__kind=Kind.QUARTERLY_NUMBERS).select_related(
        "round", "institution"
    )


def filing_of(pk: int) -> Filing:
    return Filing.objects.select_related("round", "institution").get(pk=pk)


# -- what people read -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one filing. None is "not known". Changes and shares are exact; the page rounds them."""

    returned: QuarterReturn
    last_year: int | None
    year_numbers: int
    quarters_filed: int
    annual: int | None

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
        """The year's four quarters against W311, or W301 where that is blank (K114); None until all four are filed."""
        if self.quarters_filed < 4 or not self.annual:
            return None
        return Decimal(self.year_numbers) / self.annual - 1

    @property
    def annual_differs(self) -> bool:
        return self.annual_gap is not None and abs(self.annual_gap) > TOLERANCE


def report(filing: Filing) -> Report:
    """Six queries at most, whatever the size of the table."""
    quarter = Quarter.parse(filing.round.period)
    total, filed = numbers_of_year(filing.institution_id, quarter.year)
    return Report(
        returned=return_of(filing),
        last_year=same_quarter_last_year(filing.institution_id, quarter),
        year_numbers=total,
        quarters_filed=filed,
        annual=_annual_count(filing.institution_id, quarter.year),
    )


def same_quarter_last_year(institution_id: int, quarter: Quarter) -> int | None:
    """Valid numbers of that quarter, if the institution filed it."""
    return (
        QuarterReturn.objects.filter(
            filing__institution=institution_id,
            filing__round__kind=Kind.QUARTERLY_NUMBERS,
            filing__round__period=quarter.year_before.period,
            filing__state__in=FILED,
        )
        .values_list("valid", flat=True)
        .first()
    )


def numbers_of_year(institution_id: int, year: int) -> tuple[int, int]:
    """(valid numbers of the year, how many of its quarters were filed)."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_YEAR, [institution_id, Kind.QUARTERLY_NUMBERS, f"{year}Q_", list(FILED)])
        total, filed = cursor.fetchone()
    return int(total), filed


def _annual_count(institution_id: int, year: int) -> int | None:
    """W311, or W301 where that is blank, of the year's annual filing as last submitted."""
    cells = (
        Filing.objects.filter(institution=institution_id, round__kind=Kind.ANNUAL_STATISTICS, round__period=str(year))
        .values_list("revision__cells", flat=True)
        .first()
    )
    table = (cells or {}).get("JC05", {})
    for code in ("W311", "W301"):
        if str(table.get(code, "")).isdecimal():
            return int(table[code])
    return None


def facts_of_year(filing: Filing) -> dict[str, Any]:
    """For the checks of an annual filing (K114): the year's numbers, once all four quarters are filed."""
    if filing.round.kind != Kind.ANNUAL_STATISTICS:
        return {}
    total, filed = numbers_of_year(filing.institution_id, filing.round.year)
    return {"year_numbers": total} if filed == 4 else {}


# -- the closer look ------------------------------------------------------------------------------


def ask_for_closer_look(filing: Filing) -> None:
    """One waiting job for the filing is enough, however many batches come in."""
    waiting = Job.objects.filter(kind="numbers.look", state=Job.State.QUEUED, params={"filing": filing.pk})
    if not waiting.exists():
        create(kind="numbers.look", by=None, params={"filing": filing.pk})


def look_closer(filing: Filing) -> None:
    """Find the sequences with their gaps, and numbers another institution filed too."""
    values = {
        "institution": filing.institution_id,
        "quarter": Quarter.parse(filing.round.period).code,
        "patterns": MOST_PATTERNS,
        "shown": MOST_GAPS,
        "most": MOST_SHARED,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(_PATTERNS, values)
        patterns = [_pattern(*row) for row in cursor.fetchall()]
        QuarterReturn.objects.filter(pk=made_return(filing).pk).update(patterns=patterns, looked_at=Now())
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
