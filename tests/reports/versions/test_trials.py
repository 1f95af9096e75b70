"""The checks of a draft over accepted filings: what fails, what never does, what cannot be judged."""

from __future__ import annotations

from copy import deepcopy

import pytest
from django.urls import reverse

from portal.jobs.models import Job
from portal.jobs.tasks import run
from reports.filings.actions import recall
from reports.filings.models import Finding, Revision, State
from reports.rounds.models import Kind
from reports.schemes.content import digest_of
from reports.schemes.loading import load_content
from reports.versions import actions
from reports.versions.actions_trials import ask_trial
from reports.versions.errors import NotAllowed, NotReady
from reports.versions.models import SchemeTrial
from tests.factories.annual import a_sent_report
from tests.factories.filings import accepted_filing, fresh, open_round, passed, submitted_filing
from tests.factories.filings_data import valid_cells
from tests.reports.versions.conftest import client_of


def _with(world, institution, **cells):
    found = valid_cells(institution)
    found["JC05"] |= cells
    return found


@pytest.fixture
def last(world, published):
    """Two accepted filings of 2023: A's research funds have no project, and its research has the option to go."""
    round = open_round(world, period="2023", scheme=published)
    accepted_filing(round, world.a, cells=_with(world, world.a, W504="120", W501="0", W502="0", W503="0"))
    accepted_filing(round, world.b)
    return round


@pytest.fixture
def narrower(draft):
    """The draft with an option taken away that both filings chose, and a new indicator that must be filled."""
    content = deepcopy(draft.content)
    content["options"] = [row for row in content["options"] if (row["list"], row["code"]) != ("A208", "2")]
    new = next(row for row in content["indicators"] if row["code"] == "W603")
    new["required"] = "yes"
    content["checks"].append(
        {
            **dict.fromkeys(content["checks"][0], ""),
            "code": "K131", "severity": "hard", "table": "JC05", "expression": "W316 <= 2 * W301", "cells": "W316 W301",
            "message_zh": "电子报告过多。", "message_en": "Too many.", "help_zh": "电子报告。", "help_en": "Electronic reports.",
        }
    )  # fmt: skip
    content["checks"].append(
        {
            **content["checks"][-1],
            "code": "K132", "when": "W301 > 999999999", "expression": "W301 > 0", "cells": "W301",
        }
    )  # fmt: skip
    return load_content(content, publish=False)


def tried(scheme, round, by):
    trial = ask_trial(scheme=scheme, round=round, by=by)
    run(str(trial.job_id))
    return SchemeTrial.objects.select_related("scheme__base", "job").get(pk=trial.pk)


def test_what_each_check_would_have_said(world, last, narrower, no_worker) -> None:
    before = list(Revision.objects.order_by("pk").values())
    trial = tried(narrower, last, world.statistician)
    assert trial.job.state == Job.State.DONE
    result = trial.result
    assert (result["filings"], result["blocked"]) == (2, 2)
    first, second = (filing.pk for filing in last.filings.order_by("pk"))
    assert result["checks"]["K130"] == [2, 1, 0, [first]]
    assert result["checks"]["K131"] == [2, 0, 0, []]  # judged: the old code's value counts under the new one
    assert result["checks"]["K132"] == [0, 0, 0, []]
    assert result["missing"]["W603"] == [0, 2, 0, [first, second]]
    assert result["then"] == {
        code: Finding.objects.filter(check_code=code).values("revision").distinct().count()
        for code in set(Finding.objects.values_list("check_code", flat=True))
    }
    assert list(Revision.objects.order_by("pk").values()) == before


def test_an_option_that_is_gone_is_told_with_its_indicator(world, last, narrower, no_worker) -> None:
    chose = [r for r in Revision.objects.all() if r.cells["JC01"].get("A208") == "2"]
    result = tried(narrower, last, world.statistician).result
    assert result["unread"] == ({"A208": [0, len(chose), 0, [r.filing_id for r in chose]]} if chose else {})
    assert chose


def test_the_page_shows_the_three_kinds(world, province, last, narrower, no_worker) -> None:
    address = reverse("versions:scheme-trial", args=[narrower.code, narrower.version])
    assert "zb-empty" in province.get(address).content.decode()
    assert province.post(address, {"round": "nonsense"}).status_code == 404
    assert province.post(address, {"round": str(last.public_id)})["Location"] == address
    waiting = province.get(address)
    assert 'class="zb-job"' in waiting.content.decode()
    run(str(SchemeTrial.objects.get().job_id))
    fails = province.get(address).content.decode()
    assert world.a.name in fails
    assert "<b>K130</b>" in fails
    assert "W603" in fails
    assert "A208" in fails
    silent = province.get(address + "?view=silent").content.decode()
    assert "<b>K131</b>" in silent
    idle = province.get(address + "?view=idle").content.decode()
    assert "<b>K132</b>" in idle
    assert "<b>K130</b>" not in idle
    actions.set_renames(scheme=narrower, renames={}, digest=narrower.digest, by=world.statistician)
    changed = province.get(address)
    assert changed.context["stale"] is True


def test_a_running_try_out_is_not_asked_for_twice(world, last, draft, no_worker) -> None:
    first = ask_trial(scheme=draft, round=last, by=world.statistician)
    assert ask_trial(scheme=draft, round=last, by=world.statistician) == first
    assert Job.objects.filter(kind="scheme.trial").count() == 1


def test_a_draft_changed_meanwhile_fails_with_its_reason(world, last, draft, no_worker) -> None:
    trial = ask_trial(scheme=draft, round=last, by=world.statistician)
    actions.set_renames(scheme=draft, renames={}, digest=draft.digest, by=world.statistician)
    run(str(trial.job_id))
    trial.refresh_from_db()
    job = Job.objects.get(pk=trial.job_id)
    assert (trial.result, job.state) == (None, Job.State.FAILED)
    assert job.reason
    actions.delete_draft(scheme=trial.scheme, by=world.statistician)
    assert SchemeTrial.objects.count() == 0


def test_only_a_whole_draft_of_the_province_is_tried(world, last, draft, published) -> None:
    for by, scheme in ((world.gulou_reviewer, draft), (world.filer_a, draft), (world.statistician, published)):
        with pytest.raises(NotAllowed):
            ask_trial(scheme=scheme, round=last, by=by)
    content = deepcopy(draft.content)
    content["checks"][0]["expression"] = "("
    type(draft).objects.filter(pk=draft.pk).update(content=content, digest=digest_of(content))
    draft.refresh_from_db()
    with pytest.raises(NotReady):
        ask_trial(scheme=draft, round=last, by=world.statistician)
    assert SchemeTrial.objects.count() == 0
    page = client_of(world.statistician).get(reverse("versions:scheme-trial", args=[draft.code, draft.version]))
    assert page.status_code == 200


def test_the_checks_of_an_annual_report_are_tried_as_well(
    world, published, draft, no_worker, settings, tmp_path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    statistics = submitted_filing(open_round(world, scheme=published), world.a, by=world.signer_a)
    round = open_round(world, kind=Kind.ANNUAL_REPORT, scheme=published)
    report = a_sent_report(round, statistics, world.signer_a)
    while fresh(report).state == State.IN_REVIEW:
        passed(report)
    content = deepcopy(draft.content)
    next(row for row in content["checks"] if (row["code"], row["part"]) == ("K120", "b"))["expression"] = "R206 >= 10"
    stricter = load_content(content, publish=False)
    result = tried(stricter, round, world.statistician).result
    assert (result["filings"], result["blocked"]) == (1, 1)
    assert result["checks"] == {
        "K120": [1, 1, 0, [report.pk]], "K121": [1, 0, 0, []], "K122": [1, 0, 0, []],
    }  # fmt: skip
    assert (result["missing"], result["unread"]) == ({}, {})
    recall(filing=fresh(statistics), by=world.filer_a, version=fresh(statistics).version)
    assert tried(stricter, round, world.statistician).result["checks"]["K122"] == [1, 1, 0, [report.pk]]
    page = client_of(world.statistician).get(reverse("versions:scheme-trial", args=[draft.code, draft.version]))
    assert [one.pk for one in page.context["rounds"]] == [round.pk]
    assert "<b>K122</b>" in page.content.decode()
