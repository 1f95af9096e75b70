"""The words for what is wrong with a file that somebody attached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

WORDS: Mapping[str, str | Promise] = {
    "empty": gettext_lazy("The file is empty. Choose it again."),
    "foreign": gettext_lazy("This is neither a PDF nor a PNG or JPEG picture, whatever its name says. Save or scan it as PDF."),
    "pdf_only": gettext_lazy("This item takes a PDF; a picture was sent. Put the pages into one PDF, as scanners do."),
    "truncated": gettext_lazy("The PDF ends in the middle: it was not copied or scanned to the end. Make it again."),
    "encrypted": gettext_lazy("The PDF is protected by a password or by rights. Save it without protection, or scan the paper."),
    "programs": gettext_lazy("The PDF holds a program, an active form or a film. Print it to a plain PDF, or scan the paper."),
    "files_inside": gettext_lazy("The PDF holds other files inside. Send those by themselves, and a PDF of pages only."),
    "no_page": gettext_lazy("No page was found in the PDF. Open it on your computer; if it looks right, print it to PDF again."),
    "broken": gettext_lazy("The file is damaged and cannot be opened to its end. Make it again."),
    "pixels": gettext_lazy("The picture has more than 100 million points. Scan it at 200 or 300 points an inch."),
    "bomb": gettext_lazy("The PDF unpacks to far more than it seems to hold. Print it to PDF again, or scan the paper."),
    "heavy": gettext_lazy("The file needs more memory to open than allowed. Scan it at 200 or 300 points an inch."),
    "slow": gettext_lazy("The file takes longer to open than allowed. Scan it at 200 or 300 points an inch."),
}  # fmt: skip


def refusal(told: Mapping[str, Any]) -> str:
    return str(WORDS.get(told["code"], _("The file cannot be opened.")))
