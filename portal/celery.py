"""The Celery application. PostgreSQL holds the work (`portal.jobs`); a message only says that some is waiting.

Every `tasks.py` below the rooms is loaded. A worker writes a heartbeat for `portal.health`.
"""

import os
from pathlib import Path

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

ROOMS = ("portal", "institutions", "reports", "review")


def task_packages(root: Path) -> list[str]:
    """The dotted names of the packages below the rooms that hold a `tasks.py`."""
    files = [file for room in ROOMS for file in sorted((root / room).rglob("tasks.py"))]
    return [".".join(file.parent.relative_to(root).parts) for file in files]


app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(lambda: task_packages(Path(__file__).resolve().parent.parent))


@signals.worker_ready.connect
@signals.heartbeat_sent.connect
def beat_heart(**_: object) -> None:
    """Sent by the consumer every two seconds while it is connected, also while its children work."""
    from portal.health import note_worker

    note_worker()


@signals.worker_process_init.connect
def give_way(**_: object) -> None:
    """Where cores are few, people at their pages come before work in the background, which loses nothing when they are idle."""
    os.nice(10)
