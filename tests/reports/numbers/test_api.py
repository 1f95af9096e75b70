"""The interface: sending, sending again, asking, voiding, refusals; and the client of its documentation."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import override

from portal import programs
from portal.errors import NoRoom
from portal.jobs.progress import Silent
from portal.trail.models import Event, Refusal
from reports.filings.models import Filing
from reports.numbers import api as api_module
from reports.numbers import api_places, pipeline, submitting, tokens, views_api
from reports.numbers.models import NumberBatch, NumberChange, QuarterReturn, ReportNumber
from reports.rounds.models import Kind
from tests.factories.filings import a_filing, fresh, open_round
from tests.factories.institutions import Province, a_certificate
from tests.reports.numbers.clients import client_of, submit
from tests.reports.numbers.conftest import CERTIFICATE, loaded, make_world, send

BATCHES = "/api/v1/quarters/2023Q4/batches"
LINES = '{"number": "FJ-1", "issued": "2023-11-05"}\n{"number": "FJ-2", "issued": "2023-11-06", "cma": false}\n'
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "api.md"


class Program:
    """A program of A's laboratory with a token."""

    def __init__(self, secret: str) -> None:
        self.client, self.headers = Client(), {"Authorization": f"Bearer {secret}"}

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=self.headers | headers)

    def send(
        self,
        body: str = LINES,
        key: str = "night-1",
        path: str = BATCHES,
        kind: str = "application/x-ndjson",
        **headers: str,
    ) -> Any:
        return self.client.post(
            path, body.encode(), content_type=kind, headers=self.headers | {"Idempotency-Key": key} | headers
        )

    def upload(self, name: str, data: bytes, key: str = "file-1") -> Any:
        return self.client.post(
            BATCHES, {"file": SimpleUploadedFile(name, data)}, headers=self.headers | {"Idempotency-Key": key}
        )

    def void(self, **body: Any) -> Any:
        return self.client.post(
            "/api/v1/numbers/void", json.dumps(body), content_type="application/json", headers=self.headers
        )


@pytest.fixture
def program(world: Province, filing: Filing) -> Program:
    return Program(tokens.make(name="LIMS", by=world.filer_a)[1])


def read(answer: Any) -> NumberBatch:
    """Let the batch of an answer be read as a worker would."""
    return pipeline.run(loaded(NumberBatch.objects.get(public_id=answer.json()["id"])), Silent())


def test_lines_are_received_read_and_told_of(program: Program, world: Province) -> None:
    sent = program.send(
        LINES + '{"number": "", "issued": "2023-11-05"}\nnonsense\n{"number": "FJ-1", "issued": "2023-11-05"}\n'
    )
    assert (sent.status_code, sent.json()["state"], sent.json()["is_over"]) == (202, "waiting", False)
    read(sent)
    told = program.get(f"/api/v1/batches/{sent.json()['id']}").json()
    assert (told["state"], told["read"], told["stored"], told["repeated"], told["refused"]) == ("done", 5, 2, 1, 2)
    assert [(one["row"], one["code"]) for one in told["errors"]] == [(3, "blank"), (4, "json"), (5, "repeated")]
    assert told["errors"][0]["reason"] == "编号为空。请填写编号，或删除该行。"
    assert {one["code"]: one["count"] for one in told["causes"]} == {"blank": 1, "json": 1}
    batch = NumberBatch.objects.get()
    assert (batch.source, batch.by, batch.name) == ("api", world.filer_a, "night-1.jsonl")
    assert dict(ReportNumber.objects.values_list("key", "cma_mark")) == {"FJ-1": True, "FJ-2": False}


def test_the_same_key_with_the_same_lines_is_the_same_batch(program: Program) -> None:
    first, second = program.send(), program.send()
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json()["id"] == second.json()["id"]
    read(first)
    third = program.send()
    assert (third.status_code, third.json()["state"], third.json()["stored"]) == (200, "done", 2)
    assert NumberBatch.objects.count() == 1


def test_the_same_key_with_other_lines_is_refused_and_stores_nothing(program: Program) -> None:
    program.send()
    other = program.send('{"number": "FJ-3", "issued": "2023-11-05"}\n')
    assert other.status_code == 409
    assert other.json()["reason"] == "该Idempotency-Key已用于另一份清单，未存储任何内容。新的清单请用新的值。"
    assert NumberBatch.objects.count() == 1


def test_the_same_lines_under_another_key_are_recognised(program: Program) -> None:
    first, again = program.send(key="a"), program.send(key="b")
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])


def test_a_file_is_taken_by_its_kind(program: Program) -> None:
    answer = program.upload("台账.csv", "报告编号,签发日期\nFJ-1,2023-11-05\n".encode("gb18030"))
    assert answer.status_code == 202
    assert read(answer).stored == 1
    lines = program.upload("night.jsonl", LINES.encode(), key="file-2")
    assert (read(lines).stored, NumberBatch.objects.get(public_id=lines.json()["id"]).source) == (1, "api")
    nothing = program.client.post(BATCHES, {"other": "x"}, headers=program.headers | {"Idempotency-Key": "x"})
    assert nothing.status_code == 422


def test_a_file_refused_as_a_whole_says_why(program: Program, world: Province) -> None:
    answer = program.upload("台账.csv", f"报告编号,签发日期,信用代码\nFJ-1,2023-11-05,{world.b.uscc}\n".encode())
    read(answer)
    told = program.get(f"/api/v1/batches/{answer.json()['id']}").json()
    assert (told["state"], told["refusal"]["code"], told["stored"]) == ("refused", "other_institution", 0)
    assert world.b.uscc in told["refusal"]["reason"]


@pytest.mark.parametrize("key", ["", "x" * 101, "键", "a\tb"])
def test_a_key_is_needed(program: Program, key: str) -> None:
    assert program.send(key=key).status_code == 422
    assert NumberBatch.objects.count() == 0


def test_an_empty_body_another_kind_and_too_much_are_refused(program: Program, settings: Any) -> None:
    assert program.send("").status_code == 422
    assert program.send(kind="image/png").status_code == 422
    settings.NUMBERS_FILE_MB = 1
    large = program.send("x" * 1_200_000)
    assert (large.status_code, "1MB" in large.json()["reason"]) == (413, True)
    assert NumberBatch.objects.count() == 0


GIVEN_UP = [NumberBatch.State.FAILED, NumberBatch.State.CANCELLED]


@pytest.mark.parametrize("state", GIVEN_UP)
def test_a_batch_that_was_given_up_is_tried_again_under_its_key(program: Program, state: str) -> None:
    first = program.send()
    NumberBatch.objects.update(state=state)
    second, third = program.send(), program.send()
    assert [one.status_code for one in (first, second, third)] == [202, 202, 200]
    assert first.json()["id"] != second.json()["id"] == third.json()["id"]
    assert read(second).stored == 2
    assert program.send().json()["state"] == "done"
    assert program.get(f"/api/v1/batches/{first.json()['id']}").json()["state"] == state


@pytest.mark.parametrize("state", GIVEN_UP)
def test_the_key_of_a_batch_that_was_given_up_takes_no_other_lines(program: Program, state: str) -> None:
    program.send()
    NumberBatch.objects.update(state=state)
    kept = sorted(files_kept())
    assert program.send('{"number": "FJ-3", "issued": "2023-11-05"}\n').status_code == 409
    assert (NumberBatch.objects.count(), sorted(files_kept())) == (1, kept)
    assert len(kept) == 1


def test_what_came_under_another_key_meanwhile_is_not_read_twice(program: Program) -> None:
    program.send(key="a")
    NumberBatch.objects.update(state=NumberBatch.State.FAILED)
    other = program.send(key="b")
    assert read(other).stored == 2
    again = program.send(key="a")
    assert (again.status_code, again.json()["id"]) == (200, other.json()["id"])


def test_a_batch_in_review_is_told_of_though_nothing_new_is_taken(
    program: Program, world: Province, filing: Filing
) -> None:
    read(program.send())
    submitting.declare(filing=fresh(filing), count=2, by=world.filer_a)
    submit(filing, world.signer_a)
    again = program.send()
    assert (again.status_code, again.json()["stored"]) == (200, 2)


def files_kept() -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_marked_lines_of_json_stay_lines_of_json(program: Program) -> None:
    good = '{"number": "FJ-1", "issued": "2023-11-05"}'
    odd = ['{ "number": "", "issued": "2023-11-05", "client": 1.10 }', "{}  ", "nonsense", '["FJ-2"]', '"FJ-3"']
    again = '{"reason": "编号为空", "number": "FJ-4", "issued": "2023-09-30"}'
    sent = program.send("\n".join(["", good, *odd, again]))
    read(sent)
    told = program.get(f"/api/v1/batches/{sent.json()['id']}").json()
    marked = program.get(told["marked"], **{"Accept-Language": "en"})
    assert marked["Content-Type"] == "application/x-ndjson"
    assert "night-1" in marked["Content-Disposition"]
    assert ".jsonl" in marked["Content-Disposition"]
    written = b"".join(marked.streaming_content).decode().split("\n")
    reasons = {row["row"]: row["reason"] for row in told["errors"]}
    assert written[:2] == ["", good]
    assert (
        written[2]
        == '{ "number": "", "issued": "2023-11-05", "client": 1.10, "reason": "编号为空。请填写编号，或删除该行。"}'
    )
    assert written[3] == "{}  "  # nothing in it, like a blank line
    assert [json.loads(line) for line in written[4:8]] == [
        {"line": "nonsense", "reason": reasons[5]},
        {"line": '["FJ-2"]', "reason": reasons[6]},
        {"line": '"FJ-3"', "reason": reasons[7]},
        {"number": "FJ-4", "issued": "2023-09-30", "reason": reasons[8]},
    ]
    assert written[7].count('"reason"') == 1
    assert written[8:] == [""]


def test_a_line_is_json_in_utf8_to_the_letter(program: Program) -> None:
    lines = [
        '{"number": "闽-1", "issued": "2023-11-05"}'.encode("gb18030"),
        b'{"number": NaN, "issued": "2023-11-05"}',
        b'{"number": 1e400, "issued": "2023-11-05"}',
        b'{"number": "FJ-1", "issued": "2023-11-05", "other": Infinity}',
        "\ufeff".encode() + '{"number": "闽-2", "issued": "2023-11-05"}'.encode(),
    ]
    sent = program.upload("night.jsonl", b"\n".join(lines))
    read(sent)
    told = program.get(f"/api/v1/batches/{sent.json()['id']}", **{"Accept-Language": "en"}).json()
    assert [(row["row"], row["code"]) for row in told["errors"]] == [
        (1, "not_utf8"),
        (2, "json"),
        (3, "json"),
        (4, "json"),
    ]
    assert "UTF-8" in told["errors"][0]["reason"]
    assert list(ReportNumber.objects.values_list("key", flat=True)) == ["闽-2"]
    marked = b"".join(program.get(told["marked"]).streaming_content).decode().split("\n")
    assert [set(json.loads(line)) for line in marked[:4]] == [{"line", "reason"}] * 2 + [
        {"number", "issued", "reason"}
    ] + [{"line", "reason"}]


def test_an_unknown_certificate_is_refused_with_the_registered_ones(program: Program, world: Province) -> None:
    line = '{"number": "FJ-%s", "issued": "2023-11-05", "certificate": "229999999999"}'

    def told(number: int) -> tuple[str, str]:
        sent = program.send(line % number, key=f"night-{number}")
        read(sent)
        batch = program.get(f"/api/v1/batches/{sent.json()['id']}", **{"Accept-Language": "en"}).json()
        marked = b"".join(program.get(batch["marked"]).streaming_content).decode()
        assert "{" not in json.loads(marked)["reason"]
        return batch["errors"][0]["code"], batch["errors"][0]["reason"]

    a_certificate(world.a, number="(闽)认字-2022b-7号", kind="CMA-S")
    a_certificate(world.a, number="221300000003", kind="CMA-F")
    code, reason = told(1)
    assert code == "certificate_unknown"
    assert f"registered are: (闽)认字-2022b-7号、{CERTIFICATE}、221300000003." in reason
    a_certificate(world.a, number="221300000004", kind="CMA-X")
    code, reason = told(2)
    assert code == "certificate_unknown"
    assert CERTIFICATE not in reason


@pytest.mark.parametrize("authorisation", ["", "Bearer", "Bearer zb_wrong", "Basic abc", "Bearer " + "x" * 3000])
def test_without_a_token_nothing_opens(program: Program, authorisation: str) -> None:
    for path in ("/api/v1/quarters", "/api/v1/quarters/2023Q4"):
        answer = Client().get(path, headers={"Authorization": authorisation} if authorisation else {})
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
        assert answer.json()["reference"]


def test_a_session_opens_nothing(program: Program, world: Province) -> None:
    assert client_of(world.filer_a).get("/api/v1/quarters").status_code == 401
    assert client_of(world.filer_a).post(BATCHES, LINES, content_type="application/x-ndjson").status_code == 401


def test_a_token_reaches_its_own_institution_alone(program: Program, world: Province, filing: Filing) -> None:
    sent = program.send()
    other = Program(tokens.make(name="LIMS", by=world.filer_b)[1])
    assert other.get(f"/api/v1/batches/{sent.json()['id']}").status_code == 404
    assert other.get("/api/v1/quarters/2023Q4").status_code == 404
    assert other.send().status_code == 404
    assert other.get("/api/v1/quarters").json() == []
    a_filing(filing.round, world.b)
    assert other.void(number="FJ-1", reason="委托方申请撤回").status_code == 422
    assert other.send().status_code == 202
    assert NumberBatch.objects.count() == 2


def test_asking_for_counts_writes_nothing(program: Program, filing: Filing) -> None:
    assert program.get("/api/v1/quarters/2023Q4").json()["declared"] is None
    assert [one["valid"] for one in program.get("/api/v1/quarters").json()] == [0]
    assert QuarterReturn.objects.count() == 0


def test_counts_are_those_of_the_quarter(program: Program, world: Province, filing: Filing) -> None:
    read(program.send())
    submitting.declare(filing=fresh(filing), count=3, by=world.filer_a)
    told = program.get("/api/v1/quarters/2023Q4").json()
    assert {name: told[name] for name in ("quarter", "state", "declared", "nil", "valid", "void", "first_day", "last_day")} == {
        "quarter": "2023Q4", "state": "drafting", "declared": 3, "nil": False, "valid": 2, "void": 0,
        "first_day": "2023-10-01", "last_day": "2023-12-31",
    }  # fmt: skip
    a_filing(open_round(world, period="2023Q3", kind=Kind.QUARTERLY_NUMBERS), world.a)
    assert [one["quarter"] for one in program.get("/api/v1/quarters").json()] == ["2023Q4", "2023Q3"]


@pytest.mark.parametrize(
    "path", ["/api/v1/quarters/2023", "/api/v1/quarters/x", "/api/v1/batches/00000000-0000-4000-8000-000000000000"]
)
def test_what_is_not_there_is_told_as_json(program: Program, path: str) -> None:
    answer = program.get(path)
    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (404, "application/json")


def test_a_number_is_voided(program: Program) -> None:
    read(program.send())
    answer = program.void(number="fj-1", reason="委托方申请撤回报告")
    assert (answer.status_code, answer.json()) == (
        200,
        {"number": "FJ-1", "quarter": "2023Q4", "issued_on": "2023-11-05", "state": "void"},
    )
    assert program.void(number="FJ-2", reason="").status_code == 422
    assert program.void(number="FJ-2").json()["errors"][0]["place"] == "body.reason"
    assert dict(ReportNumber.objects.values_list("key", "state")) == {"FJ-1": 2, "FJ-2": 1}


def test_a_number_that_is_void_is_answered_the_same_when_it_is_voided_again(program: Program, world: Province) -> None:
    """The first answer may have been lost."""
    read(program.send(LINES + '{"number": "FJ-3", "issued": "2023-11-06", "replaces": "FJ-2"}\n'))
    first, second = (program.void(number="fj-1", reason="委托方申请撤回报告") for _ in range(2))
    assert (second.status_code, second.json()) == (200, first.json())
    assert NumberChange.objects.filter(act=NumberChange.Act.VOID).count() == 1
    assert Event.objects.filter(verb="numbers.voided").count() == 1
    assert program.void(number="FJ-1", reason="").status_code == 422
    assert program.void(number="FJ-2", reason="委托方申请撤回报告").status_code == 422
    assert (
        Program(tokens.make(name="LIMS", by=world.filer_b)[1]).void(number="FJ-1", reason="委托方申请撤回").status_code
        == 422
    )


def test_what_no_database_can_look_for_is_told_as_well(program: Program) -> None:
    read(program.send())
    assert program.get("/api/v1/quarters/%00").status_code == 404
    assert program.send(path="/api/v1/quarters/2023Q4%00/batches").status_code == 404
    assert program.void(number="FJ-1\0", reason="委托方申请撤回报告").status_code == 422
    assert program.void(number="FJ-1", reason="\0\0\0\0").status_code == 422
    assert dict(ReportNumber.objects.values_list("key", "state")) == {"FJ-1": 1, "FJ-2": 1}
    assert program.void(number="FJ-1", reason="委托方\0申请撤回").status_code == 200
    assert NumberChange.objects.get().reason == "委托方申请撤回"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/", 404),
        ("GET", "/api/v1/", 404),
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/docs/", 404),
        ("GET", "/api/v1/quarters/", 404),
        ("GET", "/api/v1/quarters/2023%2FQ4", 404),
        ("GET", "/api/v1/batches/abc", 404),
        ("GET", "/api/v1/batches/abc/errors", 404),
        ("GET", BATCHES, 405),
        ("PUT", BATCHES, 405),
        ("OPTIONS", BATCHES, 405),
        ("DELETE", "/api/v1/quarters", 405),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_not_described_is_refused_as_json(
    program: Program, method: str, path: str, status: int, language: str
) -> None:
    answer = program.client.generic(method, path, headers=program.headers | {"Accept-Language": language})
    told = answer.json()
    assert (answer.status_code, set(told), told["errors"]) == (status, {"reason", "reference", "errors"}, [])
    assert (told["reference"], answer["Content-Language"]) == (
        answer["X-Reference"],
        {"en": "en", "zh": "zh-hans"}[language],
    )
    assert answer["Cache-Control"] == "no-store"
    with override(answer["Content-Language"]):
        assert told["reason"] == str(programs.REASONS[status])
    if status == 405:
        assert answer["Allow"]
    assert Refusal.objects.get(reference=told["reference"]).status == status


def test_the_head_of_an_address_that_has_none_is_json_too(program: Program) -> None:
    answer = program.client.head(BATCHES, headers=program.headers)
    assert (answer.status_code, answer["Content-Type"], answer["Allow"]) == (405, "application/json", "POST")


@override("en")
def test_bodies_that_cannot_be_read_are_refused_as_json(program: Program) -> None:
    english = program.headers | {"Accept-Language": "en", "Idempotency-Key": "x"}

    def post(path: str, body: bytes, kind: str) -> tuple[int, str]:
        answer = program.client.post(path, body, content_type=kind, headers=english)
        assert answer.json()["reference"] == answer["X-Reference"]
        return answer.status_code, answer.json()["reason"]

    void = "/api/v1/numbers/void"
    assert post(BATCHES, b"x", "multipart/form-data") == (400, str(programs.REASONS[400]))
    for body, kind in ((b"{", "application/json"), (b"number=FJ-1&reason=x", "application/x-www-form-urlencoded")):
        status, reason = post(void, body, kind)
        assert (status, reason.partition(".")[0]) == (400, "The body cannot be read as JSON")
    assert post(void, b" " * (6 * 2**20), "application/json") == (413, str(programs.REASONS[413]))
    assert NumberBatch.objects.count() == 0


def test_errors_of_ours_are_told_as_json(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    program.client.raise_request_exception = False
    for error, status in ((ZeroDivisionError("secret"), 500), (OperationalError("gone"), 503), (NoRoom(), 503)):
        monkeypatch.setattr(api_module, "_filing", Mock(side_effect=error))
        answer = program.get("/api/v1/quarters/2023Q4")
        assert (answer.status_code, answer.json()["reference"]) == (status, answer["X-Reference"])
        assert answer.has_header("Retry-After") == (status == 503)
        assert "secret" not in answer.json()["reason"]


def test_mistakes_are_told_where_they_are_and_in_words(program: Program) -> None:
    batch = f"/api/v1/batches/{program.send().json()['id']}/errors"

    def told(answer: Any) -> dict[str, str]:
        assert answer.status_code == 422
        return {one["place"]: one["reason"] for one in answer.json()["errors"]}

    english = {"Accept-Language": "en"}
    assert told(program.get(f"{batch}?limit=1001&after=x", **english)) == {
        "query.limit": "This must be 1000 or less.", "query.after": "This must be a whole number in digits.",
    }  # fmt: skip
    assert told(program.get(f"{batch}?limit=0&after=-1", **english)) == {
        "query.limit": "This must be 1 or more.", "query.after": "This must be 0 or more.",
    }  # fmt: skip
    assert told(program.get(f"{batch}?after={2**31}", **english)) == {"query.after": f"This must be less than {2**31}."}
    assert told(program.get(f"{batch}?after={'9' * 5000}", **english)) == {"query.after": "This number is too large."}
    program.headers |= english
    assert told(program.void(number=1, reason="x" * 501)) == {
        "body.number": "This must be text in quotation marks.", "body.reason": "This may have at most 500 characters.",
    }  # fmt: skip
    assert told(program.void()) == dict.fromkeys(("body.number", "body.reason"), "This is needed and was not sent.")
    for body in ("", "[]", '"FJ-1"', "null", "7", "[{}]"):
        answer = program.client.post(
            "/api/v1/numbers/void", body, content_type="application/json", headers=program.headers
        )
        assert {place.partition(".")[0] for place in told(answer)} == {"body"}
        with override("en"):
            assert set(told(answer).values()) <= set(map(str, api_places.WORDS.values()))


def test_every_mistake_the_description_allows_has_words() -> None:
    """`{` and `}` of a sentence are the bounds of a field; nothing else may stand in them."""
    for words in api_places.WORDS.values():
        str(words).format(max_length=1, ge=1, le=1, lt=1)


def test_a_filing_in_review_takes_nothing(program: Program, world: Province, filing: Filing) -> None:
    read(program.send())
    submitting.declare(filing=fresh(filing), count=2, by=world.filer_a)
    submit(filing, world.signer_a)
    answer = program.send('{"number": "FJ-9", "issued": "2023-11-05"}\n', key="later")
    assert answer.status_code == 403
    assert "审核" in answer.json()["reason"]
    assert NumberBatch.objects.count() == 1


def test_too_many_requests_are_told_when_to_go_on(program: Program, settings: Any) -> None:
    settings.NUMBERS_API_A_MINUTE = 2
    assert [program.get("/api/v1/quarters").status_code for _ in range(2)] == [200, 200]
    answer = program.send()
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert NumberBatch.objects.count() == 0


def test_reasons_are_english_for_those_who_ask(program: Program) -> None:
    answer = program.send("", **{"Accept-Language": "en-GB,en"})
    assert answer.json()["reason"].startswith("The body is empty")
    assert "正文" in program.send("").json()["reason"]


def test_the_description_is_whole_and_its_page_needs_no_script(client: Client, db: None) -> None:
    schema = client.get("/api/v1/openapi.json").json()
    assert set(schema["paths"]) == {
        "/api/v1/quarters/{period}/batches", "/api/v1/batches/{batch_id}", "/api/v1/batches/{batch_id}/marked",
        "/api/v1/batches/{batch_id}/errors",
        "/api/v1/quarters", "/api/v1/quarters/{period}", "/api/v1/numbers/void",
    }  # fmt: skip
    page = client.get(reverse("numbers:api-docs"))
    body = page.content.decode()
    assert page.status_code == 200
    assert re.findall(r'(?:src|href)="(?:https?:)?//', body) == []
    assert "<script>" not in body
    for path in schema["paths"]:
        assert path in body
    assert "400" in schema["paths"]["/api/v1/numbers/void"]["post"]["responses"]


def test_every_sentence_of_the_description_is_put_into_the_readers_language(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views_api, "gettext", lambda text: f"«{text}»")
    schema = client.get("/api/v1/openapi.json").json()
    described = [told for methods in schema["paths"].values() for told in methods.values()]
    described += [parameter for told in described for parameter in told["parameters"]]
    described += (shapes := list(schema["components"]["schemas"].values()))
    described += [field for shape in shapes for field in shape["properties"].values()]
    words = {told[name] for told in described for name in ("summary", "description") if told.get(name)}
    assert len(words) > 20
    page = client.get(reverse("numbers:api-docs")).content.decode()
    assert [text for text in words if f"«{escape(text)}»" not in page] == []


def documented_client() -> str:
    code: str
    [code] = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    return code


def test_the_documented_client_is_short() -> None:
    assert documented_client().count("\n") <= 60


def test_the_documented_client_sends_no_list_that_is_too_large(tmp_path: Path, settings: Any) -> None:
    limit = f"MOST = {settings.NUMBERS_FILE_MB} * 2**20"
    assert limit in documented_client()
    program, night = tmp_path / "send.py", tmp_path / "night.jsonl"
    program.write_text(documented_client().replace(limit, "MOST = 1 * 2**20"), encoding="utf-8")
    night.write_bytes(b"x" * (2**20 + 1))
    done = subprocess.run(
        [sys.executable, str(program), "2023Q4", "night-1", str(night)],
        env=os.environ | {"PORTAL": "http://127.0.0.1:9", "TOKEN": "zb_x"},
        capture_output=True,
        timeout=20,
        text=True,
    )
    assert done.returncode == 1
    assert "is larger than 1 MB" in done.stderr


@pytest.mark.django_db(transaction=True)
def test_the_documented_client_sends_a_night(live_server: Any, worker: Any, tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = str(Path(os.environ["PORTAL_STATE"]) / "files")  # the worker's
    world = make_world()
    a_filing(open_round(world, period="2023Q4", kind=Kind.QUARTERLY_NUMBERS), world.a)
    _token, secret = tokens.make(name="LIMS", by=world.filer_a)
    program, night = tmp_path / "send.py", tmp_path / "night.jsonl"
    program.write_text(documented_client(), encoding="utf-8")
    night.write_text(LINES + '{"number": "FJ-3", "issued": "2023-09-05"}\n', encoding="utf-8")
    environment = os.environ | {"PORTAL": live_server.url, "TOKEN": secret, "PYTHONIOENCODING": "utf-8"}

    def run(key: str) -> str:
        done = subprocess.run(
            [sys.executable, str(program), "2023Q4", key, str(night)],
            env=environment,
            capture_output=True,
            timeout=120,
            text=True,
            encoding="utf-8",
        )
        return done.stdout + done.stderr

    first = run("night-0412").splitlines()
    assert first == [
        "stored 2, already 0, repeated 0, refused 1",
        "row 3: FJ-3: 出具日期2023-09-05不在本季度内，属于2023Q3。请改正日期，或在该季度报送。",
        "valid numbers of 2023Q4: 2, declared: None",
    ]
    assert run("night-0412").splitlines() == first
    night.write_text(LINES.replace("FJ-2", "FJ-4"), encoding="utf-8")
    assert run("night-0412").startswith("409 ")
    assert run("night-0413").splitlines()[0] == "stored 1, already 1, repeated 0, refused 0"
    assert ReportNumber.objects.count() == 3


def test_sheets_that_were_not_read_are_named(program: Program, filing: Filing, world: Province) -> None:
    book = (
        Path(__file__).resolve().parents[2] / "fixtures" / "numbers" / "should_pass" / "x09_two_sheets_with_data.xlsx"
    )
    batch = send(filing, book.read_bytes(), world.filer_a, name="三个月.xlsx")
    told = program.get(f"/api/v1/batches/{batch.public_id}").json()
    assert (told["state"], told["stored"], told["sheets_not_read"]) == ("done", 2, ["十二月"])
