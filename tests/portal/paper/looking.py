"""PDFs as a reader sees them: their pages as pictures, the ink on them, and their text."""

from __future__ import annotations

from typing import Any

import pypdfium2

DOTS = 2  # per point


def pictures(pdf: bytes) -> list[Any]:
    """Every page, in grey."""
    with_pages = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=DOTS, grayscale=True).to_pil().convert("L") for page in with_pages]
    finally:
        with_pages.close()


def texts(pdf: bytes) -> list[str]:
    """The text of every page, without line ends."""
    with_pages = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_bounded().replace("\r\n", "").replace("\n", "") for page in with_pages]
    finally:
        with_pages.close()


def ink(picture: Any, box: tuple[float, float, float, float] = (0, 0, 1, 1)) -> int:
    """Dark dots inside the box, given in shares of width and height."""
    width, height = picture.size
    cut = picture.crop((int(box[0] * width), int(box[1] * height), int(box[2] * width), int(box[3] * height)))
    return sum(cut.histogram()[:128])


def shape(picture: Any) -> bytes:
    """The ink alone, without the white around it: equal for equal letters."""
    dark = picture.point(lambda value: 255 if value < 128 else 0)
    return bytes(dark.crop(dark.getbbox()).tobytes())
