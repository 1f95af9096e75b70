"""One batch from the stored file to counted numbers: read, check and store, mark, count.

Safe to run again from the beginning at any point: see `reports.numbers.staging`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from portal.clock import database_now
from portal.jobs.registry import Progress
from portal.trail.actions import record
from portal.uploads import frames
from portal.uploads.children import ChildRefused
from reports.numbers import causes, children, figures, files
from reports.numbers.models import NumberBatch, ReportNumber
from reports.numbers.reading import headings as h
from reports.numbers.reasons import spelled
from reports.numbers.staging import Outcome, Replacing, Staging, drop_tables
from reports.rounds.quarters import SHANGHAI, Quarter

log = logging.getLogger(__name__)
COUNTED = ("read", "causes", "findings", "replaces")
UNTOLD = frozenset((*COUNTED, "blank", "peak_mb"))
FORMS = {NumberBatch.Source.PASTE: "list", NumberBatch.Source.API: "jsonl"}


class Cancelled(Exception):
    """The institution asked to stop, or the batch was closed elsewhere, before anything was stored."""


def run(batch: NumberBatch, progress: Progress, *, attempt: int = 1) -> NumberBatch:
    """Bring the batch to its end. `batch` is loaded with filing, round and institution; a finished one is left alone.

    Order: read, store, count and write the counts down in one transaction, mark the user's file, then close the batch in
    another. Once the first is committed the batch can no longer be cancelled, nor end as if nothing of it were stored.
    """
    if not NumberBatch.objects.filter(pk=batch.pk).unfinished().update(state=NumberBatch.State.RUNNING):
        batch.refresh_from_db()
        return batch
    quarter = Quarter.parse(batch.filing.round.period)
    staging = Staging(batch.pk, attempt, batch.filing.institution_id, quarter.code)
    try:
        _stop_if_asked(batch)
        staging.create()
        with transaction.atomic():
            staging.begin()
            report = _read(batch, staging, progress)
            _stop_if_asked(batch)
            progress("store", done=report["read"], total=report["read"])
            outcome = staging.store(**{name: report[name] for name in COUNTED}, replacing=_replacing(batch))
            _recompute(batch, outcome)
            _write_counts(batch, report, outcome)
        progress("mark", done=outcome.stored)
        marked = _mark(batch, staging, report, outcome) if outcome.anything_to_mark else Marked()
        progress()
        _finish(batch, marked)
    except ChildRefused as refused:
        progress()
        _refuse(batch, refused.told)
    except Cancelled:
        _cancel(batch)
    drop_tables(batch.pk)
    return batch


# -- reading --------------------------------------------------------------------------------------


def _read(batch: NumberBatch, staging: Staging, progress: Progress) -> dict[str, Any]:
    def tell(payload: bytes) -> None:
        _stop_if_asked(batch)
        progress("read", **json.loads(payload))

    progress("read", done=0)
    take = {
        frames.DIRECT: staging.copy_direct,
        frames.ROWS: staging.copy,
        frames.FAULTS: staging.copy_refused,
        frames.PROGRESS: tell,
    }
    with children.reading(lambda: _task(batch, staging)) as child:
        return child.report(take)


def _task(batch: NumberBatch, staging: Staging) -> dict[str, Any]:
    return {
        "path": str(files.path_of(batch.stored_as)),
        "form": form_of(batch) if not _is_workbook(batch) else "auto",
        "known": known_to_child(batch) | {"constants": staging.constants},
    }


def form_of(batch: NumberBatch) -> str:
    return FORMS.get(NumberBatch.Source(batch.source), "auto")


def _is_workbook(batch: NumberBatch) -> bool:
    with files.path_of(batch.stored_as).open("rb") as file:
        return file.read(2) == b"PK"


def _stop_if_asked(batch: NumberBatch) -> None:
    if NumberBatch.objects.filter(pk=batch.pk, cancel_asked=True).exists():
        raise Cancelled


def known_to_child(batch: NumberBatch) -> dict[str, Any]:
    """What the reading child has to know, as JSON: it never sees the database."""
    quarter = Quarter.parse(batch.filing.round.period)
    return _decides(batch) | {
        "padded_to": padded_to(batch.filing.institution_id, quarter),
        "trusts_code": batch.trusts_code,
    }


def _decides(batch: NumberBatch) -> dict[str, Any]:
    """What decides beside the bytes which lines are good."""
    filing = batch.filing
    quarter = Quarter.parse(filing.round.period)
    table = filing.round.scheme.definition.table_by_code["RN"]
    institution = filing.institution
    return {
        "start": quarter.start.isoformat(),
        "end": quarter.end.isoformat(),
        "today": localtime(database_now(), SHANGHAI).date().isoformat(),
        "certificates": [
            [row.number, row.issued_on.isoformat(), row.expires_on.isoformat()]
            for row in institution.certificates.order_by("number")
        ],
        "options": {
            code: {
                label: option.code
                for option in table.by_code[code].options
                for label in (option.label_zh, option.label_en)
            }
            for code in (h.DOMAIN, h.KIND, h.STATE)
        },
        "sites": list(institution.sites.order_by("number").values_list("number", flat=True)),
        "names": {item.code: [item.name_zh, item.name_en] for item in table.indicators},
        "defaults": batch.defaults,
        "uscc": institution.uscc,
    }


def digest_of_known(batch: NumberBatch) -> str:
    """Of what decides: the same bytes under the same digest bring the same result.

    The sender's defaults, the register, the options, the quarter, and the day as long as it lies in the quarter. Not the
    numbers filed, which only ever grow: a line that was good stays counted once. Not `trusts_code` either: whose file it is
    was asked about when it was refused as a whole, and such a file is always read again.
    """
    known = _decides(batch) | {"form": form_of(batch)}
    known["today"] = min(known["today"], known["end"])
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()


def padded_to(institution_id: int, quarter: Quarter) -> int:
    """The common length of the institution's numbers where they are digits filled up with zeros, else 0.

    Judged by some numbers of the quarter, the one before and the same one last year.
    """
    codes = [quarter.code, Quarter.of(quarter.start - dt.timedelta(days=1)).code, quarter.year_before.code]
    numbers = ReportNumber.objects.of(institution_id).filter(quarter__in=codes)
    keys = list(numbers.values_list("key", flat=True)[:200])
    lengths = {len(key) for key in keys}
    padded = len(keys) >= 3 and len(lengths) == 1 and all(key.isdecimal() for key in keys)
    return lengths.pop() if padded and any(key.startswith("0") for key in keys) else 0


# -- storing --------------------------------------------------------------------------------------


def _replacing(batch: NumberBatch) -> Replacing:
    """The reason is in the language that is active, the sender's, like one they type themselves."""
    assert batch.by is not None, "whoever sends a file acts for the institution"
    return Replacing(by=batch.by.user_id, reason=_("Replaced by row {line} of “{file}”."))


def _recompute(batch: NumberBatch, outcome: Outcome) -> None:
    """In the transaction that stored the numbers: whoever sees them sees their count."""
    figures.recompute(batch.filing)
    for code in outcome.quarters - {Quarter.parse(batch.filing.round.period).code}:
        figures.recompute_quarter(batch.filing.institution_id, Quarter.from_code(code))


def _write_counts(batch: NumberBatch, report: dict[str, Any], outcome: Outcome) -> None:
    """The last step of that transaction, so that a batch whose numbers are stored says so from the same moment on.

    Who cancels locks the row as well: one of the two is first, and the other finds it done. A later attempt that comes to
    the same counts stored nothing, and leaves no second event.
    """
    row = NumberBatch.objects.select_for_update().get(pk=batch.pk)
    if row.is_over or row.cancel_asked:
        raise Cancelled
    counts = {
        "stored": outcome.stored,
        "already": outcome.already,
        "repeated": outcome.repeated,
        "refused": outcome.refused,
    }
    before = {name: getattr(row, name) for name in counts}
    batch.reading = _told(report)
    NumberBatch.objects.filter(pk=batch.pk).update(
        **counts, read=report["read"], blank=report["blank"], causes=outcome.causes, findings=outcome.findings,
        samples=spelled(outcome.samples), reading=batch.reading,
    )  # fmt: skip
    if not row.is_counted or before != counts:
        details = counts | {"replaced": outcome.replaced}
        record("numbers.imported", by=batch.by, obj=batch, scope=batch.filing.scope, details=details)


def _told(report: dict[str, Any]) -> dict[str, Any]:
    """What `NumberBatch.reading` keeps of it."""
    return {name: value for name, value in report.items() if name not in UNTOLD}


# -- marking --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Marked:
    """Paths below MEDIA_ROOT of the marked copy and of the reasons alone, and the code of why there is no copy; blank
    where there is none."""

    copy: str = ""
    reasons: str = ""
    unmarked: str = ""


def _mark(batch: NumberBatch, staging: Staging, report: dict[str, Any], outcome: Outcome) -> Marked:
    """Write every reason, and the user's own file with a column of them in the language that is active."""
    source = files.path_of(batch.stored_as)
    made = files.new_path(batch.filing.institution_id, f".{report['format']}")
    reasons = made.with_suffix(".reasons")
    staging.write_reasons(reasons)
    kept = Marked(reasons=files.below_root(reasons))
    try:
        task = {
            "path": str(source), "out": str(made), "reasons": str(reasons), "report": report,
            "heading": _("Result of the check"), "templates": causes.templates() | _already(outcome.others),
        }  # fmt: skip
        children.run("marking", task)
    except ChildRefused as refused:
        # The numbers are stored all the same; the counts and the reasons are told without the copy.
        log.error("The file of batch %s could not be marked: %s", batch.pk, refused.told)
        made.unlink(missing_ok=True)
        return replace(kept, unmarked=refused.told["code"])
    return replace(kept, copy=files.below_root(made))


def _already(others: list[int]) -> dict[str, str]:
    """Whole sentences for numbers filed before, one for each batch they came in."""
    found = {}
    for other in NumberBatch.objects.filter(pk__in=others).select_related("filing__round"):
        day = date_format(localtime(other.created_at), "DATE_FORMAT")
        found[f"already|{other.pk}"] = causes.sentence(f"already|{day}|{other.filing.round}|{other.name}")
    return found


# -- the end --------------------------------------------------------------------------------------


def _end(batch: NumberBatch, state: str, **changes: Any) -> bool:
    """Close the batch once; False when another attempt did."""
    ended = NumberBatch.objects.filter(pk=batch.pk).unfinished().update(state=state, finished_at=Now(), **changes)
    batch.refresh_from_db()
    return bool(ended)


def _finish(batch: NumberBatch, marked: Marked) -> None:
    done: dict[str, Any] = {"marked_file": marked.copy, "reasons_file": marked.reasons}
    if marked.unmarked:
        done["reading"] = batch.reading | {"unmarked": marked.unmarked}
    with transaction.atomic():
        if _end(batch, NumberBatch.State.DONE, **done):
            _look_closer(batch)


def _look_closer(batch: NumberBatch) -> None:
    if batch.stored:
        figures.ask_for_closer_look(batch.filing)


def _cancel(batch: NumberBatch) -> None:
    with transaction.atomic():
        if _end(batch, NumberBatch.State.CANCELLED):
            record("numbers.cancelled", by=batch.by, obj=batch, scope=batch.filing.scope)


def _refuse(batch: NumberBatch, told: dict[str, Any]) -> None:
    """The file as a whole. Where an earlier attempt could read it and stored its numbers, it is this attempt that failed."""
    with transaction.atomic():
        if NumberBatch.objects.select_for_update().get(pk=batch.pk).is_counted:
            _stop(batch)
        elif _end(batch, NumberBatch.State.REFUSED, refusal=told):
            record("numbers.refused", by=batch.by, obj=batch, scope=batch.filing.scope, details={"code": told["code"]})


def fail(batch: NumberBatch) -> None:
    """The work stopped for a reason of ours. What was stored stays, and the batch has its counts."""
    connection.close_if_unusable_or_obsolete()
    with transaction.atomic():
        ended = _stop(batch)
    if ended:
        drop_tables(batch.pk)


def _stop(batch: NumberBatch) -> bool:
    ended = _end(batch, NumberBatch.State.FAILED)
    if ended:
        _look_closer(batch)
    return ended
