"""One document set by WeasyPrint, with what it may refer to. Nothing here imports Django."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote
from urllib.request import DataHandler, Request

from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

STATIC = Path(__file__).resolve().parents[2] / "static"
KINDS = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg"}


class OwnFilesOnly(URLFetcher):
    """`own:…` is a style sheet or picture below static/, `data:` what the document itself holds; nothing else exists."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        scheme, _colon, rest = url.partition(":")
        if scheme.lower() == "data":
            held = DataHandler().data_open(Request(url))  # noqa: S310 -- decodes, opens nothing
            return URLFetcherResponse(url, held.read(), {"Content-Type": held.headers["Content-Type"]})
        if scheme.lower() != "own":
            raise ValueError("Documents refer to our own files only.")
        path = (STATIC / unquote(rest)).resolve()
        if not path.is_relative_to(STATIC) or path.suffix not in KINDS:
            raise ValueError("There is no such style sheet or picture of ours.")
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": KINDS[path.suffix]})


def pdf(html: str) -> bytes:
    made: bytes = HTML(string=html, url_fetcher=OwnFilesOnly()).write_pdf()
    return made
