"""The lists a register's words come from. They belong to the scheme, which later rooms know: they tell this one whom to ask."""

from __future__ import annotations

from collections.abc import Callable

#: "kinds", "statuses", "domains", "unit_types" → label → code.
Lists = dict[str, dict[str, str]]
Provider = Callable[[], Lists]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    if provider not in _providers:
        _providers.append(provider)


def known() -> Lists:
    found: Lists = {}
    for provider in _providers:
        for name, labels in provider().items():
            found.setdefault(name, {}).update(labels)
    return found
