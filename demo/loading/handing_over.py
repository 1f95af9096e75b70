"""A filing that waits for its signer: the rest taken over from last year, every finding explained, then handed over."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation

from demo.generator import answers
from demo.generator.chance import Chance
from demo.loading.register import Numbering
from demo.loading.stories import FROM_LAST_YEAR, READY
from institutions.models import Membership
from reports.filings.actions import explain
from reports.filings.examination import examine, note_counts
from reports.filings.lastyear import offered, take_over
from reports.filings.models import Filing, State
from reports.filings.signing.actions import hand_over
from reports.rounds.models import Kind, Round

NOTE = "全部表格已核对，面积和专利两项沿用上年数，请过目后签署。"


def hand_to_signer(round: Round, people: Numbering, *, seed: int) -> None:
    """By the actions of the product. Nothing for a province too small to have the institution."""
    filing = Filing.objects.for_page().filter(round=round, institution=people.institution(READY)).first()
    if filing is None or filing.state != State.DRAFTING or round.kind != Kind.ANNUAL_STATISTICS:
        return
    filer = Membership.objects.select_related("user", "institution").get(user=people.filer(READY))
    with translation.override(settings.LANGUAGE_CODE):
        _finish(filing, filer, seed)
        filing = Filing.objects.for_page().get(pk=filing.pk)
        hand_over(filing=filing, by=filer, stamp=examine(filing).digest, note=NOTE)


def _finish(filing: Filing, filer: Membership, seed: int) -> None:
    table = filing.round.scheme.definition.table("JC05")
    items = [table.by_code[code] for code in FROM_LAST_YEAR]
    take_over(filing=filing, table=table, values=offered(examine(filing), table, items), by=filer)
    chance = Chance(seed, "ready")
    for failure in examine(_again(filing)).unexplained:
        explain(filing=_again(filing), key=failure.key, text=answers.explanation(failure.code, chance), by=filer)
    note_counts(examine(_again(filing)))


def _again(filing: Filing) -> Filing:
    return Filing.objects.for_page().get(pk=filing.pk)
