from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.jobs import broker
from tests.portal.jobs import handlers


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files of their own, nothing called yet, and no memory of a broker that another test stopped."""
    settings.MEDIA_ROOT = str(tmp_path)
    monkeypatch.setattr(broker, "_silent_until", 0.0)
    handlers.CALLS.clear()
    yield
    broker._silent_until = 0.0
