"""The files for production, as far as they can be read without an engine to run them."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from django.conf import settings
from django.urls import reverse

from portal.uploads.bodies import AROUND_FILES
from reports.filings.extensions import files as proofs

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
NGINX = (ROOT / "deploy" / "nginx" / "portal.conf").read_text()


def test_only_nginx_can_be_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert {name for name, service in SERVICES.items() if "outside" in service["networks"]} == {"nginx", "worker"}


def test_every_service_volume_and_condition_exists() -> None:
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        named = {volume.split(":")[0] for volume in service.get("volumes", []) if not volume.startswith(".")}
        assert named <= set(COMPOSE["volumes"])
        for needed, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[needed] or needed == "web"


def test_the_portal_goes_through_the_pool_and_the_migrations_past_it() -> None:
    assert "@pgbouncer:6432/" in SERVICES["web"]["environment"]["DATABASE_URL"]
    assert "@postgres:5432/" in SERVICES["migrate"]["environment"]["DATABASE_URL"]
    assert SERVICES["web"]["environment"]["DISABLE_SERVER_SIDE_CURSORS"] == "1"
    assert SERVICES["pgbouncer"]["environment"]["POOL_MODE"] == "transaction"


def test_uploads_and_extracts_lie_on_the_disk_for_a_while() -> None:
    ours = [service for service in SERVICES.values() if service["image"].startswith("zhibao:")]
    assert len(ours) == 4
    for service in ours:
        assert "scratch:/tmp" in service["volumes"]
        assert "tmpfs" not in service
        assert service["read_only"]


def test_a_migration_does_not_wait_for_a_lock_for_ever() -> None:
    assert SERVICES["migrate"]["environment"]["PGOPTIONS"] == "-c lock_timeout=15s"
    assert SERVICES["migrate"]["restart"] == "no"
    assert SERVICES["web"]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_no_password_is_written_into_the_files() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for name in re.findall(r"\b(?:POSTGRES_PASSWORD|REDIS_PASSWORD|DB_PASSWORD): (\S+)", text):
        assert name.startswith("${")


def test_the_broker_keeps_what_it_was_given() -> None:
    command = " ".join(SERVICES["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_every_image_names_its_version() -> None:
    images = [service["image"] for service in SERVICES.values()]
    images += re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert [image for image in images if not re.search(r":v?\d", image)] == []


def test_nginx_refuses_large_bodies_with_a_page_in_both_languages() -> None:
    assert "error_page 413 /413.html;" in NGINX
    page = (ROOT / "deploy" / "nginx" / "html" / "413.html").read_text(encoding="utf-8")
    assert "文件过大，未能上传" in page
    assert "The file is too large and was not uploaded" in page
    assert re.search(r"location ~ \^/\(413\|503\)[^}]*client_max_body_size 0;", NGINX)
    taken = [megabytes() for _name, _args, megabytes in TAKING_FILES]
    assert [limit for limit in (5, *taken) if f"{limit}MB" not in page or f"{limit} MB" not in page] == []


@pytest.mark.parametrize(("on", "name"), [("413", "413"), ("502 503 504", "503")])
def test_nginx_refuses_programs_with_json_in_both_languages(on: str, name: str) -> None:
    [location] = re.findall(r"location ~ \^/api/ \{[^}]*\}", NGINX)
    assert f"error_page {on} /{name}.json;" in location
    told = json.loads((ROOT / "deploy" / "nginx" / "html" / f"{name}.json").read_text(encoding="utf-8"))
    assert set(told) == {"reason", "reference", "errors"}
    assert "Idempotency-Key" in told["reason"]
    assert not told["reason"].isascii()
    assert name != "413" or f"{settings.NUMBERS_FILE_MB} MB" in told["reason"]


#: Address, its arguments, the megabytes that the portal takes there.
TAKING_FILES: list[tuple[str, list[Any], Callable[[], int]]] = [
    ("filings:workbook-upload", [UUID(int=1)], lambda: settings.WORKBOOK_FILE_MB),
    ("filings:extension-ask", [UUID(int=1)], lambda: proofs.MOST // 2**20),
    ("versions:scheme-create", [], lambda: settings.WORKBOOK_FILE_MB),
    ("versions:scheme-upload", ["jc2023", 1], lambda: settings.WORKBOOK_FILE_MB),
    ("annual:attachment-add", [UUID(int=1), "R901"], lambda: settings.ANNUAL_FILE_MB),
    ("announcements:file-attach", [UUID(int=1)], lambda: settings.ANNUAL_FILE_MB),
    ("institutions:import-list", [], lambda: settings.REGISTER_FILE_MB),
    ("numbers:batch-upload", [UUID(int=1)], lambda: settings.NUMBERS_FILE_MB),
    ("api:batch_send", ["2023Q4"], lambda: settings.NUMBERS_FILE_MB),
]


def nginx_takes(path: str) -> int:
    """The megabytes that nginx lets through: an exact place first, then the first pattern, then the server's own limit."""
    places = re.findall(r"location (=|~) (\S+) \{([^}]*)\}", NGINX)
    for how, place, inside in sorted(places, key=lambda found: found[0] != "="):
        if path == place if how == "=" else re.search(place, path):
            own = re.search(r"client_max_body_size (\d+)m;", inside)
            return int(own[1]) if own else 5
    return 5


@pytest.mark.parametrize(("name", "args", "megabytes"), TAKING_FILES, ids=[name for name, *_more in TAKING_FILES])
def test_nginx_lets_the_portal_refuse_a_file_that_is_a_little_too_large(
    name: str, args: list[Any], megabytes: Callable[[], int]
) -> None:
    assert nginx_takes(reverse(name, args=args)) * 2**20 > megabytes() * 2**20 + AROUND_FILES


def test_nginx_takes_no_more_than_a_page_elsewhere() -> None:
    assert re.search(r"^    client_max_body_size 5m;", NGINX, re.MULTILINE)
    for path in ("/", "/login/", "/filings/1/cells/", "/institutions/", "/announcements/written/1/", "/schemes/new/"):
        assert nginx_takes(path) == 5


def test_every_form_that_sends_files_is_known_to_nginx() -> None:
    posted = set()
    for template in (ROOT / "templates").rglob("*.html"):
        for form in re.findall(r"<[^>]*multipart/form-data[^>]*>", template.read_text(encoding="utf-8")):
            posted |= set(re.findall(r"action=\"\{% url '([^']+)'", form))
    assert posted
    assert posted <= {name for name, *_more in TAKING_FILES}


def test_nginx_braces_and_semicolons_are_in_order() -> None:
    text = re.sub(r"#.*", "", NGINX)
    depth = 0
    for line in filter(None, (line.strip() for line in text.splitlines())):
        assert line.endswith((";", "{", "}")), line
        depth += line.count("{") - line.count("}")
        assert depth >= 0
    assert depth == 0
