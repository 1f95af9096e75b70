"""The proof of a request: a PDF or a picture, told by its bytes, and only ever sent as a download."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.uploads.storage import TooBig, clean_name, keep
from reports.filings.errors import Incomplete

FOLDER = "extensions"
MOST = 10 * 2**20
KINDS = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def keep_proof(chunks: Iterable[bytes], name: str) -> dict[str, Any]:
    """The fields of `Extension` that describe the kept file; Incomplete for what is not taken."""
    pieces = iter(chunks)
    head = next(pieces, b"")
    kind = next((kind for magic, kind in KINDS.items() if head.startswith(magic)), None)
    if kind is None:
        raise Incomplete(_("Send the proof as a PDF, or as a JPEG or PNG picture. Other files are not taken."))
    try:
        kept = keep(FOLDER, chain([head], pieces), MOST)
    except TooBig:
        raise Incomplete(_("The file is larger than 10 MB. Send a smaller one.")) from None
    return {"name": clean_name(name), "stored_as": kept.stored_as, "content_type": kind, "size": kept.size}
