"""A stopped broker does not stop submitting: the revision is stored, and mail waits for the sweeper."""

from __future__ import annotations

import socket
import time

import pytest
from celery import Celery
from django.conf import settings

from portal.inbox.models import Notice
from portal.jobs import broker
from reports.filings.models import State
from tests.factories.filings import a_filing, fill, fresh, open_round, sign_and_submit
from tests.factories.institutions import build_province


@pytest.fixture
def stopped_broker(monkeypatch: pytest.MonkeyPatch):
    """Mail is told to a broker at a port where nobody listens, by an application configured like ours."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    other = Celery("other", broker=f"redis://127.0.0.1:{port}/0", set_as_current=False)
    other.conf.update(broker_transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS, task_publish_retry=False)

    @other.task(name="portal.inbox.tasks.deliver")
    def deliver() -> None:
        pytest.fail("Only the message counts here.")

    monkeypatch.setattr(broker, "_silent_until", 0.0)
    monkeypatch.setattr("portal.inbox.actions.deliver", deliver)
    yield
    broker._silent_until = 0.0
    other.close()


@pytest.mark.django_db(transaction=True)
def test_submitting_without_a_broker_stores_the_revision_at_once(stopped_broker):
    province = build_province()
    filing = fill(a_filing(open_round(province), province.a), province.filer_a)
    before = time.monotonic()
    revision = sign_and_submit(filing, province.signer_a)
    assert time.monotonic() - before < 5
    assert broker.seems_down()
    filing = fresh(filing)
    assert (filing.state, filing.revision) == (State.IN_REVIEW, revision)
    assert set(Notice.objects.values_list("recipient__username", flat=True)) == {"filer-a", "signer-a"}
    assert not Notice.objects.exclude(mailed_at=None).exists()
