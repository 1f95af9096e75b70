"""The files for production, as far as they can be read without an engine to run them."""

import re
from pathlib import Path
from typing import Any

import yaml

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
    limits = re.findall(r"client_max_body_size (\d+)m;", NGINX)
    assert re.search(r"location ~ \^/\(413\|503\)[^}]*client_max_body_size 0;", NGINX)
    assert limits[0] == "5"
    assert [limit for limit in limits if f"{limit}MB" not in page or f"{limit} MB" not in page] == []


def test_nginx_braces_and_semicolons_are_in_order() -> None:
    text = re.sub(r"#.*", "", NGINX)
    depth = 0
    for line in filter(None, (line.strip() for line in text.splitlines())):
        assert line.endswith((";", "{", "}")), line
        depth += line.count("{") - line.count("}")
        assert depth >= 0
    assert depth == 0
