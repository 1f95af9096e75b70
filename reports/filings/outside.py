"""Facts that later rooms know about a filing, for the checks. A room registers its provider when it is ready.

The rooms import one way, so this one cannot ask them; they tell it whom to ask.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reports.filings.models import Filing

#: Names of `reports.schemes.facts.Facts` with their values; what is not known is left out.
Provider = Callable[["Filing"], dict[str, Any]]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    if provider not in _providers:
        _providers.append(provider)


def facts(filing: Filing) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for provider in _providers:
        found |= provider(filing)
    return found
