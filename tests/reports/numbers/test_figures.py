"""What the numbers say: certificates, the annual table, and numbers that another institution filed too."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reports.filings.models import Filing
from reports.numbers import figures
from reports.numbers.models import NumberBatch, ReportNumber
from tests.factories.institutions import Province

Sent = Callable[..., NumberBatch]

# -- certificates ---------------------------------------------------------------------------------

SPELLED = "（闽）认字-2022a-7号"


@pytest.mark.parametrize("written", [SPELLED, "(闽)认字-2022A-7号", ""])
def test_a_certificate_is_the_registers_however_a_line_spells_it(
    sent: Sent, filing: Filing, world: Province, written: str
) -> None:
    world.a.certificates.update(number=SPELLED)
    assert sent(f"报告编号,日期,证书编号\nFJ-1,2023-11-05,{written}\n").stored == 1
    assert ReportNumber.objects.get(institution_id=world.a.pk).certificate == SPELLED
    assert figures.return_of(filing).invalid_certificate == 0


def test_a_certificate_that_is_not_the_institutions_is_told_as_it_was_written(sent: Sent, world: Province) -> None:
    world.a.certificates.update(number=SPELLED)
    batch = sent("报告编号,日期,证书编号\nFJ-1,2023-11-05,(闽)认字-2022b-7号\n")
    assert batch.samples == [[2, "FJ-1", "certificate_unknown|(闽)认字-2022b-7号"]]
