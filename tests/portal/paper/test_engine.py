"""HTML becomes pages with ink on them, in a program that is bounded and reaches nothing but our own files."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from portal.paper import engine, press
from portal.paper.engine import NotPrinted, pdf_of
from tests.portal.paper.looking import ink, pictures, shape, texts

PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAAAAAAALAAAAAABAAEAAAICRAEAOw=="
ROW = "<tr><td>检测</td><td>1,234.5</td></tr>"


def page(body: str, style: str = "") -> str:
    return (
        f'<html lang="zh-Hans"><style>@page{{size:A4;margin:20mm}}body{{margin:0;font:20pt "Noto Serif CJK SC"}}{style}'
        f"</style><body>{body}"
    )


def test_pages_carry_ink_where_it_belongs_and_the_text_can_be_read() -> None:
    made = pdf_of(page('<p>检验检测 1,234.5</p><p style="break-before:page;text-align:right">第二页</p>'))
    first, second = pictures(made)
    assert [text.strip() for text in texts(made)] == ["检验检测 1,234.5", "第二页"]
    assert ink(first, (0, 0, 0.5, 0.25)) > 500
    assert ink(first, (0, 0.25, 1, 1)) == ink(second, (0, 0, 0.5, 1)) == 0
    assert ink(second, (0.5, 0, 1, 0.25)) > 200


@pytest.mark.parametrize("family", ["Noto Serif CJK SC", "Noto Sans CJK SC"])
@pytest.mark.parametrize("letter", ["𠮷", "𬱖"])
def test_rare_letters_are_not_a_box(letter: str, family: str) -> None:
    """A code point that nobody has a letter for is drawn as the font's box; the letters differ from it and each other."""
    style = f'body{{font-family:"{family}"}}p{{font-size:120pt;margin:0;line-height:1.4}}'
    made = pdf_of(page(f"<p>{letter}<p style='break-before:page'>\U0003fffd<p style='break-before:page'>吉", style))
    rare, box, usual = (shape(picture) for picture in pictures(made))
    assert rare not in (box, usual)
    assert len(rare) > 10_000
    assert texts(made)[0].strip() == letter


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """The address of a server, and the paths that anybody asked it for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_a_document_gets_nothing_from_the_network_or_the_disk(listener: tuple[str, list[str]], tmp_path: Path) -> None:
    address, asked = listener
    secret = tmp_path / "secret.svg"
    secret.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"><rect width="400" height="400"/></svg>'
    )
    style = tmp_path / "secret.css"
    style.write_text("body::before{content:'secret words';font-size:40pt}")
    places = (f"file://{secret}", str(secret), f"{address}/a.png", f"own:../../{secret}", f"own:/{secret}")
    images = "".join(f'<img src="{place}"><object data="{place}"></object>' for place in places)
    sheets = "".join(f'<link rel="stylesheet" href="{place}">' for place in (f"file://{style}", f"{address}/a.css"))
    hidden = f'<link rel="attachment" href="file://{secret}"><link rel="attachment" href="{address}/b">'
    made = pdf_of(page(f"{sheets}{hidden}{images}<p style='background:url({address}/c)'></p>"))
    [only] = pictures(made)
    assert (asked, ink(only), b"EmbeddedFile" in made, texts(made)[0].strip()) == ([], 0, False, "")


def test_own_files_and_data_are_shown() -> None:
    style = "img{width:80mm;height:80mm;display:block}"
    shown = pdf_of(page(f'<img src="{PIXEL}"><img src="own:img/zhibao.svg">', style))
    [only] = pictures(shown)
    assert ink(only, (0, 0, 1, 0.36)) > 50_000
    assert ink(only, (0, 0.37, 1, 0.7)) > 5_000


def test_own_style_sheet_is_used() -> None:
    html = '<html lang="zh-Hans"><link rel="stylesheet" href="own:css/paper.css"><p class="mark">编号</p><h1>表</h1>'
    assert "编号" in texts(pdf_of(html))[0]
    assert "1 / 1" in texts(pdf_of(html))[0]


@pytest.mark.parametrize(
    ("limit", "value", "rows", "code"),
    [("PAPER_CHILD_SECONDS", 1, 12_000, "slow"), ("PAPER_CHILD_MB", 8, 500, "heavy")],
)
def test_a_document_beyond_its_limits_ends_alone(settings: Any, limit: str, value: int, rows: int, code: str) -> None:
    pdf_of(page("before"))
    process = engine._running().process
    setattr(settings, limit, value)
    with pytest.raises(NotPrinted) as refused:
        pdf_of(page(f"<table>{ROW * rows}</table>"))
    assert (refused.value.code, refused.value.status) == (code, 503)
    settings.PAPER_CHILD_SECONDS, settings.PAPER_CHILD_MB = 60, 1024
    assert texts(pdf_of(page("after")))[0].strip() == "after"
    assert engine._running().process is process


def test_a_document_too_long_is_not_begun(settings: Any) -> None:
    settings.PAPER_HTML_MB = 1
    with pytest.raises(NotPrinted) as refused:
        pdf_of("x" * (2**20 + 1))
    assert refused.value.code == "large"


def test_a_press_that_died_is_started_again() -> None:
    pdf_of(page("one"))
    before = engine._running().process
    before.kill()
    before.wait()
    assert texts(pdf_of(page("two")))[0].strip() == "two"
    assert engine._running().process is not before


def test_documents_at_once_do_not_mix() -> None:
    names = [f"文件{number}" for number in range(6)]
    with ThreadPoolExecutor(3) as threads:
        made = list(threads.map(lambda name: pdf_of(page(name)), names))
    assert [texts(one)[0].strip() for one in made] == names


@pytest.mark.parametrize("event", ["socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.exec"])
def test_the_program_may_not_reach_or_start_anything(event: str) -> None:
    with pytest.raises(PermissionError, match="not for a program that sets documents"):
        press._forbid(event, ())


def test_the_program_writes_no_files() -> None:
    press._forbid("open", ("a", "r", 0))
    with pytest.raises(PermissionError, match="writes no files"):
        press._forbid("open", ("a", "w", 0o1101))


def test_the_program_gets_no_secret(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "secret words")
    engine.stop()
    pdf_of(page("one"))
    environment = Path(f"/proc/{engine._running().process.pid}/environ").read_bytes()
    assert b"PATH=" in environment
    assert b"secret words" not in environment
    assert b"DATABASE_URL" not in environment
