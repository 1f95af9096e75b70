"""Receiving a register, matching its columns, asking for its comparison and application. The only writers of imports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from institutions.models import Membership
from institutions.register import causes, rules, staging
from institutions.register.columns import FIELDS, NEEDED
from institutions.register.models import RegisterColumns, RegisterImport
from portal.errors import Conflict, Refused
from portal.jobs import actions as jobs
from portal.rules import Verdict
from portal.trail.actions import record
from portal.uploads import children, storage
from portal.uploads.children import ChildRefused
from portal.uploads.headings import plain

FOLDER = "register"
#: Imports of a bureau whose file and lines are kept; of older ones what was done stays.
KEPT = 5
State = RegisterImport.State


class NotAllowed(Refused):
    """The rule refused; its words are the reason."""


class FileRefused(Refused):
    """The file cannot be read; the reason says why and what to do."""

    status = 422


class BadColumns(Refused):
    """The matching of columns leaves out what is needed, or uses a column twice."""

    status = 422


class Moved(Conflict):
    """The import is not where the reader saw it."""


def _demand(verdict: Verdict) -> None:
    if not verdict:
        raise NotAllowed(verdict.reason)


def _limits() -> dict[str, int]:
    return {"memory_mb": settings.REGISTER_CHILD_MB, "seconds": settings.REGISTER_CHILD_SECONDS}


def receive(*, chunks: Iterable[bytes], name: str, by: Membership) -> RegisterImport:
    """Keep the file and look at its first rows in a bounded program; nothing of the register changes.

    Raises FileRefused; nothing of such a file is kept but the event.
    """
    _demand(rules.can_import(by))
    assert by.bureau is not None, "rules.can_import"
    try:
        kept = storage.keep(f"{FOLDER}/{by.bureau_id}", chunks, settings.REGISTER_FILE_MB * 2**20)
    except storage.TooBig:
        raise FileRefused(causes.refusal({"code": "size", "values": {"most": settings.REGISTER_FILE_MB}})) from None
    shown = storage.clean_name(name)
    known = RegisterColumns.objects.filter(bureau=by.bureau).first()
    task = {"path": str(kept.path), "act": "look", "kept": known.headings if known else {}}
    try:
        reading = children.run("institutions.register.child", task, **_limits())
    except ChildRefused as refused:
        kept.path.unlink(missing_ok=True)
        details = {"name": shown, "sha256": kept.sha256, "cause": refused.told["code"]}
        record("register.received", by=by, scope=by.bureau.path or "", succeeded=False, details=details)
        raise FileRefused(causes.refusal(refused.told)) from None
    except BaseException:
        kept.path.unlink(missing_ok=True)
        raise
    with transaction.atomic():
        imported = RegisterImport.objects.create(
            by=by, bureau=by.bureau, name=shown, stored_as=kept.stored_as, sha256=kept.sha256, size=kept.size,
            reading=reading, columns=reading["columns"],
        )  # fmt: skip
        record("register.received", by=by, obj=imported, scope=by.bureau.path or "",
               details={"name": shown, "sha256": kept.sha256, "size": kept.size})  # fmt: skip
        for old in RegisterImport.objects.filter(bureau=by.bureau).exclude(stored_as="")[KEPT:]:
            _clear(old)
    return imported


def match_columns(*, imported: RegisterImport, columns: Mapping[str, int], by: Membership) -> RegisterImport:
    """Use the columns as matched, remember them for the bureau, and have the file compared in the background.

    `columns` is field → number of the column. Matching again while the file was not applied compares it anew.
    """
    _demand(rules.can_import(by))
    chosen = _checked(imported, columns)
    with transaction.atomic():
        locked = _locked(imported, by)
        if locked.state not in (State.MATCHING, State.COMPARED, State.FAILED) and not (
            locked.state == State.COMPARING and locked.stopped
        ):
            raise Moved(
                _("The file is “%(state)s” by now. Nothing was changed.") % {"state": locked.get_state_display()}
            )
        locked.columns, locked.state, locked.counts, locked.refusal = chosen, State.COMPARING, {}, {}
        staging.clear(locked.pk)
        locked.job = jobs.create(kind="register.compare", by=by, params={"import": locked.pk})
        locked.save(update_fields=["columns", "state", "counts", "refusal", "job"])
        used = {index: field for field, index in chosen.items()}
        headings = {
            plain(heading): used.get(index, "") for index, heading in enumerate(locked.reading["headings"]) if heading
        }
        RegisterColumns.objects.update_or_create(bureau=locked.bureau, defaults={"headings": headings})
    return locked


def _checked(imported: RegisterImport, columns: Mapping[str, int]) -> dict[str, int]:
    width = len(imported.reading.get("headings", []))
    chosen = {field: index for field, index in columns.items() if field in FIELDS and 0 <= index < width}
    missing = [str(causes.FIELDS[field]) for field in NEEDED if field not in chosen]
    if missing:
        raise BadColumns(
            _("No column was chosen for: %(fields)s. Without them nothing can be compared.")
            % {"fields": _(", ").join(missing)}
        )
    return chosen


def apply_import(*, imported: RegisterImport, by: Membership) -> RegisterImport:
    """Have the compared lines written into the register in the background."""
    with transaction.atomic():
        locked = _locked(imported, by)
        _demand(rules.can_apply(by, locked))
        locked.state = State.APPLYING
        locked.job = jobs.create(kind="register.apply", by=by, params={"import": locked.pk})
        locked.save(update_fields=["state", "job"])
    return locked


def discard(*, imported: RegisterImport, by: Membership) -> RegisterImport:
    """Put a file aside that is not to be applied; its lines go."""
    with transaction.atomic():
        locked = _locked(imported, by)
        if locked.state in (State.APPLYING, State.APPLIED, State.DISCARDED) and not locked.stopped:
            raise Moved(
                _("The file is “%(state)s” by now. Nothing was changed.") % {"state": locked.get_state_display()}
            )
        locked.state = State.DISCARDED
        locked.save(update_fields=["state"])
        _clear(locked)
        record("register.discarded", by=by, obj=locked, scope=locked.bureau.path or "", details={"name": locked.name})
    return locked


def _locked(imported: RegisterImport, by: Membership) -> RegisterImport:
    locked = RegisterImport.objects.select_for_update(of=("self",)).select_related("bureau", "job").get(pk=imported.pk)
    if by.bureau_id != locked.bureau_id:
        raise NotAllowed(_("Only %(bureau)s, which sent the file, goes on with it.") % {"bureau": locked.bureau})
    return locked


def _clear(imported: RegisterImport) -> None:
    staging.clear(imported.pk)
    paths = [storage.path_of(stored, FOLDER) for stored in (imported.stored_as, imported.marked_as) if stored]
    RegisterImport.objects.filter(pk=imported.pk).update(stored_as="", marked_as="")
    for path in paths:
        transaction.on_commit(partial(path.unlink, missing_ok=True))


# -- what the jobs do -----------------------------------------------------------------------------


def finish_comparison(
    imported: RegisterImport, counts: Mapping[str, Any], reading: Mapping[str, Any], marked: str
) -> bool:
    """False when somebody matched the columns anew or put the file aside meanwhile."""
    waiting = RegisterImport.objects.filter(pk=imported.pk, state=State.COMPARING, job=imported.job_id)
    return bool(
        waiting.update(
            state=State.COMPARED, counts=dict(counts), reading={**imported.reading, **reading}, marked_as=marked
        )
    )


def fail_comparison(imported: RegisterImport, told: Mapping[str, Any]) -> None:
    waiting = RegisterImport.objects.filter(pk=imported.pk, state=State.COMPARING, job=imported.job_id)
    waiting.update(state=State.FAILED, refusal=dict(told))


def back_to_matching(imported: RegisterImport) -> None:
    """To be compared anew."""
    RegisterImport.objects.filter(pk=imported.pk, state=State.APPLYING).update(state=State.MATCHING, counts={})


def mark_file(imported: RegisterImport, report: Mapping[str, Any]) -> str:
    """The user's own file with a column of reasons; the path below MEDIA_ROOT, or empty where there is nothing to say."""
    source = storage.path_of(imported.stored_as, FOLDER)
    made = storage.new_path(f"{FOLDER}/{imported.bureau_id}", ".xlsx" if report["format"] == "xlsx" else ".csv")
    reasons: Path = made.with_suffix(".reasons")
    try:
        if not staging.write_reasons(imported.pk, reasons):
            return ""
        with override(imported.by.user.language):
            task = {
                "path": str(source), "out": str(made), "reasons": str(reasons), "report": dict(report),
                "heading": _("Result of the check"), "templates": causes.templates(),
            }  # fmt: skip
            children.run("portal.uploads.marking", task, **_limits())
    except ChildRefused:
        made.unlink(missing_ok=True)
        return ""
    finally:
        reasons.unlink(missing_ok=True)
    return str(made.relative_to(settings.MEDIA_ROOT))
