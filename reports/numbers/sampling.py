"""A few numbers of a quarter for the reviewer to ask after: the same ones for the same revision, whoever looks."""

from __future__ import annotations

from django.db.models import BigIntegerField, F, Func, Value

from reports.filings.models import Filing
from reports.numbers.models import ReportNumber
from reports.rounds.quarters import Quarter

SIZE = 12


def sample_of(filing: Filing, revision: int) -> list[ReportNumber]:
    """SIZE valid numbers drawn by the hash of the number under a seed of filing and revision, in order of the number.

    Every number has the same chance, and the institution cannot foresee which. One pass over the quarter's numbers.
    """
    drawn = Func(
        F("key"), Value(filing.pk * 100 + revision), function="hashtextextended", output_field=BigIntegerField()
    )
    numbers = ReportNumber.objects.of(filing.institution_id).in_quarter(Quarter.parse(filing.round.period))
    rows = numbers.filter(state=ReportNumber.State.VALID).order_by(drawn)
    return sorted(rows[:SIZE], key=lambda row: row.key)
