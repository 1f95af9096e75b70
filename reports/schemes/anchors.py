"""Indicators that the portal itself reads, whatever the scheme: identity, prefilled cells, groupings and key figures.

A version in which one of them is missing or has another code cannot be published.
"""

from __future__ import annotations

from .content import bundled

#: The identity and the register's rows; the dimensions of summaries; figures that lists and summaries show by name; of the annual
#: report its cover, its summary, the pledge and the signed copy.
_CODES = """
    A101 A102 A103 A111 A113 A114 A121 A201 A203 A218 A301
    B101 B102 B103 B104 B105 B106 B107 B108 B110
    C101 C102 C103 C104 C105 C106
    D101 D103 D104 D105 D106
    E201 E304 W101 W201 W211 W301 W311 W501 W511
    N101 N102 N103 Q101 Q102 Q103
    X001 X002 X003 X008
    R001 R002 R003 R401 R504 R901
"""
ANCHORS = tuple(_CODES.split())


def home_of(code: str) -> str:
    """The table in which the portal looks for the indicator: that of the scheme it ships with."""
    return bundled().indicator(code).table
