"""The number and the code that a receipt carries on paper, and finding the revision they belong to.

A receipt number tells which revision; the code is the beginning of its digest, so nobody makes one up who has not seen the
paper, and a figure that was changed afterwards would have another.
"""

from __future__ import annotations

import re
from hmac import compare_digest

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe

from reports.filings.models import Revision

CODE = 20  # signs of the digest
_NUMBER = re.compile(r"(\d{4}(?:Q[1-4])?)-(\d{6,12})-(\d{1,4})-([0-9A-F]{8})", re.ASCII)
_SPACES = re.compile(r"[\s\-\u2010-\u2015]+")


def code_of(revision: Revision) -> str:
    """In groups of four, as it is printed."""
    signs = revision.digest[:CODE].upper()
    return "-".join(signs[at : at + 4] for at in range(0, CODE, 4))


def digest_groups(revision: Revision) -> list[str]:
    return [revision.digest[at : at + 8] for at in range(0, 64, 8)]


def check_address(revision: Revision) -> str:
    """The public page that compares, with this paper's number and code filled in."""
    params = urlencode({"no": revision.receipt_number, "code": code_of(revision)})
    return f"{settings.PORTAL_BASE_URL}{reverse('filings:receipt-check')}?{params}"


def qr_of(address: str) -> SafeString:
    """As inline SVG."""
    code = segno.make(address, error="m", micro=False)
    # segno writes numbers and fixed names only.
    return mark_safe(code.svg_inline(scale=3, border=2, svgclass=None, lineclass=None, omitsize=False))  # noqa: S308


def matching(number: str, code: str) -> Revision | None:
    """The revision that the paper was printed from, or None: no such receipt, or another code. `code` may be as long as
    the whole digest, and is never shorter than on paper."""
    parts = _NUMBER.fullmatch(number.strip().upper())
    signs = _SPACES.sub("", code).lower()
    if parts is None or not CODE <= len(signs) <= 64 or not signs.isascii():
        return None
    period, filing, revision, _head = parts.groups()
    found = (
        Revision.objects.filter(filing_id=int(filing), number=int(revision), filing__round__period=period)
        .select_related("filing__institution", "filing__round", "recall")
        .defer("cells", "derived", "figures", "explanations")
        .first()
    )
    if found is None or found.receipt_number != number.strip().upper():
        return None
    return found if compare_digest(found.digest[: len(signs)], signs) else None
