"""Facts that later rooms know about a filing, for the checks. A room registers its provider when it is ready.

The rooms import one way, so this one cannot ask them; they tell it whom to ask.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reports.filings.models import Filing

#: Cells by table, as the checks are about to read them.
Tables = Mapping[str, Mapping[str, Any]]
#: Names of `reports.schemes.facts.Facts` with their values; what is not known is left out.
Provider = Callable[["Filing", Tables], dict[str, Any]]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    if provider not in _providers:
        _providers.append(provider)


def facts(filing: Filing, tables: Tables) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for provider in _providers:
        found |= provider(filing, tables)
    return found
