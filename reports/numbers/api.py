"""The interface for laboratory systems: send numbers, ask what became of them, void one, count.

`docs/api.md` explains it with a client that the tests run. The description at /api/v1/openapi.json follows from this file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models.functions import Now
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import NinjaAPI, Query, Status
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer

from institutions.models import Membership
from portal import visits
from portal.errors import Conflict, Refused, TooMany, refusal_page, told_to_program
from portal.jobs.models import Job
from portal.uploads.bodies import must_not_exceed
from reports.filings.models import Filing
from reports.numbers import causes, figures, files, tokens
from reports.numbers.actions import Received, receive
from reports.numbers.amending import void_number
from reports.numbers.api_places import place_of, words_of
from reports.numbers.api_schemas import (
    BatchOut,
    Cause,
    CountOut,
    ErrorsOut,
    NumberOut,
    Refusal,
    RowError,
    Trouble,
    VoidIn,
)
from reports.numbers.errors import NoSuchNumber, NotTaken
from reports.numbers.models import ApiToken, NumberBatch, ReportNumber
from reports.numbers.reasons import rows_after
from reports.numbers.tasks import marked_name
from reports.rounds.models import Kind, Phase
from reports.rounds.quarters import Quarter

NDJSON = "application/x-ndjson"
JSON_LINES = (NDJSON, "application/jsonl", "application/json", "text/plain")
LONGEST_KEY = 100
MOST_ERRORS = 1_000
MOST_QUARTERS = 12


class Bearer(HttpBearer):
    """`Authorization: Bearer zb_…`. Counts the request against the token's limit."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        found = tokens.holder(token)
        if found is None:
            return None
        wait = visits.wait_for(f"token {found.pk}", settings.NUMBERS_API_A_MINUTE)
        if wait:
            raise TooMany(
                _("At most %(limit)s requests a minute are answered. Go on in %(wait)s seconds.")
                % {"limit": settings.NUMBERS_API_A_MINUTE, "wait": wait},
                wait=wait,
            )
        return found


api = NinjaAPI(
    title="Zhibao: report numbers",
    version="1",
    description="For laboratory systems that report the numbers of an institution's reports every night.",
    urls_namespace="api",
    docs_url=None,  # its page would need a script of somebody else's; reports.numbers.views_api draws one
    auth=Bearer(),
)
REFUSED: dict[Any, Any] = dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 429), Trouble)


# -- refusals -------------------------------------------------------------------------------------


@api.exception_handler(Refused)
def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    return refusal_page(request, refused)


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    words = _(
        "The token is missing, unknown or revoked, or its maker no longer acts for the institution. "
        "Make a new one on the page of tokens."
    )
    answer = told_to_program(request, 401, words, error=error)
    answer["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    words = _("Your institution has nothing under this address. Check the quarter (2023Q4) or the id of the batch.")
    return told_to_program(request, 404, words, error=error)


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    words = _(
        'The body cannot be read as JSON. Send one object such as {"number": "FJ-2023-000001", "reason": "…"} in UTF-8. '
        "Nothing was changed."
    )
    return told_to_program(request, error.status_code, words, error=error)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    words = _("The request does not have the form that is described. Nothing was stored.")
    told = [{"place": place_of(one), "reason": words_of(one)} for one in error.errors]
    return told_to_program(request, 422, words, places=told, error=error)


# -- what is asked about --------------------------------------------------------------------------


def _by(request: HttpRequest) -> Membership:
    """The person the token acts for."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    return token.created_by


def _filing(request: HttpRequest, period: str) -> Filing:
    try:
        Quarter.parse(period)
    except ValueError:
        raise Http404 from None
    filings = Filing.objects.visible_to(_by(request)).for_page()
    found = filings.filter(round__kind=Kind.QUARTERLY_NUMBERS, round__period=period).first()
    if found is None:
        raise Http404
    return found


def _batch(request: HttpRequest, batch_id: UUID) -> NumberBatch:
    batches = NumberBatch.objects.visible_to(_by(request)).select_related("filing__round")
    found = batches.filter(public_id=batch_id).first()
    if found is None:
        raise Http404
    return found


def _told(batch: NumberBatch) -> BatchOut:
    job = (
        Job.objects.filter(pk=batch.job_id).annotate(now=Now()).first() if batch.job_id and not batch.is_over else None
    )
    refused = Refusal(code=batch.refusal["code"], reason=causes.refusal(batch.refusal)) if batch.refusal else None
    told = [
        RowError(row=line, number=raw or "", code=causes.split(fault)[0], reason=causes.sentence(fault))
        for line, raw, fault in batch.samples
    ]
    return BatchOut(
        id=batch.public_id, quarter=batch.filing.round.period, name=batch.name, state=batch.state, is_over=batch.is_over,
        phase=job.phase if job else "", done=job.done if job else 0, total=job.total if job else None,
        read=batch.read, stored=batch.stored, already=batch.already, repeated=batch.repeated, refused=batch.refused,
        sheets_not_read=batch.unread_sheets, causes=_counts(batch.causes), findings=_counts(batch.findings), errors=told,
        errors_left_out=max(0, batch.already + batch.repeated + batch.refused - len(told)),
        refusal=refused, marked=reverse("api:batch_marked", args=[batch.public_id]) if batch.marked_file else None,
        received_at=batch.created_at, finished_at=batch.finished_at,
    )  # fmt: skip


def _counts(by_code: dict[str, int]) -> list[Cause]:
    return [Cause(code=code, label=causes.label_of(code), count=count) for code, count in by_code.items()]


# -- sending --------------------------------------------------------------------------------------


class Hashed:
    """Passes bytes on and remembers what they were."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks, self._digest, self.size = chunks, hashlib.sha256(), 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._digest.update(chunk)
            self.size += len(chunk)
            yield chunk

    @property
    def sha256(self) -> str:
        for _chunk in self:
            """Read what is left."""
        return self._digest.hexdigest()


@api.post(
    "/quarters/{period}/batches",
    response={200: BatchOut, 202: BatchOut, **REFUSED},
    summary=gettext_noop("Send numbers"),
    description=gettext_noop(
        "JSON lines, one number a line, or one file (`file`: xlsx, csv or jsonl). Answers 202 at once; ask the batch what "
        "became of it. 200 means that the same was sent before and nothing was changed; 409 that the key was used for "
        "something else. What failed or was cancelled is read again when it is sent again under its key."
    ),
    openapi_extra={
        "parameters": [{
            "in": "header", "name": "Idempotency-Key", "required": True, "schema": {"type": "string", "maxLength": LONGEST_KEY},
            "description": gettext_noop("The same key with the same body is the same batch, however often it is sent."),
        }],
        "requestBody": {
            "required": True,
            "content": {
                "application/x-ndjson": {"schema": {"type": "string"}, "example": '{"number": "FJ-2023-000001", "issued": "2023-11-05"}\n'},
                "multipart/form-data": {"schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}},
            },
        },
    },
)  # fmt: skip
def batch_send(request: HttpRequest, period: str) -> Any:
    key = _key(request)
    filing = _filing(request, period)
    name, source, body = _body(request, key)
    received: Received = receive(
        filing=filing, chunks=body, name=name, by=_by(request), source=source, idempotency_key=key
    )
    if received.again:
        return Status(200, _told(_same_or_conflict(received.batch, body)))
    return Status(202, _told(received.batch))


def _key(request: HttpRequest) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not key or len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise NotTaken(
            _(
                "Send a header Idempotency-Key of 1 to 100 plain characters, a new one for each list. Nothing was stored."
            )
        )
    return key


def _body(request: HttpRequest, key: str) -> tuple[str, str, Hashed]:
    """(name, source, bytes). The length is judged before anything is read."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or length == "0":
        raise NotTaken(_("The body is empty or does not say its length (Content-Length). Nothing was stored."))
    words = _("The body is larger than %(size)s MB. Split the list. Nothing was stored.")
    must_not_exceed(request, settings.NUMBERS_FILE_MB, words % {"size": settings.NUMBERS_FILE_MB})
    kind = request.content_type or ""
    if kind == "multipart/form-data":
        upload = request.FILES.get("file")
        if upload is None:
            raise NotTaken(_("The form has no part named “file”. Nothing was stored."))
        name = upload.name or "file"
        lines = name.casefold().endswith((".jsonl", ".ndjson", ".json"))
        return name, NumberBatch.Source.API if lines else NumberBatch.Source.FILE, Hashed(upload.chunks(2**20))
    if kind not in JSON_LINES:
        raise NotTaken(
            _(
                "The kind of body “%(kind)s” is not taken. Send application/x-ndjson, or multipart/form-data with a file."
            )
            % {"kind": kind[:60]}
        )
    return f"{key}.jsonl", NumberBatch.Source.API, Hashed(iter(lambda: request.read(2**20), b""))


def _same_or_conflict(batch: NumberBatch, body: Hashed) -> NumberBatch:
    if batch.sha256 != body.sha256:
        raise Conflict(
            _("This Idempotency-Key was used for another list. Nothing was stored. Choose a new key for a new list.")
        )
    return batch


# -- asking ---------------------------------------------------------------------------------------


@api.get(
    "/batches/{uuid:batch_id}",
    response={200: BatchOut, **REFUSED},
    summary=gettext_noop("What became of a batch"),
    description=gettext_noop(
        "Progress while `is_over` is false, then exact counts. `errors` are the first 100 rows; `/errors` goes on, `marked` "
        "has all."
    ),
)
def batch_status(request: HttpRequest, batch_id: UUID) -> BatchOut:
    return _told(_batch(request, batch_id))


@api.get(
    "/batches/{uuid:batch_id}/errors",
    response={200: ErrorsOut, **REFUSED},
    summary=gettext_noop("Rows that were not stored"),
    description=gettext_noop(
        "Those below row `after`, in the order of the list. Ask again with `next_after` until it is null."
    ),
)
def batch_errors(
    request: HttpRequest,
    batch_id: UUID,
    after: int = Query(0, ge=0, lt=2**31),
    limit: int = Query(MOST_ERRORS, ge=1, le=MOST_ERRORS),
) -> ErrorsOut:
    found = rows_after(_batch(request, batch_id), after, limit)
    told = [RowError(row=row.line, number=row.number, code=row.code, reason=row.words) for row in found.rows]
    return ErrorsOut(errors=told, next_after=found.next_after)


@api.get(
    "/batches/{uuid:batch_id}/marked",
    response=REFUSED,
    summary=gettext_noop("What was sent, with the reasons"),
    description=gettext_noop(
        "A file gains a column of reasons. Of JSON lines each object gains a member `reason`; a line that is no object comes "
        "back as an object with `line` and `reason`. 404 while there is nothing to say."
    ),
)
def batch_marked(request: HttpRequest, batch_id: UUID) -> Any:
    batch = _batch(request, batch_id)
    path = files.path_of(batch.marked_file) if batch.marked_file else None
    if path is None or not path.exists():
        raise Http404
    kind = {"content_type": NDJSON} if path.suffix == ".jsonl" else {}
    return FileResponse(path.open("rb"), as_attachment=True, filename=marked_name(batch), **kind)


@api.get(
    "/quarters",
    response={200: list[CountOut], **REFUSED},
    summary=gettext_noop("Quarters of the institution"),
    description=gettext_noop("The latest twelve, the last one first. An older one is asked for by its own address."),
)
def quarter_list(request: HttpRequest) -> list[CountOut]:
    filings = Filing.objects.visible_to(_by(request)).filter(round__kind=Kind.QUARTERLY_NUMBERS)
    loaded = (
        filings.select_related("round", "quarter_return").prefetch_related("round__phases").order_by("-round__period")
    )
    return [_count(filing) for filing in loaded[:MOST_QUARTERS]]


@api.get("/quarters/{period}", response={200: CountOut, **REFUSED}, summary=gettext_noop("Count of a quarter"))
def quarter_count(request: HttpRequest, period: str) -> CountOut:
    return _count(_filing(request, period))


def _count(filing: Filing) -> CountOut:
    returned = getattr(filing, "quarter_return", None) or figures.return_of(filing)
    fill = filing.round.phase(Phase.Name.FILL)
    quarter = Quarter.parse(filing.round.period)
    return CountOut(
        quarter=quarter.period, first_day=quarter.start, last_day=quarter.end, state=filing.state,
        due_at=fill.due_at if fill else None, declared=returned.declared, nil=returned.nil, valid=returned.valid,
        void=returned.void, replaced=returned.replaced,
    )  # fmt: skip


@api.post(
    "/numbers/void",
    response={200: NumberOut, **REFUSED},
    summary=gettext_noop("Void a number"),
    description=gettext_noop(
        "The number stays, is shown as void, and counts no more. At any time, also after the round closed. A number that is "
        "void already is answered the same, and nothing is changed."
    ),
)
def number_void(request: HttpRequest, body: VoidIn) -> NumberOut:
    by = _by(request)
    assert by.institution is not None, "a token belongs to an institution"
    try:
        row = void_number(institution=by.institution, number=body.number, reason=body.reason, by=by)
    except NoSuchNumber as refused:  # void already: the answer to a first request may have been lost
        if refused.row is None or refused.row.state != ReportNumber.State.VOID:
            raise
        row = refused.row
    return NumberOut(number=row.written, quarter=row.period, issued_on=row.issued_on, state="void")
