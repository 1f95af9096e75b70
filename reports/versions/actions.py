"""Making, changing and publishing versions of a scheme. The only writers of drafts."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from institutions.models import Membership
from portal.clock import database_now
from portal.errors import TooLarge
from portal.trail.actions import record
from portal.uploads import storage
from reports.schemes import causes
from reports.schemes.arriving import Arrived, FileRefused, read_file
from reports.schemes.building import LONGEST_TITLE, SCHEME_CODE
from reports.schemes.content import digest_of
from reports.schemes.models import Scheme
from reports.versions import rules
from reports.versions.errors import ChangedMeanwhile, NotReady, NotTaken, must
from reports.versions.models import SchemeUpload
from reports.versions.standing import standing_of

FOLDER = "schemes"
#: Files kept of one draft; what older ones said lives on in the trail.
KEPT = 10


def copy_version(*, source: Scheme, code: str, year: int, title_zh: str, title_en: str, by: Membership) -> Scheme:
    """A draft with everything of a published version but its head; it gets the next free version number of the code."""
    must(rules.can_make(by))
    if not source.is_published:
        raise NotTaken(_("A draft is made from a published version."))
    content = copy.deepcopy(source.content)
    content["scheme"] = {**content["scheme"], "code": code, "year": year, "title_zh": title_zh, "title_en": title_en}
    with transaction.atomic():
        scheme = _new_draft(content, source)
        record("scheme.copied", by=by, obj=scheme, details={"base": str(source)})
    return scheme


def receive(*, chunks: Iterable[bytes], name: str, by: Membership, scheme: Scheme | None = None) -> SchemeUpload:
    """Keep the workbook, read it in a bounded program, and make it the content of the draft, or of a new one without `scheme`.

    A faulty workbook is taken, too: its faults are listed and the draft cannot be published. Raises NotTaken for a file that
    is no scheme workbook at all, and then nothing is kept or changed.
    """
    must(rules.can_change(by, scheme) if scheme else rules.can_make(by))
    try:
        kept = storage.keep(FOLDER, chunks, settings.WORKBOOK_FILE_MB * 2**20)
    except storage.TooBig:
        raise TooLarge(causes.refusal({"code": "size", "values": {"most": settings.WORKBOOK_FILE_MB}})) from None
    try:
        arrived = read_file(kept.path)
        upload = SchemeUpload(
            by=by, name=storage.clean_name(name), size=kept.size, sha256=kept.sha256, stored_as=kept.stored_as
        )
        with transaction.atomic():
            return _take(upload, arrived, scheme)
    except FileRefused as refused:
        kept.path.unlink(missing_ok=True)
        raise NotTaken(causes.refusal(refused.told)) from None
    except BaseException:
        kept.path.unlink(missing_ok=True)
        raise


def _take(upload: SchemeUpload, arrived: Arrived, scheme: Scheme | None) -> SchemeUpload:
    notes = list(arrived.notes)
    if scheme is None:
        scheme = _from_workbook(arrived, upload.name, notes)
    else:
        scheme = locked(scheme)
        must(rules.can_change(upload.by, scheme))
        notes += _strangeness(scheme, arrived)
        _replace(scheme, _with_own_head(scheme, arrived, notes))
    upload.scheme, upload.places, upload.faults, upload.notes = scheme, arrived.places, arrived.faults, notes
    upload.save(force_insert=True)
    _clear(scheme.uploads.exclude(stored_as="")[KEPT:])
    with override(settings.LANGUAGE_CODE):
        faults = len(standing_of(scheme).faults)
    details = {"name": upload.name, "size": upload.size, "sha256": upload.sha256, "faults": faults}
    record("scheme.uploaded", by=upload.by, obj=scheme, details=details)
    return upload


def _from_workbook(arrived: Arrived, name: str, notes: list[dict[str, Any]]) -> Scheme:
    head = arrived.content["scheme"]
    base = _stamped(arrived.stamp) or Scheme.objects.published().first()
    given = head.get("version", "")
    if not SCHEME_CODE.fullmatch(head.get("code", "")):
        arrived.faults.append(
            {"code": "code_replaced", "sheet": "scheme", "cell": "", "values": {"given": head.get("code", "")[:40]}}
        )
        head["code"] = "new"
    if base is not None:
        _keep(("columns",), arrived.content, base, notes)
    scheme = _new_draft(arrived.content, base, name)
    if given not in ("", str(scheme.version)):
        values = {"code": scheme.code, "given": given, "version": scheme.version}
        notes.append({"code": "renumbered", "sheet": "scheme", "cell": "", "values": values})
    if not arrived.stamp:
        notes.append({"code": "no_stamp", "sheet": "scheme", "cell": "", "values": {}})
    return scheme


def _stamped(stamp: str) -> Scheme | None:
    code, _bar, rest = stamp.partition("|")
    version = rest.partition("|")[0]
    if not re.fullmatch("[0-9]{1,4}", version):
        return None
    return Scheme.objects.published().filter(code=code, version=int(version)).first()


def _strangeness(scheme: Scheme, arrived: Arrived) -> list[dict[str, Any]]:
    """Whether the workbook came from another version, or from this draft as it was before somebody changed it."""
    made_from, _bar, digest = arrived.stamp.rpartition("|")
    note = {"sheet": "scheme", "cell": "", "values": {}}
    if not arrived.stamp:
        return [{**note, "code": "no_stamp"}]
    if made_from != f"{scheme.code}|{scheme.version}":
        return [{**note, "code": "other_base", "values": {"stamp": made_from.replace("|", " v")}}]
    return [] if digest == scheme.digest else [{**note, "code": "older"}]


def _with_own_head(scheme: Scheme, arrived: Arrived, notes: list[dict[str, Any]]) -> dict[str, Any]:
    """A draft keeps its code and number whatever the workbook says; sheets it need not have are kept."""
    content = arrived.content
    head = content["scheme"]
    given = (head.get("code", ""), head.get("version", ""))
    if given != (scheme.code, str(scheme.version)) and any(given):
        values = {"given": " v".join(given), "code": scheme.code, "version": scheme.version}
        notes.append({"code": "other_head", "sheet": "scheme", "cell": "", "values": values})
    content["scheme"] = {**head, "code": scheme.code, "version": str(scheme.version)}
    _keep(("renames", "columns"), content, scheme, notes)
    return content


def _keep(sheets: Iterable[str], content: dict[str, Any], source: Scheme, notes: list[dict[str, Any]]) -> None:
    """Sheets that a workbook need not have come from the version it was made from."""
    for sheet in sheets:
        if sheet not in content and source.content.get(sheet):
            content[sheet] = source.content[sheet]
            notes.append({"code": f"{sheet}_kept", "sheet": sheet, "cell": "", "values": {}})


def set_renames(*, scheme: Scheme, renames: Mapping[str, str], digest: str, by: Membership) -> Scheme:
    """Which old code goes on as which new one; `digest` is that of the draft the form showed.

    Codes of earlier versions that the form does not show stay as they are. Raises ChangedMeanwhile.
    """
    with transaction.atomic():
        scheme = _for_change(scheme, digest, by)
        before = {row["code"] for row in (scheme.base.content["indicators"] if scheme.base else ())}
        kept = [row for row in scheme.content.get("renames", ()) if row.get("old") not in before]
        rows = kept + [{"old": old, "new": new} for old, new in sorted(renames.items())]
        _replace(scheme, {**scheme.content, "renames": rows})
        record("scheme.mapped", by=by, obj=scheme, details={"renames": dict(renames)})
    return scheme


def delete_draft(*, scheme: Scheme, by: Membership) -> None:
    """The draft with its uploads, their files, and its try-outs."""
    with transaction.atomic():
        scheme = locked(scheme)
        must(rules.can_change(by, scheme))
        record("scheme.deleted", by=by, obj=scheme, details={"digest": scheme.digest})
        for upload in scheme.uploads.exclude(stored_as=""):
            path = storage.path_of(upload.stored_as, FOLDER)
            transaction.on_commit(partial(path.unlink, missing_ok=True))
        scheme.delete()


def publish(*, scheme: Scheme, digest: str, by: Membership) -> Scheme:
    """From now on the version never changes and rounds may use it. `digest` is that of the draft that was confirmed."""
    with transaction.atomic():
        scheme = _for_change(scheme, digest, by)
        verdict = rules.can_publish(by, scheme, len(standing_of(scheme).faults))
        if not verdict:
            raise NotReady(verdict.reason)
        scheme.status, scheme.published_at = Scheme.Status.PUBLISHED, database_now()
        scheme.save(update_fields=["status", "published_at"])
        record("scheme.published", by=by, obj=scheme, details={"digest": scheme.digest, "base": str(scheme.base or "")})
    return scheme


# -- below ----------------------------------------------------------------------------------------


def locked(scheme: Scheme) -> Scheme:
    found = Scheme.objects.select_for_update(of=("self",)).select_related("base").filter(pk=scheme.pk).first()
    if found is None:
        raise ChangedMeanwhile(_("The draft was deleted meanwhile."))
    return found


def _for_change(scheme: Scheme, digest: str, by: Membership) -> Scheme:
    scheme = locked(scheme)
    must(rules.can_change(by, scheme))
    if scheme.digest != digest:
        raise ChangedMeanwhile(
            _("The draft was changed after you opened the page. Look at it again, then repeat what you wanted to do.")
        )
    return scheme


def _new_draft(content: dict[str, Any], base: Scheme | None, name: str = "") -> Scheme:
    """A row for the content, whatever is wrong with its head; the content's own version becomes the next free one."""
    head = content["scheme"]
    code = str(head["code"])
    with connection.cursor() as cursor:  # one number after the other
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('scheme ' || %s))", [code])
    last = Scheme.objects.filter(code=code).aggregate(last=Max("version"))["last"]
    version = (last or 0) + 1
    head["version"] = str(version)
    return Scheme.objects.create(
        code=code, version=version, base=base, content=content, digest=digest_of(content), **_shown(head, name)
    )


def _replace(scheme: Scheme, content: dict[str, Any]) -> None:
    scheme.content, scheme.digest = content, digest_of(content)
    for column, value in _shown(content["scheme"], scheme.title_zh).items():
        setattr(scheme, column, value)
    scheme.save()


def _shown(head: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What lists show of a head that may be faulty."""
    year = str(head.get("year", ""))
    titles = {f"title_{lang}": str(head.get(f"title_{lang}", "") or name or "—") for lang in ("zh", "en")}
    return {
        "year": int(year) if re.fullmatch("[0-9]{1,4}", year) else 0,
        **{column: text[:LONGEST_TITLE] for column, text in titles.items()},
    }


def _clear(uploads: Iterable[SchemeUpload]) -> None:
    for upload in uploads:
        path = storage.path_of(upload.stored_as, FOLDER)
        upload.stored_as = ""
        upload.save(update_fields=["stored_as"])
        transaction.on_commit(partial(path.unlink, missing_ok=True))
