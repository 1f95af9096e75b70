"""The words for what is wrong with a line, for contradictions with what to do about them, and for files as a whole.

A fault is a code and values, "uscc_length|9135…|17". {0} and {1} are the values; the program that marks the user's file
fills them in itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

#: Lines that cannot be read, or do not belong here.
FAULTS: dict[str, str | Promise] = {
    "uscc_missing": _("The unified social credit code is blank. Enter the 18 characters of the business licence."),
    "uscc_length": _("The code “{0}” has {1} characters; it must have 18. Compare it with the business licence."),
    "uscc_letters": _(
        "The code “{0}” holds a character no code contains (I, O, S, V, Z), or letters where digits belong. "
        "Compare it with the business licence."
    ),
    "uscc_check": _(
        "The code “{0}” does not add up: one of its 18 characters is mistyped. Compare it with the business licence."
    ),
    "digits": _(
        "The number is stored as a figure, and the spreadsheet has lost digits. Format the column as text and "
        "enter it again."
    ),
    "became_date": _("The number became a date ({0}). Format the column as text and enter it again."),
    "error": _("A cell shows an error value such as #N/A (column {0}). Mend the formula or enter the value."),
    "formula": _(
        "A cell is a formula that was never computed (column {0}). Open the file in Excel or WPS, save it, and "
        "send it again."
    ),
    "name_missing": _("The name of the institution is blank. Fill it in."),
    "long": _("A text is too long: {1} characters, at most {2} are kept ({0}). Shorten it."),
    "date": _("“{0}” is not read as a day. Enter it like 2024-02-03."),
    "issued_missing": _("The day of issue of the certificate is blank. Fill it in."),
    "expires_missing": _("The day until which the certificate is valid is blank. Fill it in."),
    "dates_order": _(
        "The certificate would expire on {1}, which is not after its issue on {0}. Correct one of the two."
    ),
    "kind": _(
        "“{0}” is no kind of certificate known here. Use a name from the list of kinds, such as 资质认定（省级）."
    ),
    "status": _("“{0}” is no state of a certificate. Use 有效, 暂停, 过期, 注销 or 撤销."),
    "domain": _("“{0}” is no domain known here. Use the names or two-digit codes of the list, or leave it blank."),
    "region": _("“{0}” is no region code. It has six digits, like 350102."),
    "unit_type": _("“{0}” is no type of unit known here. Use 企业, 事业单位, 机关, 社会团体 or 民办非企业单位."),
    "legal": _("“{0}” is neither yes nor no. Enter 是 for a legal person, 否 for a unit without legal personality."),
    "unit_without_parent": _(
        "A unit without legal personality is reported under its legal entity, and the line does not say which. "
        "Enter the code of that entity."
    ),
    "parent_unknown": _(
        "The legal entity {0} is neither in the register nor in this file. Add a line for it, or correct the code."
    ),
    "bureau_missing": _(
        "The line says neither bureau nor region, and the code does not tell either. Enter the bureau of its place."
    ),
    "bureau_unknown": _("“{0}” is no bureau known here. Enter its name or code, such as 鼓楼区市场监督管理局."),
    "outside": _("The institution is registered outside your area. Its own bureau or the province amends it."),
    "outside_new": _("The line belongs to {0}, outside your area. That bureau or the province registers it."),
    "repeated": _("The same certificate of the same institution as in row {0}. It was taken once."),
}

#: Contradictions: what, and what to do.
CONFLICTS: dict[str, str | Promise] = {
    "two_names": _(
        "One code has two names in this file: “{0}” and “{1}”. None of its lines is applied. Find out which name "
        "is on the licence, correct the other, and import again."
    ),
    "two_holders": _(
        "Certificate {0} stands under two institutions in this file. Neither line is applied. Compare it with the "
        "paper and correct the wrong line."
    ),
    "other_holder": _(
        "Certificate {0} belongs to “{1}” in the register. The line is not applied. If one took over the other, "
        "merge the two; else correct the number."
    ),
    "unit_files": _(
        "The line is a unit without legal personality, but its code stands for “{0}”, which files for itself. "
        "The line is not applied. If it is no legal person, merge that one into its parent; else write 是."
    ),
    "closed": _(
        "The institution is closed in the register. The line is not applied. Reopen it first if it works again."
    ),
    "merged": _(
        "The institution was merged into “{0}”. The line is not applied. Have its certificates entered under that one."
    ),
}

#: What a reader should look at although the line can be applied.
NOTES: dict[str, str | Promise] = {
    "similar": _(
        "Perhaps the same as “{0}” ({1}): name and address or telephone are alike. If one code is mistyped, "
        "correct it before applying; if the two became one, apply and merge them."
    ),
    "other_bureau": _(
        "The file puts it under {0}, the register under {1}. An import moves nobody: use “Move” on the page of "
        "the institution, which shows what happens to its filings."
    ),
}

#: Names of fields and additions, for lists of what changes.
CHANGES: dict[str, str | Promise] = {
    "+institution": _("new institution"),
    "+certificate": _("new certificate"),
    "+unit": _("new unit without legal personality"),
    "name": pgettext_lazy("register", "name"),
    "address": pgettext_lazy("register", "address"),
    "contact_name": pgettext_lazy("register", "contact"),
    "contact_phone": pgettext_lazy("register", "telephone"),
    "unit_type": pgettext_lazy("register", "type of unit"),
    "region_code": pgettext_lazy("register", "region code"),
    "registered_on": pgettext_lazy("register", "day of registration"),
    "parent": pgettext_lazy("register", "parent"),
    "issued_on": pgettext_lazy("register", "issued on"),
    "expires_on": pgettext_lazy("register", "expires on"),
    "issuer": pgettext_lazy("register", "issued by"),
    "status": pgettext_lazy("register", "state of the certificate"),
    "domains": pgettext_lazy("register", "domains"),
    "name_on_certificate": pgettext_lazy("register", "name on the certificate"),
}

#: Fields a column may be matched with.
FIELDS: dict[str, str | Promise] = {
    "uscc": _("Unified social credit code"),
    "name": _("Name of the institution"),
    "number": _("Certificate number"),
    "issued": _("Issued on"),
    "expires": _("Valid until"),
    "kind": _("Kind of certificate"),
    "issuer": _("Issuing authority"),
    "status": _("State of the certificate"),
    "cert_name": _("Name on the certificate"),
    "domains": _("Domains"),
    "bureau": _("Home bureau"),
    "region": _("Region code"),
    "address": _("Address of the institution"),
    "unit_type": _("Type of unit"),
    "contact": _("Contact person"),
    "phone": _("Telephone of the contact"),
    "registered": _("Day of registration"),
    "parent": _("Code of the legal entity above"),
    "legal": _("Is a legal person"),
}

#: Files that were refused as a whole.
REFUSALS: dict[str, str | Promise] = {
    "none": _("No file was chosen. Choose the register as .xlsx or .csv."),
    "size": _("The file is larger than %(most)s MB. Delete columns and sheets that do not belong to the "
    "register, or split it."),
    "empty": _("The file is empty. Nothing was changed."),
    "no_rows": _("There are headings but no line of data. Nothing was changed."),
    "no_headings": _("No row looks like headings, so the columns cannot be told apart. The file begins with: "
    "%(first)s"),
    "xls": _("This is a workbook of the old .xls kind. Open it, save it as .xlsx, and send it again."),
    "encrypted": _("The workbook is protected by a password. Remove the password and send it again."),
    "macros": _("The workbook contains macros, which are not accepted. Save it as .xlsx and send it again."),
    "truncated": _("The file is incomplete; perhaps the upload or a copy was interrupted. Send it again."),
    "damaged": _("The workbook is damaged and cannot be read. Open it in Excel or WPS, save it again, and send it."),
    "unusual": _("The workbook is packed in an unusual way and is not opened. Save it again in Excel or WPS, "
    "and send it."),
    "foreign": _("This is a file of the kind %(kind)s, whatever its name says. Send the register as .xlsx or .csv."),
    "encoding": _("The characters of the file cannot be read. Save it as “CSV UTF-8” or as .xlsx, and send it again."),
    "quotes": _("A quotation mark opened near row %(row)s is never closed. Correct that row and send the file again."),
    "bomb": _("The file unpacks to far more than a register can be. It was not opened. Save the sheet alone "
    "as a new workbook."),
    "entities": _("The file refers to outside or self-made entities, which are never read. Save it again in "
    "Excel or WPS."),
    "heavy": _("Reading the file needs more memory than is allowed. Save the sheet alone as a new workbook, "
    "or send it as .csv."),
    "slow": _("Reading the file took longer than is allowed. Save the sheet alone as a new workbook, or send "
    "it as .csv."),
    "merged": _("Merged cells among the data: %(cells)s. Only the first cell of a merged area holds a value. "
    "Unmerge them and fill every row."),
}  # fmt: skip


def sentence(fault: str) -> str:
    """In the active language, with the values in place."""
    code, *values = fault.split("|")
    text = str((FAULTS | CONFLICTS | NOTES).get(code, code))
    for position, value in enumerate(values):
        text = text.replace(f"{{{position}}}", value)
    return text


def templates() -> dict[str, str]:
    """For the program that marks the file."""
    return {code: str(words) for code, words in (FAULTS | CONFLICTS | NOTES).items()}


def refusal(told: Mapping[str, Any]) -> str:
    text = str(REFUSALS.get(str(told.get("code", "")), REFUSALS["damaged"]))
    try:
        return text % told.get("values", {}) if "%(" in text else text
    except (KeyError, ValueError, TypeError):
        return text


def changed(names: list[str]) -> list[str]:
    return [str(CHANGES.get(name, name)) for name in names]
