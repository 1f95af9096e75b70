"""Names and places of what people send, and the guards of a container."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from portal.uploads import container, storage, streaming
from portal.uploads.trouble import Unreadable


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("a.xlsx", "a.xlsx"),
        ("../../etc/a.xlsx", "a.xlsx"),
        ("C:\\temp\\b.xlsx", "b.xlsx"),
        ("a\r\nSet-Cookie: x.xlsx", "a Set-Cookie: x.xlsx"),
        ("\u202eslx.exe", "slx.exe"),
        ("", "—"),
        ("长" * 300 + ".xlsx", "长" * 194 + "….xlsx"),
    ],
)
def test_clean_name_is_printable_short_and_without_a_path(sent: str, shown: str):
    assert storage.clean_name(sent) == shown


def test_keep_writes_below_the_folder_and_nothing_when_too_big(settings: Any, tmp_path: Path):
    settings.MEDIA_ROOT = str(tmp_path)
    kept = storage.keep("books/7", [b"ab", b"cd"], 4)
    assert (kept.path.read_bytes(), kept.size, storage.path_of(kept.stored_as, "books")) == (b"abcd", 4, kept.path)
    with pytest.raises(storage.TooBig):
        storage.keep("books/7", [b"ab", b"cde"], 4)
    assert list((tmp_path / "books" / "7").iterdir()) == [kept.path]


@pytest.mark.parametrize("stored", ["", "../secret", "books/../other/x", "/etc/passwd", "other/x"])
def test_path_of_refuses_names_that_lead_outside(settings: Any, tmp_path: Path, stored: str):
    settings.MEDIA_ROOT = str(tmp_path)
    with pytest.raises(ValueError, match="no stored file"):
        storage.path_of(stored, "books")


def archive(**members: bytes) -> zipfile.ZipFile:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(f"{name}.xml", data)
    return zipfile.ZipFile(file)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>", "entities"),
        (b"<!--" + b"<a " * 500_000 + b"--><!DOCTYPE x []><x/>", "entities"),
        (b"<?xml version='1.0'?>\n<!-- a --><!doctype x><x/>", "entities"),
        (b"\xff\xfe<\x00x\x00/\x00>\x00", "unusual"),
        (b" " * (5 * 2**20), "bomb"),
        (b"<x>" + b"0" * 200 + b"</x>", "bomb"),
    ],
)
def test_verify_refuses_entities_and_what_unpacks_too_far(data: bytes, code: str):
    with pytest.raises(Unreadable) as refused:
        container.verify(archive(x=data), 100 if len(data) < 300 and code == "bomb" else 2**26)
    assert refused.value.code == code


def test_verify_passes_plain_parts():
    container.verify(archive(x=b"<?xml version='1.0'?><!-- <!DOCTYPE --><x><!-- y --></x>", y=b"<y/>"), 2**20)


def test_a_reading_program_with_a_mistake_of_its_own_is_no_fault_of_the_file(capfd: pytest.CaptureFixture[str]):
    """The task is not one it knows: it stops with a traceback, and nobody is told that the file was too heavy."""
    with (
        streaming.reading("portal.uploads.marking", dict, memory_mb=512, seconds=20) as child,
        pytest.raises(RuntimeError, match=r"portal\.uploads\.marking"),
    ):
        child.report({})
    assert "KeyError" in capfd.readouterr().err


FAILS = """
import resource, sys
from portal.uploads.answering import answer
from portal.uploads.trouble import Unreadable
def read():
    raise Unreadable("damaged")
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]) * 2**20,) * 2)
answer(read)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the memory that was asked for is told by Linux alone")
@pytest.mark.parametrize(("megabytes", "code"), [(1, "heavy"), (4000, "damaged")])
def test_a_file_that_broke_where_memory_ran_out_is_called_too_big(settings: Any, megabytes: int, code: str):
    command = [sys.executable, "-c", FAILS, str(megabytes)]
    done = subprocess.run(command, cwd=settings.BASE_DIR, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == {"code": code, "values": {}}
