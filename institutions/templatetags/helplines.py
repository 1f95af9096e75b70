"""Whom to ask, on pages whose view does not know: error pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.db import Error

from institutions.helplines.models import HelpLine
from institutions.helplines.queries import whom_to_ask

register = template.Library()


@register.simple_tag(takes_context=True)
def help_lines(context: template.Context) -> list[HelpLine]:
    """Nothing where the database does not answer: an error page is drawn all the same."""
    request: Any = context.get("request")
    try:
        return whom_to_ask(getattr(request, "membership", None))
    except Error:
        return []
