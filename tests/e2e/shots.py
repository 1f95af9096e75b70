"""The pictures of the main pages in docs/img, taken from the demonstration.

Run `make run` in one terminal, and in another, with the password that it printed:

    DEMO_PASSWORD=… .venv/bin/python -m tests.e2e.shots [address, by default http://127.0.0.1:8000]
"""

from __future__ import annotations

import base64
import os
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.fixtures_browser import ARGUMENTS, CHROMIUM, OFFICE

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "img"
LARGEST = 200_000


def grid(page: Page) -> None:
    """The first table with something to correct, at its first finding."""
    page.locator(".zb-todo a.btn[href^='/filings/']").first.click()
    page.locator("table.zb-tbl tr:has(.zb-st.hard) th a").first.click()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("F8")
    page.locator("#grid tr.now").wait_for()


def queue(page: Page) -> None:
    page.goto("/review/")
    page.keyboard.press("j")
    page.wait_for_load_state("networkidle")


def reading(page: Page) -> None:
    """The first filing of the queue with a doubt to judge."""
    page.goto("/review/?flag=doubts")
    page.locator("#queue th a").first.click()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("n")


def coverage(page: Page) -> None:
    page.goto("/review/coverage/?open=350100")
    page.locator("[data-drawn]").wait_for()


PICTURES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "grid.png": ("filer", grid),
    "queue.png": ("fuzhou", queue),
    "reading.png": ("fuzhou", reading),
    "coverage.png": ("province", coverage),
}


#: The 256 commonest colours stay as they are, every other becomes the nearest of them: [palette, index of each pixel].
FEWER_COLOURS = """async ([picture, width, height]) => {
  const bitmap = await createImageBitmap(await (await fetch("data:image/png;base64," + picture)).blob());
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const pixels = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
  const counts = new Map(), places = new Map();
  for (const pixel of pixels) { counts.set(pixel, (counts.get(pixel) || 0) + 1); }
  const kept = [...counts.keys()].sort((one, other) => counts.get(other) - counts.get(one)).slice(0, 256);
  const parts = colour => [colour & 255, colour >> 8 & 255, colour >> 16 & 255];
  const palette = kept.map(parts);
  const far = (one, other) => one.reduce((sum, part, at) => sum + (part - other[at]) ** 2, 0);
  const nearest = colour => palette.reduce((best, one, at) =>
    far(one, parts(colour)) < far(palette[best], parts(colour)) ? at : best, 0);
  for (const colour of counts.keys()) { places.set(colour, kept.includes(colour) ? kept.indexOf(colour) : nearest(colour)); }
  return [palette.flat(), Array.from(pixels, pixel => places.get(pixel))];
}"""


def smaller(page: Page, picture: bytes) -> bytes:
    """The picture as a PNG with a palette."""
    width, height = OFFICE["width"], OFFICE["height"]
    palette, indexes = page.evaluate(FEWER_COLOURS, [base64.b64encode(picture).decode(), width, height])
    rows = b"".join(b"\0" + bytes(indexes[at : at + width]) for at in range(0, width * height, width))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", bytes(palette)), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)


def take(browser: Browser, address: str, name: str, password: str) -> None:
    username, act = PICTURES[name]
    context = browser.new_context(
        base_url=address, viewport=OFFICE, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto("/login/")
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(password)
    page.locator("form.zb-sheet [type=submit]").click()
    page.wait_for_url(lambda url: "/login/" not in url)
    act(page)
    picture = smaller(browser.new_page(), page.screenshot())
    context.close()
    if len(picture) > LARGEST:
        sys.exit(f"{name} is {len(picture)} bytes, more than {LARGEST}.")
    (FOLDER / name).write_bytes(picture)
    print(f"{name}: {len(picture)} bytes")


def main() -> None:
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    password = os.environ.get("DEMO_PASSWORD") or sys.exit("Set DEMO_PASSWORD to the password of the demonstration.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        # Letters in grey instead of coloured fringes: fewer colours.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, "--disable-lcd-text"])
        for name in PICTURES:
            take(browser, address, name, password)
        browser.close()


if __name__ == "__main__":
    main()
