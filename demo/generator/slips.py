"""Errors as people make them, put into correct tables."""

from __future__ import annotations

import copy
from typing import Any

from demo.generator.chance import Chance
from demo.generator.filing import Tables

#: (table, indicator) of which one is mistyped; each belongs to a sum that no longer holds.
_MISTYPED = (
    ("JC01", "A313"),
    ("JC01", "A331"),
    ("JC01", "A324"),
    ("JC05", "W303"),
    ("JC05", "W202"),
    ("JC02", "E119"),
    ("JC03", "S201"),
)


def in_yuan(tables: Tables) -> Tables:
    """The finance table typed in yuan instead of thousand yuan, and with it the revenue by domain."""
    slipped = copy.deepcopy(tables)
    for table in ("JC02", "JC03", "JC04"):
        for code, text in slipped.get(table, {}).items():
            if code != "E001" and text != "0":
                slipped[table][code] = f"{text}000"
    for row in slipped["JC05-1"]["rows"]:
        row["D103"] = f"{row['D103']}000" if row["D103"] != "0" else "0"
    return slipped


def mismatched(tables: Tables, chance: Chance) -> Tables:
    """One part of a sum mistyped."""
    slipped = copy.deepcopy(tables)
    table, code = chance.choice([(table, code) for table, code in _MISTYPED if table in tables])
    slipped[table][code] = str(int(slipped[table][code]) + chance.choice((1, 2, 3, 9)))
    return slipped


def copied(tables: Tables, before: Tables) -> Tables:
    """Last year's figures again; certificates and sites are this year's."""
    slipped = copy.deepcopy(tables)
    for table, cells in before.items():
        if table in slipped and table not in ("JC01-1",):
            slipped[table] = copy.deepcopy(cells)
    return slipped


def half_filled(tables: Tables, part: float, chance: Chance) -> Tables:
    """A draft that somebody is still filling: whole tables first, then a stretch of the next one, the rest as it came."""
    order = list(tables)
    done = part * len(order)
    draft: Tables = {}
    for at, table in enumerate(order):
        if at + 1 <= done:
            draft[table] = copy.deepcopy(tables[table])
        elif at < done and "rows" not in tables[table]:
            draft[table] = _stretch(tables[table], done - at)
    return draft


def _stretch(cells: dict[str, Any], part: float) -> dict[str, Any]:
    kept = max(1, round(len(cells) * part))
    return dict(list(cells.items())[:kept])
