"""Why a workbook as a whole is not read, in words: what it is, and how to mend it. Nothing of the filing was changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REFUSALS: Mapping[str, str | Promise] = {
    "none": _("No file was chosen. Choose the workbook you filled, then upload it."),
    "size": _(
        "The file is larger than %(most)s MB. A filled workbook has less than 1 MB: remove pictures and "
        "other sheets, and upload it again."
    ),
    "quota": _(
        "The workbooks your institution uploaded fill the %(most)s MB kept for it. They are removed "
        "after %(days)s days; until then fill in the tables on the site, or call the bureau that reviews "
        "you."
    ),
    "empty": _("The file is empty. Open the workbook, save it again, and upload it."),
    "xls": _("This is a workbook of the old .xls kind. Open it, save it as “Excel workbook (.xlsx)”, and upload that."),
    "encrypted": _(
        "The workbook is protected by a password. Open it, remove the password (File › Info › Protect "
        "workbook), save it, and upload it again."
    ),
    "macros": _(
        "The workbook contains macros, which are not accepted. Save it as “Excel workbook (.xlsx)” "
        "without macros, and upload that."
    ),
    "truncated": _(
        "The file is incomplete: its end is missing. Perhaps the copy or the upload was interrupted. "
        "Copy it again from where you saved it, and upload it."
    ),
    "damaged": _(
        "The workbook is damaged and cannot be read. Open it in Excel or WPS, save it under a new name, "
        "and upload that."
    ),
    "unusual": _(
        "The workbook is packed in an unusual way and is not opened. Open it in Excel or WPS, save it "
        "again, and upload it."
    ),
    "foreign": _(
        "This is a file of the kind %(kind)s, whatever its name says. Upload the .xlsx workbook "
        "downloaded from this page."
    ),
    "bomb": _(
        "The file unpacks to far more than a filing can be, and was not opened. Copy your figures into a "
        "freshly downloaded workbook."
    ),
    "entities": _(
        "The file refers to outside or self-made entities, which are never read. Open it in Excel or "
        "WPS, save it again, and upload it."
    ),
    "heavy": _(
        "Reading the file needs more memory than is allowed. Remove sheets that do not belong to the "
        "filing, and upload it again."
    ),
    "slow": _(
        "Reading the file took longer than is allowed. Remove sheets that do not belong to the filing, "
        "and upload it again."
    ),
    "too_much": _(
        "The workbook holds far more cells than a filing has. Remove sheets that do not belong to the "
        "filing, and upload it again."
    ),
    "not_template": _(
        "This is not a workbook of this portal: the hidden mark that tells whose filing it is, is "
        "missing. Download the workbook from this page and copy your figures into it."
    ),
    "other_form": _(
        "This is the template of another form (%(form)s), not the workbook of this filing. Download the "
        "workbook from this page."
    ),
    "newer_format": _(
        "The workbook was made by a newer version of the portal (form %(format)s). Download it again "
        "from this page."
    ),
    "other_institution": _(
        "This is the workbook of %(name)s (%(code)s), not of your institution. Nothing was read from it. "
        "Choose your own file."
    ),
    "other_round": _(
        "This is the workbook of “%(round)s”, another round. Nothing was read from it. Download the "
        "workbook of this round and copy your figures into it."
    ),
    "gone": _("The uploaded workbook was cleared away. Upload it again."),
    "no_tables": _(
        "No table of this filing was found in the workbook: no sheet has a line of headings with the "
        "codes of the indicators. Download the workbook again and copy your figures into it."
    ),
}  # fmt: skip


def sentence(told: Mapping[str, Any]) -> str:
    """In the active language; `told` is {"code", "values"}."""
    text = str(REFUSALS.get(str(told.get("code", "")), REFUSALS["damaged"]))
    values = told.get("values", {})
    try:
        return text % values if "%(" in text else text
    except (KeyError, ValueError, TypeError):
        return text
