"""The words for what went wrong: with a whole file, with a line, or with a number that was stored all the same.

A fault is a code and values, "date_outside|2023-09-30|2023Q3"; the sentence says what, why and how to mend it.
`templates` gives them with {0}, {1} in place of the values, for the program that marks the user's file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: Lines that were refused. {0} and {1} are the values of the fault.
FAULTS: dict[str, str | Promise] = {
    "blank": _("The number is blank. Fill it in or delete the line."),
    "long": _("“{0}” is longer than 64 characters. Enter the number alone."),
    "control": _(
        "“{0}” contains a line break or another character that cannot be printed. Type the number again, on one line."
    ),
    "no_digit": _("“{0}” holds no digit, so it is not taken for a report number. Enter the number in full, or delete the row."),
    "total": _("“{0}” is a total, not a report number. Delete the row."),
    "several": _("“{0}” holds several numbers. Enter one number a row."),
    "range": _(
        "“{0}” stands for a range of numbers. Enter one number a row, or send the range with “Add a range” on the page of the quarter."
    ),
    "label": _(
        "“{0}” has a label or a count in front of the number. Remove it, so that the number stands there alone as on the report."
    ),
    "state_behind": _(
        "“{0}” has a word behind the number for its state. Take the word off and write it in the column “Status” (N108)."
    ),
    "date_behind": _(
        "“{0}” has a date behind the number. Take it off and write it in the column “Date of issue” (N102)."
    ),
    "scientific": _(
        "“{0}” is in scientific notation: the spreadsheet has lost digits. Format the column as text, then enter the number again."
    ),
    "digits": _(
        "The number is stored as a figure of {0} digits, and a spreadsheet keeps only 15: the last ones are lost. Format the "
        "column as text, then enter the number again as on the report."
    ),
    "error": _("The cell shows an error value such as #N/A. Mend the formula or enter the value as text."),
    "formula": _("The cell is a formula that was never computed. Open the file in Excel or WPS, save it, and send it again."),
    "boolean": _("“{0}” is a yes/no value, not a number. Format the column as text, then enter the number again."),
    "date_in_number": _("The number became a date ({0}). Format the column as text, then enter the number again."),
    "date_missing": _("The date of issue is blank. Enter it as 2023-11-05."),
    "date_unreadable": _("“{0}” is not a date of issue. Enter it as 2023-11-05."),
    "date_impossible": _("There is no day “{0}”. Correct the date of issue."),
    "date_ambiguous": _("“{0}” can be read in two ways. Enter the date of issue as 2023-11-05."),
    "date_serial": _("“{0}” is a day number of a spreadsheet. Format the column as a date, or enter it as 2023-11-05."),
    "date_future": _("The date of issue {0} has not come yet. Correct it."),
    "date_outside": _("The date of issue {0} is not in this quarter; it belongs to {1}. Correct the date, or file the number there."),
    "certificate_missing": _(
        "Your institution has several certificates, and the line names none. Enter the number of the certificate used."
    ),
    "certificate_unknown": _(
        "The certificate “{0}” is not registered for your institution. Correct it, or ask your bureau to amend the register."
    ),
    # Of lists read before each column had a sentence of its own.
    "option_unknown": _("“{1}” is not one of the options of {0}. Choose one from the list in the template, or leave it blank."),
    "domain_unknown": _(
        "“{0}” is not one of the options of the column “Survey domain” (N104). Choose one from the drop-down list of the template, "
        "or leave the cell blank."
    ),
    "kind_unknown": _(
        "“{0}” is not one of the options of the column “Kind” (N105). Choose one from the drop-down list of the template, or leave "
        "the cell blank."
    ),
    "state_unknown": _(
        "“{0}” is not one of the options of the column “Status” (N108). Enter 有效, 作废 or 被替换, or leave the cell blank for 有效."
    ),
    "mark_unknown": _("“{0}” is neither yes nor no. Enter 是 or 否, or leave the cell blank for 是."),
    "site_unknown": _("“{0}” is not the number of one of your sites. Correct it, or leave it blank."),
    "replaces_unreadable": _("The replaced number “{0}” cannot be read. Enter the original number as it was filed."),
    "json": _("The line is not an object with plain values. Send one object a line."),
    "not_utf8": _("The line is not written in UTF-8, perhaps in GBK. Save the list as UTF-8, and send it again."),
    "repeated": _("The same number as in row {0} of this file. It was counted once."),
    "already": _("Already filed on {0} for {1} in “{2}”. It was not counted again."),
    "not_voided": _(
        "The row calls the number void or replaced, but it is filed as valid for {0} and stays so: a list takes back nothing. "
        "Open it under “Numbers filed” of {0} and void or replace it there, with the reason."
    ),
    "not_replaced": _(
        "The row says that the number replaces another (N109), but it was filed before without saying so, and the other stays "
        "valid for {0}: a list changes nothing that is filed. Open the other one under “Numbers filed” of {0} and replace it "
        "there by this number, with its date of issue; or void it there."
    ),
}  # fmt: skip

#: The same with more values: by code and count of values.
LONGER: dict[str, str | Promise] = {
    "certificate_unknown/2": _(
        "The certificate “{0}” is not registered for your institution; registered are: {1}. Correct it, or ask your bureau to "
        "amend the register."
    ),
}

#: Numbers that were stored, with something to look at.
FINDINGS: dict[str, str | Promise] = {
    "certificate_day": _("Stored. The certificate was not valid on the date of issue; the reviewer will ask about it."),
    "zeros": _(
        "Stored. Your numbers usually have leading zeros and this one does not; a spreadsheet may have dropped them."
    ),
    "original_missing": _("Stored. The number it replaces is not among the numbers you filed."),
}

#: Short names for counts by cause.
LABELS: dict[str, str | Promise] = {
    "blank": _("Number blank"),
    "long": _("Number too long"),
    "control": _("Characters that cannot be printed"),
    "no_digit": _("No digit in the number"),
    "total": _("Total in place of a number"),
    "several": _("Several numbers in one cell"),
    "range": _("Range in one cell"),
    "label": _("Label in front of the number"),
    "state_behind": _("State written behind the number"),
    "date_behind": _("Date written behind the number"),
    "scientific": _("Scientific notation"),
    "digits": _("More than 15 digits in a numeric cell"),
    "error": _("Error value in a cell"),
    "formula": _("Formula not computed"),
    "boolean": _("Yes/no value in place of a number"),
    "date_in_number": _("Number became a date"),
    "date_missing": _("Date of issue blank"),
    "date_unreadable": _("Date of issue cannot be read"),
    "date_impossible": _("Day does not exist"),
    "date_ambiguous": _("Date can be read in two ways"),
    "date_serial": _("Day number in place of a date"),
    "date_future": _("Date in the future"),
    "date_outside": _("Date outside the quarter"),
    "certificate_missing": _("Certificate not named"),
    "certificate_unknown": _("Certificate not your institution's"),
    "option_unknown": _("Not one of the options"),
    "domain_unknown": _("Survey domain not one of the options"),
    "kind_unknown": _("Kind not one of the options"),
    "state_unknown": _("Status not one of the options"),
    "mark_unknown": _("CMA mark neither yes nor no"),
    "site_unknown": _("Site not known"),
    "replaces_unreadable": _("Replaced number cannot be read"),
    "json": _("Not an object with plain values"),
    "not_utf8": _("Not in UTF-8"),
    "repeated": _("Repeated in the file"),
    "already": _("Already filed"),
    "not_voided": _("Still valid, not voided by the list"),
    "not_replaced": _("Replaced number still valid"),
    "certificate_day": _("Certificate not valid on the day"),
    "zeros": _("Leading zeros perhaps lost"),
    "original_missing": _("Replaced number not filed"),
}

#: Files that were refused as a whole.
REFUSALS: dict[str, str | Promise] = {
    "empty": _("The file is empty. Nothing was stored. Fill in the template and send it again."),
    "no_rows": _("There are headings but no line of data. Nothing was stored."),
    "no_headings": _(
        "No heading names the report number, so the columns cannot be told apart. Keep the row of headings of the template. "
        "The file begins with: {first}"
    ),
    "no_date_column": _("No column is headed “出具（签发）日期”. Add the column with the date of issue of each report."),
    "twice": _("Two columns mean the same: “{first}” and “{second}”. Delete or rename one of them."),
    "xls": _("This is a workbook of the old .xls kind. Open it, save it as .xlsx, and send it again."),
    "encrypted": _("The workbook is protected by a password. Remove the password and send it again."),
    "macros": _("The workbook contains macros, which are not accepted. Save it as .xlsx and send it again."),
    "truncated": _("The file is incomplete; perhaps the upload or a copy was interrupted. Send it again."),
    "damaged": _("The workbook is damaged and cannot be read. Open it in Excel or WPS, save it again, and send it."),
    "unusual": _("The workbook is packed in an unusual way and is not opened. Save it again in Excel or WPS, and send it."),
    "foreign": _("This is a file of the kind {kind}, whatever its name says. Send the list as .xlsx or .csv."),
    "encoding": _("The characters of the file cannot be read. Save it as “CSV UTF-8” or as .xlsx, and send it again."),
    "quotes": _("A quotation mark opened near row {row} is never closed. Correct that row and send the file again."),
    "bomb": _("The file unpacks to far more than a list of numbers can be. It was not opened. Save the sheet alone as a new workbook."),
    "entities": _("The file refers to outside or self-made entities, which are never read. Save it again in Excel or WPS."),
    "heavy": _("Reading the file needs more memory than is allowed. Split it into smaller files, or send it as .csv."),
    "slow": _("Reading the file took longer than is allowed. Split it into smaller files, or send it as .csv."),
    "merged": _(
        "Merged cells among the data: {cells}. Only the first cell of a merged area holds a value. Unmerge them, fill every "
        "row, and send it again."
    ),
    "other_form": _("This is the template of another form ({form}). Use the template for report numbers."),
    "other_institution": _(
        "The file carries the credit code {uscc}, which is not your institution's. Nothing was stored. Check whose file it "
        "is; if it is yours, confirm and it will be read."
    ),
}  # fmt: skip

#: Shown for a fault whose code this version does not know.
_UNKNOWN = _("The line could not be taken.")


def split(fault: str) -> tuple[str, list[str]]:
    code, *values = fault.split("|")
    return code, values


def template_of(code: str, values: int = 0) -> str:
    return str(LONGER.get(f"{code}/{values}") or FAULTS.get(code) or FINDINGS.get(code) or _UNKNOWN)


def templates() -> dict[str, str]:
    """All of them in the reader's language, as `portal.uploads.marking` asks for them."""
    return {code: str(words) for code, words in (FAULTS | LONGER | FINDINGS).items()}


def sentence(fault: str) -> str:
    """The fault or finding as a sentence in the reader's language."""
    code, values = split(fault)
    text = template_of(code, len(values))
    for position, value in enumerate(values):
        text = text.replace(f"{{{position}}}", value)
    return text


def label_of(code: str) -> str:
    return str(LABELS.get(code, code))


def refusal(told: Mapping[str, Any]) -> str:
    """Why the file as a whole was refused, from `NumberBatch.refusal`."""
    text = str(REFUSALS.get(told.get("code", ""), REFUSALS["damaged"]))
    for name, value in told.get("values", {}).items():
        text = text.replace(f"{{{name}}}", _listed(value))
    return text


def _listed(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(_listed(item) for item in value)
    return str(value)
