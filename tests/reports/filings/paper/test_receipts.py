"""The receipt on paper, and the public question whether a paper is what was submitted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from institutions.models import Membership
from reports.filings import receipts
from reports.filings.actions import recall
from reports.filings.models import Filing, Revision
from reports.rounds.models import Round
from tests.factories.filings import fresh, submitted_filing
from tests.factories.institutions import Province
from tests.portal.paper.looking import ink, pictures, texts

Acting = Callable[[Membership], Client]


@pytest.fixture
def revision(world: Province, round: Round) -> Revision:
    filing = submitted_filing(round, world.a, by=world.signer_a)
    assert filing.revision is not None
    filing.revision.filing = filing
    return filing.revision


def ask(client: Client, **params: str) -> Any:
    return client.get(reverse("filings:receipt-check"), params)


def test_the_receipt_on_paper_carries_digest_code_and_square(
    world: Province, revision: Revision, acting: Acting
) -> None:
    answer = acting(world.filer_a).get(
        reverse("filings:receipt-paper", args=[revision.filing.public_id, revision.number])
    )
    [text], [page] = texts(answer.content), pictures(answer.content)
    for words in (revision.receipt_number, receipts.code_of(revision), revision.digest[:8], world.a.uscc):
        assert words in text
    assert ink(page, (0.35, 0.5, 0.65, 0.95)) > 8_000


def test_the_square_leads_to_a_page_that_says_it_matches(client: Client, revision: Revision) -> None:
    parts = urlsplit(receipts.check_address(revision))
    answer = client.get(f"{parts.path}?{parts.query}")
    words = answer.content.decode()
    assert (answer.status_code, parse_qs(parts.query)["no"]) == (200, [revision.receipt_number])
    for told in ("与报送内容一致", revision.filing.institution.name, revision.digest[:8], "最近一次报送"):
        assert told in words
    assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("private, no-store", "noindex")


def test_nothing_is_told_that_the_paper_does_not_show(client: Client, revision: Revision) -> None:
    words = ask(client, no=revision.receipt_number, code=receipts.code_of(revision)).content.decode()
    assert "0591-87804684" in str(revision.cells)
    for secret in ("0591-87804684", "林建国", revision.signer.name, "审核中"):
        assert secret not in words


@pytest.mark.parametrize("write", [str.lower, lambda code: code.replace("-", " "), lambda code: code.replace("-", "")])
def test_a_code_is_read_in_any_writing(client: Client, revision: Revision, write: Callable[[str], str]) -> None:
    assert ask(client, no=revision.receipt_number.lower(), code=write(receipts.code_of(revision))).status_code == 200


def test_the_whole_digest_is_a_code_too(client: Client, revision: Revision) -> None:
    number = revision.receipt_number
    assert ask(client, no=number, code=revision.digest).status_code == 200
    last = "0" if revision.digest[-1] != "0" else "1"
    assert ask(client, no=number, code=revision.digest[:-1] + last).status_code == 404


def test_unknown_and_wrong_get_the_same_answer(client: Client, revision: Revision) -> None:
    number, code = revision.receipt_number, receipts.code_of(revision)
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    answers = {
        (answer.status_code, answer.content.decode().split("</form>")[1].split("</header>")[0].split("<small")[0])
        for answer in (
            ask(client, no=number, code=wrong),
            ask(client, no=number, code=code[:10]),
            ask(client, no="2023-999999-1-ABCDEF01", code=code),
            ask(client, no=number.replace("2023-", "2022-", 1), code=code),
            ask(client, no=number[:-1] + "Z", code=code),
            ask(client, no="' OR 1=1 --", code="%_\x00é"),
        )
    }
    assert len(answers) == 1
    assert {status for status, _words in answers} == {404}
    assert revision.filing.institution.name not in str(answers)


def test_a_number_too_large_for_the_database_is_just_unknown(client: Client, db: None) -> None:
    assert ask(client, no="2023-999999999999-9999-ABCDEF01", code="A" * 20).status_code == 404


def test_questions_are_limited(settings: Any, client: Client, revision: Revision) -> None:
    settings.NUMBERS_LOOKUPS_A_MINUTE = 1
    ask(client, no=revision.receipt_number, code=receipts.code_of(revision))
    answer = ask(client, no=revision.receipt_number, code=receipts.code_of(revision))
    assert (answer.status_code, 0 < int(answer["Retry-After"]) <= 60) == (429, True)
    assert revision.filing.institution.name not in answer.content.decode()


def test_a_recalled_revision_is_told_as_such(world: Province, client: Client, revision: Revision) -> None:
    filing: Filing = fresh(revision.filing)
    recall(filing=filing, by=world.signer_a, version=filing.version)
    words = ask(client, no=revision.receipt_number, code=receipts.code_of(revision)).content.decode()
    assert "已由填报单位撤回" in words
