"""Every table, item and check of the scheme has its help: a page, and words in both languages."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from django.utils.translation import override

from reports.schemes import views
from reports.schemes.definition import Check, Indicator
from reports.schemes.failures import OWN_CHECKS
from reports.schemes.helptexts import cards, item_help, search
from reports.schemes.loading import load_scheme

pytestmark = pytest.mark.django_db


def test_every_table_item_and_check_has_a_page_with_words_in_both_languages():
    definition = load_scheme().definition
    request = RequestFactory().get("/help/")
    checks: tuple[Check, ...] = (*definition.checks, *OWN_CHECKS)
    for table in definition.tables:
        assert views.table_help(request, table.code).status_code == 200
    for language in ("zh-hans", "en"):
        with override(language):
            items: list[Indicator] = [item for table in definition.tables for item in table.indicators]
            assert [item.code for item in items if not (item_help(definition, item).form and item.name)] == []
            assert [card.code for card in cards(checks) if not card.rule.words] == []
    alone = RequestFactory().get("/help/", headers={"HX-Request": "true"})
    for item in items:
        assert views.indicator_help(alone, item.code).status_code == 200, item.code
    for check in checks:
        assert views.check_detail(alone, check.code).status_code == 200, check.code


def test_each_is_found_by_its_code():
    definition = load_scheme().definition
    codes = {item.code for table in definition.tables for item in table.indicators}
    for code in sorted(codes)[::10]:
        assert code in {item.code for item in search(definition, code).items}
    for check in (*definition.checks[::10], *OWN_CHECKS):
        assert check.code in {card.code for card in search(definition, check.code).cards}
