"""Codes in a text lead to their help; everything else of it stays text."""

from __future__ import annotations

import pytest

from reports.schemes.loading import load_scheme
from reports.schemes.mentions import with_links

pytestmark = pytest.mark.django_db


def test_codes_of_tables_items_and_checks_are_linked_and_the_rest_is_text(django_assert_num_queries):
    load_scheme()
    with_links("A301")
    with django_assert_num_queries(1):
        html = with_links("请核对JC01-1和A301，见K011；报告FJ-A301-2、A999、XA301不是代码。<b>&")
    assert html == (
        '请核对<a href="/help/tables/JC01-1/">JC01-1</a>和<a href="/help/indicators/A301/">A301</a>，'
        '见<a href="/help/checks/K011/">K011</a>；报告FJ-A301-2、A999、XA301不是代码。&lt;b&gt;&amp;'
    )


def test_a_text_without_codes_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert with_links("请按时填报<br>") == "请按时填报&lt;br&gt;"


def test_before_anything_is_published_nothing_is_linked():
    assert with_links("A301 <i>") == "A301 &lt;i&gt;"
