"""What the open page of a head has to change after a save by its script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils.timezone import localtime

from reports.annual.heads import Answer
from reports.annual.pages import Look
from reports.filings.drafts import Conflict, Saved
from reports.schemes.definition import TableDefinition
from reports.schemes.values import show_value


def state_of(look: Look, number: int, saved: Saved, wrong: Mapping[str, str]) -> dict[str, Any]:
    """`look` was made after the save; `wrong` are the answers that could not even be kept as typed."""
    report, head = look.report, look.head(number)
    answers = {answer.item.code: answer for answer in head.answers if answer.is_typed}
    return {
        "version": report.draft.version,
        "saved_at": f"{localtime(report.draft.saved_at):%H:%M:%S}" if report.draft.saved_at else "",
        "filled": report.filled,
        "required": report.required,
        "heads": render_to_string("annual/_heads.html", {"report": report, "number": number}),
        "answers": {code: _around(answer, wrong.get(code, "")) for code, answer in answers.items()},
        "cells": {code: answers[code].value for code in saved.values if code in answers},
        "conflicts": [_conflict(report.table, conflict) for conflict in saved.conflicts],
    }


def _around(answer: Answer, wrong: str) -> dict[str, Any]:
    """What stands beside the field."""
    return {"required": answer.required, "when": answer.when, "wrong": ([wrong] if wrong else []) + answer.findings}


def _conflict(table: TableDefinition, conflict: Conflict) -> dict[str, Any]:
    """`text` is the other clerk's answer as the field takes it; both are also given as a reader sees them."""
    item = table.by_code[conflict.key.code]
    return {
        "key": conflict.key.code,
        "by": conflict.by,
        "text": conflict.stored or "",
        "theirs": show_value(item, conflict.stored),
        "mine": conflict.mine,
        "mine_shown": show_value(item, conflict.mine),
    }
