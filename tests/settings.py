"""Settings of the tests: the product's own, on servers of their own, with a cheap password hasher.

Workers of xdist and the Celery workers that tests start import this too, with the servers already in the environment. Each
xdist worker has its own test database (pytest-django) and its own numbered database in the broker.
"""

import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

os.environ.setdefault("PORTAL_STATE", str(ROOT / ".local" / "test"))
os.environ["PORTAL_FAST_DB"] = "1"
os.environ["PORTAL_DEMO"] = "0"
os.environ["PORTAL_INSECURE_HTTP"] = "1"
os.environ["SECRET_KEY"] = "only-for-tests"
for name in (
    "DEBUG",
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "EMAIL_URL",
    "PORTAL_BASE_URL",
    "DEMO_PASSWORD",
    "PROXY_COUNT",
):
    os.environ.pop(name, None)
sys.path.insert(0, str(ROOT))

from portal import catalogue, embedded  # noqa: E402

embedded.ensure()
if "PYTEST_XDIST_WORKER" in os.environ:
    number = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw")) + 1
    os.environ["REDIS_URL"] = re.sub(r"/\d+$", f"/{number}", os.environ["REDIS_URL"])
else:
    catalogue.compile_stale()

from portal.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
]

# Whitenoise wants a folder; the live server of the tests finds the files by itself.
STATIC_ROOT = os.path.join(os.environ["PORTAL_STATE"], "static")  # noqa: PTH118
Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)
