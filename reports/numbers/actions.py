"""Sending numbers in: a file, a pasted list, a range, the interface. Each becomes a batch that a worker reads.

The bytes are on the disk before the row exists, and the row is committed before anyone is told that they arrived.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from institutions.models import Membership
from portal.clock import database_now
from portal.errors import TooLarge
from portal.trail.actions import record
from portal.uploads.storage import clean_name
from reports.filings.errors import NotAllowed
from reports.filings.models import Filing, State
from reports.filings.transitions import apply
from reports.numbers import causes, files, pipeline, queueing, rules
from reports.numbers.errors import NotTaken
from reports.numbers.keys import LONGEST, key_of, trouble_in
from reports.numbers.models import NumberBatch
from reports.numbers.reading.cells import shown
from reports.numbers.reading.headings import CERTIFICATE, ISSUED
from reports.numbers.strays import stray_in


@dataclass(frozen=True, slots=True)
class Received:
    """`again` tells that the same bytes, or the same request, came before: `batch` is the one they were."""

    batch: NumberBatch
    again: bool = False


def receive(
    *,
    filing: Filing,
    chunks: Iterable[bytes],
    name: str,
    by: Membership,
    source: str = NumberBatch.Source.FILE,
    defaults: dict[str, str] | None = None,
    idempotency_key: str = "",
    trusts_code: bool = False,
) -> Received:
    """Keep a file and let it be read in the background. Raises NotAllowed, and TooLarge above NUMBERS_FILE_MB.

    The same bytes for the same filing, under whatever name, change nothing: the earlier batch is answered. They are read
    again when something has changed that they are read by (`pipeline.digest_of_known`): the date or certificate given with
    a list, or the register. What was stored stays counted once, and lines that were refused may be good now. The same
    `idempotency_key` answers its batch whatever has changed, also where nothing new may be sent, unless that failed or was
    cancelled: then the same bytes are read again, and other bytes still answer the old one.
    """
    before = filing.number_batches.filter(idempotency_key=idempotency_key).first() if idempotency_key else None
    if before is not None and before.state not in NumberBatch.GIVEN_UP:
        return Received(before, again=True)
    _must(by, filing)
    try:
        path, size, sha256 = files.keep(filing.institution_id, chunks, settings.NUMBERS_FILE_MB * 2**20)
    except files.TooBig:
        raise TooLarge(
            _("The file is larger than %(size)s MB. Split it, or leave out columns that are not asked for.")
            % {"size": settings.NUMBERS_FILE_MB}
        ) from None
    if before is not None and before.sha256 != sha256:
        path.unlink()
        return Received(before, again=True)
    batch = NumberBatch(
        filing=filing, by=by, source=source, name=clean_name(name), size=size, sha256=sha256,
        stored_as=files.below_root(path), defaults=defaults or {}, idempotency_key=idempotency_key,
        trusts_code=trusts_code,
    )  # fmt: skip
    try:
        with transaction.atomic():
            _record(filing, by, batch)
    except BaseException as error:
        path.unlink(missing_ok=True)
        before = _same(batch) if isinstance(error, IntegrityError) else None
        if before is None:
            raise
        return Received(before, again=True)
    return Received(batch)


def _record(filing: Filing, by: Membership, batch: NumberBatch) -> None:
    fresh = Filing.objects.select_for_update(of=("self",)).for_page().get(pk=filing.pk)
    now = database_now()
    verdict = rules.can_send(by, fresh, now)
    if not verdict:
        raise NotAllowed(verdict.reason)
    batch.filing = fresh
    batch.known_digest = pipeline.digest_of_known(batch)
    with transaction.atomic():  # a batch that is there already must not undo the rest unseen
        batch.save(force_insert=True)
    if fresh.state == State.DUE:
        apply("begin", filing=fresh, by=by, version=fresh.version, now=now)
    filing.state, filing.version = fresh.state, fresh.version
    record(
        "numbers.received", by=by, obj=batch, scope=filing.scope,
        details={"name": batch.name, "size": batch.size, "sha256": batch.sha256, "source": batch.source},
    )  # fmt: skip
    queueing.start_next(filing.institution_id)
    batch.refresh_from_db()


def _same(batch: NumberBatch) -> NumberBatch | None:
    """The one that was in the way, whatever became of it since: the latest, as nothing like it could come after it."""
    batches = batch.filing.number_batches.order_by("-id")
    by_key = batches.filter(idempotency_key=batch.idempotency_key) if batch.idempotency_key else batches.none()
    by_bytes = batches.filter(sha256=batch.sha256, known_digest=batch.known_digest)
    return by_key.exclude(state__in=NumberBatch.GIVEN_UP).first() or by_bytes.first() or by_key.first()


def _must(by: Membership, filing: Filing) -> None:
    verdict = rules.can_send(by, filing, database_now())
    if not verdict:
        raise NotAllowed(verdict.reason)


def paste(
    *, filing: Filing, text: str, by: Membership, issued_on: dt.date | None = None, certificate: str = ""
) -> Received:
    """A short list: a number a line, or columns copied from a spreadsheet with or without their headings.

    `issued_on` and `certificate` stand for what the list leaves out.
    """
    if not text.strip():
        raise NotTaken(_("The list is empty. Paste at least one number."))
    if text.count("\n") >= settings.NUMBERS_RANGE_MOST:
        raise NotTaken(
            _("A pasted list takes at most %(count)s lines. Send a file instead.")
            % {"count": settings.NUMBERS_RANGE_MOST}
        )
    data = text.replace("\x00", "\ufffd").encode("utf-8", "replace")
    return receive(
        filing=filing, chunks=[data], name=_titled("Pasted list"), by=by, source=NumberBatch.Source.PASTE,
        defaults=_defaults(issued_on, certificate),
    )  # fmt: skip


def _titled(what: str) -> str:
    """Batches of the portal's own making are named in its own language."""
    with override("zh-hans"):
        return {"Pasted list": _("Pasted list"), "Range": _("Range")}[what]


def _defaults(issued_on: dt.date | None, certificate: str) -> dict[str, str]:
    given = {ISSUED: issued_on.isoformat() if issued_on else "", CERTIFICATE: certificate.strip()}
    return {code: value for code, value in given.items() if value}


def add_range(
    *, filing: Filing, first: str, last: str, issued_on: dt.date, by: Membership, certificate: str = ""
) -> Received:
    """All numbers from `first` to `last`; `last` may be the final digits alone. Raises NotTaken with the reason."""
    numbers = expand(first, last)
    name = f"{_titled('Range')} {numbers[0]} … {numbers[-1]}"
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["N101", "N102"])
    writer.writerows((number, issued_on.isoformat()) for number in numbers)
    return receive(
        filing=filing, chunks=[buffer.getvalue().encode()], name=name, by=by, source=NumberBatch.Source.RANGE,
        defaults=_defaults(issued_on, certificate),
    )  # fmt: skip


def expand(first: str, last: str) -> list[str]:
    """ "FJ-2023-000001" and "000450" (or "FJ-2023-000450") as 450 numbers, leading zeros kept."""
    start = key_of(first)
    if trouble_in(start) or not any(character.isdecimal() for character in start):
        raise NotTaken(
            _("“%(first)s” has no digits to count from. Enter the first number in full.") % {"first": first.strip()}
        )
    if stray := stray_in(start):
        raise NotTaken(causes.sentence(f"{stray}|{shown(first)}"))
    head, digits, tail = _split_last_digits(start)
    end = key_of(last)
    end = end.removeprefix(head).removesuffix(tail) if end.startswith(head) and head else end.removesuffix(tail)
    if not (end.isascii() and end.isdecimal()):
        raise NotTaken(
            _("“%(last)s” does not continue “%(first)s”. Only the last run of digits may differ.")
            % {"first": first.strip(), "last": last.strip()}
        )
    one, two = int(digits), int(end)
    if two < one:
        raise NotTaken(_("The range runs backwards: %(last)s comes before %(first)s.") % {"first": start, "last": end})
    count = two - one + 1
    if count > settings.NUMBERS_RANGE_MOST:
        raise NotTaken(
            _("The range has %(count)s numbers; at most %(most)s are taken at once. Split it or send a file.")
            % {"count": count, "most": settings.NUMBERS_RANGE_MOST}
        )
    made = [f"{head}{number:0{len(digits)}d}{tail}" for number in range(one, two + 1)]
    if len(made[-1]) > LONGEST:
        raise NotTaken(_("The numbers of the range are longer than %(most)s characters.") % {"most": LONGEST})
    return made


def _split_last_digits(text: str) -> tuple[str, str, str]:
    match = re.fullmatch(r"(.*?)([0-9]+)([^0-9]*)", text)
    assert match is not None, "the caller saw a digit"
    return match[1], match[2], match[3]


def upload_chunks(upload: Iterator[bytes] | io.BufferedIOBase) -> Iterator[bytes]:
    """The bytes of an open file, piece by piece. An `UploadedFile` has `chunks()` of its own."""
    if isinstance(upload, io.BufferedIOBase):
        while chunk := upload.read(2**20):
            yield chunk
        return
    yield from upload


def cancel_batch(*, batch: NumberBatch, by: Membership) -> NumberBatch:
    """Stop before anything is stored: at once while it waits for another, else when the reading looks next.

    What is stored already stays; it is too late once the storing began.
    """
    with transaction.atomic():
        fresh = NumberBatch.objects.select_for_update(of=("self",)).select_related("filing").get(pk=batch.pk)
        verdict = rules.can_cancel(by, fresh)
        if not verdict:
            raise NotAllowed(verdict.reason)
        fresh.cancel_asked = True
        if fresh.job_id is None:
            fresh.state, fresh.finished_at = NumberBatch.State.CANCELLED, database_now()
            record("numbers.cancelled", by=by, obj=fresh, scope=fresh.filing.scope)
        fresh.save(update_fields=["cancel_asked", "state", "finished_at"])
    return fresh


def confirm_origin(*, batch: NumberBatch, by: Membership) -> Received:
    """Read a file again that was refused for another institution's code: its sender says it is theirs all the same."""
    if batch.state != NumberBatch.State.REFUSED or batch.refusal.get("code") != "other_institution":
        raise NotTaken(_("There is nothing to confirm about this file."))
    with files.path_of(batch.stored_as).open("rb") as file:
        return receive(
            filing=batch.filing, chunks=upload_chunks(file), name=batch.name, by=by, source=batch.source,
            defaults=batch.defaults, trusts_code=True,
        )  # fmt: skip
