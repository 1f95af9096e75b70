"""A question that every request asks, with its SQL made once.

Django writes the SQL of a queryset anew each time; for one that joins three tables this takes as long as the database takes to
answer. `Prepared` compiles it at the first call and gives the same SQL new values afterwards. It is for the few questions that
stand behind every saved cell, not a style: it leans on how Django's compiler hands over its SQL, which
tests/portal/test_prepared.py holds.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable

M = TypeVar("M", bound=Model)


class Prepared(Generic[M]):
    """`make` builds the queryset from its values; `samples` are values of their types that nothing else in it equals.

    Joined rows (`select_related`) and annotations come along, prefetches do not. Calling it asks the database each time.
    """

    def __init__(self, make: Callable[..., QuerySet[M]], *samples: Any) -> None:
        self._make, self._samples = make, samples
        self._made: tuple[Any, str, tuple[Any, ...]] | None = None

    def __call__(self, *values: Any) -> list[M]:
        compiler, sql, params = self._made or self._compile()
        compiler = copy(compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        given = tuple(values[param] if isinstance(param, _Place) else param for param in params)
        compiler.as_sql = lambda *_args, **_options: (sql, given)
        query = SimpleNamespace(get_compiler=lambda using: compiler)
        asked: Any = SimpleNamespace(db=DEFAULT_DB_ALIAS, query=query, _known_related_objects={})
        return list(ModelIterable(asked))

    def _compile(self) -> tuple[Any, str, tuple[Any, ...]]:
        compiler = self._make(*self._samples).query.get_compiler(using=DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        places = tuple(_Place(self._samples.index(param)) if param in self._samples else param for param in params)
        if {place for place in places if isinstance(place, _Place)} != set(range(len(self._samples))):
            raise ValueError("Each sample must stand in the SQL as a parameter.")
        self._made = compiler, sql, places
        return self._made


class _Place(int):
    """Where one of the values goes, by its position."""
