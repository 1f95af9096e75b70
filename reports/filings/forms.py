"""What people type into a filing, as clean data. Nothing here reads or writes the database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from portal.ui.typed import whole_number
from reports.filings.cellkeys import CellKey
from reports.filings.drafts import Change
from reports.schemes.definition import TableDefinition


def seen_version(post: QueryDict) -> int:
    """The version the page showed; what is not a number counts as never seen, so that nothing is overwritten."""
    return whole_number(post.get("seen", ""), 0)


def typed_changes(table: TableDefinition, post: QueryDict) -> list[Change]:
    """The cells that differ from what the page showed.

    The hidden field "was" is JSON {cell key: shown text}. A cell that is not in it counts as changed; names that are no
    cell of the table are left out. Of a name sent twice the last counts, except for tick boxes.
    """
    was = _shown_before(post.get("was", ""))
    changes = []
    for name in post:
        key = CellKey.parse(name)
        indicator = table.by_code.get(key.code)
        if indicator is None or indicator.computed or bool(key.row_id) != table.repeating:
            continue
        texts = post.getlist(name)
        raw = ",".join(filter(None, texts)) if indicator.dtype == "multi" else texts[-1].replace("\r\n", "\n")
        if was.get(name) != raw:
            changes.append(Change(key, raw))
    return changes


def _shown_before(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):  # the latter for thousands of brackets
        return {}
    return found if isinstance(found, dict) else {}
