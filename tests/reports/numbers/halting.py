"""A worker that comes to a named step of an import, says so, and goes no further: `celery -A tests.reports.numbers.halting`.

It is there to be killed. HALT_AT is a phase of the job, HALT_SIGN the path of the file by which it says that it is there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from celery import signals

from portal.celery import app

__all__ = ["app"]


def halt() -> None:
    Path(os.environ["HALT_SIGN"]).touch()
    while True:
        time.sleep(1)


def second_time(call: Callable[..., Any]) -> Callable[..., Any]:
    """What one block brought is in the transaction when it halts before the next."""
    calls = []

    @wraps(call)
    def counted(*given: Any, **named: Any) -> Any:
        calls.append(1)
        return call(*given, **named) if len(calls) == 1 else halt()

    return counted


def afterwards(call: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(call)
    def called(*given: Any, **named: Any) -> None:
        call(*given, **named)
        halt()

    return called


@signals.worker_process_init.connect
def set_up(**_: object) -> None:
    from reports.numbers import children
    from reports.numbers.staging import Staging

    owner, name, wrapped = {
        "read": (Staging, "copy_direct", second_time),
        "store": (Staging, "store", afterwards),
        "mark": (children, "run", lambda _call: lambda *_given: halt()),
    }[os.environ["HALT_AT"]]
    setattr(owner, name, wrapped(getattr(owner, name)))
