"""Codes of tables, items and checks mentioned in a text, as links to their help."""

from __future__ import annotations

import re

from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from reports.schemes.definition import SchemeDefinition
from reports.schemes.failures import OWN_CHECKS
from reports.schemes.models import Scheme

#: JC01-1, A301, K011 by themselves; not a part of a longer word or number such as FJ-A301-2.
_CODE = re.compile(r"(?<![A-Za-z0-9-])[A-Z]{1,4}[0-9]{0,3}(?:-[0-9]{1,2})?(?![A-Za-z0-9-])", re.ASCII)


def with_links(text: str) -> SafeString:
    """The text escaped, with codes of the newest published scheme linked. One query, and none where no code stands."""
    if not _CODE.search(text):
        return SafeString(conditional_escape(text))
    scheme = Scheme.objects.published().defer("content").first()
    if scheme is None:
        return SafeString(conditional_escape(text))
    definition = scheme.definition
    checks = {check.code for check in (*definition.checks, *OWN_CHECKS)}
    parts, at = [], 0
    for found in _CODE.finditer(text):
        name = _page_of(definition, checks, found[0])
        if name:
            parts += [conditional_escape(text[at : found.start()]), _link(name, found[0])]
            at = found.end()
    parts.append(conditional_escape(text[at:]))
    return mark_safe("".join(parts))  # noqa: S308 -- every part is escaped above


def _page_of(definition: SchemeDefinition, checks: set[str], code: str) -> str:
    if code in definition.table_by_code:
        return "schemes:table-help"
    if code in definition.indicator_by_code:
        return "schemes:indicator-help"
    return "schemes:check-detail" if code in checks else ""


def _link(name: str, code: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse(name, args=[code]), code)
