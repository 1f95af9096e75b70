"""The interface: sending, sending again, asking, voiding, refusals; and the client of its documentation."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal.jobs.progress import Silent
from reports.filings.models import Filing
from reports.numbers import pipeline, submitting, tokens
from reports.numbers.models import NumberBatch, NumberChange, QuarterReturn, ReportNumber
from reports.rounds.models import Kind
from tests.factories.filings import a_filing, fresh, open_round
from tests.factories.institutions import Province
from tests.reports.numbers.clients import client_of, submit
from tests.reports.numbers.conftest import loaded, make_world

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
    marked = program.get(told["marked"])
    assert "编号为空" in b"".join(marked.streaming_content).decode("utf-8-sig")
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
    assert program.void(number="FJ-1", reason="委托方申请撤回报告").status_code == 422
    assert program.void(number="FJ-2", reason="").status_code == 422
    assert program.void(number="FJ-2").json()["errors"][0]["place"] == "body.body.reason"
    assert dict(ReportNumber.objects.values_list("key", "state")) == {"FJ-1": 2, "FJ-2": 1}


def test_what_no_database_can_look_for_is_told_as_well(program: Program) -> None:
    read(program.send())
    assert program.get("/api/v1/quarters/%00").status_code == 404
    assert program.send(path="/api/v1/quarters/2023Q4%00/batches").status_code == 404
    assert program.void(number="FJ-1\0", reason="委托方申请撤回报告").status_code == 422
    assert program.void(number="FJ-1", reason="\0\0\0\0").status_code == 422
    assert dict(ReportNumber.objects.values_list("key", "state")) == {"FJ-1": 1, "FJ-2": 1}
    assert program.void(number="FJ-1", reason="委托方\0申请撤回").status_code == 200
    assert NumberChange.objects.get().reason == "委托方申请撤回"


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


def documented_client() -> str:
    [code] = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    return code


def test_the_documented_client_is_short() -> None:
    assert documented_client().count("\n") <= 60


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
