"""Submits every filing that is ready, four at a time, and prints the number and digest of each receipt: what the signer has seen.

`python -m tests.portal.crash_driver` with DATABASE_URL set; test_crash.py ends the database under it.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor


def submit_one(pk: int) -> None:
    from django.db import DatabaseError, InterfaceError, connections

    from reports.filings.models import Filing
    from tests.factories.filings import sign_and_submit

    try:
        revision = sign_and_submit(Filing.objects.for_page().get(pk=pk))
        sys.stdout.write(f"{pk} {revision.digest}\n")
        sys.stdout.flush()
    except (DatabaseError, InterfaceError):
        pass  # no receipt was seen
    finally:
        connections.close_all()


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from reports.filings.models import Filing

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(submit_one, Filing.objects.filter(state="drafting").order_by("pk").values_list("pk", flat=True)))


if __name__ == "__main__":
    main()
