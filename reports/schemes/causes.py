"""The words for what is wrong with a scheme workbook: with the file, or with one of its cells."""

# ruff: noqa: E501 -- a cause with its sentence reads best on one line
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .anchors import ANCHORS, home_of
from .building import Builder, Problem
from .columns import column_label, sheet_label

REFUSALS: Mapping[str, str | Promise] = {
    "none": _("No file was chosen. Choose the scheme workbook, then upload it."),
    "size": _("The file is larger than %(most)s MB. A scheme has less than 1 MB: remove pictures and other sheets, and upload it again."),
    "empty": _("The file is empty. Open the workbook, save it again, and upload it."),
    "xls": _("This is a workbook of the old .xls kind. Open it, save it as “Excel workbook (.xlsx)”, and upload that."),
    "encrypted": _("The workbook is protected by a password. Open it, remove the password (File › Info › Protect workbook), save it, and upload it again."),
    "macros": _("The workbook contains macros, which are not accepted. Save it as “Excel workbook (.xlsx)” without macros, and upload that."),
    "truncated": _("The file is incomplete: its end is missing. Perhaps the copy or the upload was interrupted. Copy it again from where you saved it, and upload it."),
    "damaged": _("The workbook is damaged and cannot be read. Open it in Excel or WPS, save it under a new name, and upload that."),
    "unusual": _("The workbook is packed in an unusual way and is not opened. Open it in Excel or WPS, save it again, and upload it."),
    "foreign": _("This is a file of the kind %(kind)s, whatever its name says. Upload the scheme as an .xlsx workbook."),
    "bomb": _("The file unpacks to far more than a scheme can be, and was not opened. Copy the sheets into a freshly downloaded workbook."),
    "entities": _("The file refers to outside or self-made entities, which are never read. Open it in Excel or WPS, save it again, and upload it."),
    "heavy": _("Reading the file needs more memory than is allowed. Remove sheets that do not belong to the scheme, and upload it again."),
    "slow": _("Reading the file took longer than is allowed. Remove sheets that do not belong to the scheme, and upload it again."),
    "too_much": _("The workbook holds far more cells than a scheme has. Remove sheets that do not belong to the scheme, and upload it again."),
    "filing": _("This is the workbook of a filing, not of a scheme. Download the workbook of a scheme version and edit that."),
    "no_sheets": _("No sheet of a scheme was found: there is none named scheme, tables, indicators, options or checks. Download the workbook of a scheme version and edit that."),
}  # fmt: skip

FAULTS: Mapping[str, str | Promise] = {
    "sheet_missing": _("The sheet is missing. Copy it from the workbook you downloaded; it may be changed, not left out."),
    "no_headings": _("The line that names the columns was not found. Its first names are %(values)s."),
    "column_missing": _("The column “%(name)s” is missing."),
    "column_twice": _("The column “%(name)s” stands twice. Delete one of them."),
    "merged": _("Merged cells (%(area)s): one value cannot belong to several cells. Unmerge them and fill each."),
    "code_replaced": _("“%(given)s” is no code for a scheme; the draft is called “new”. Delete it, give the workbook a code such as jc2024, and upload that."),
    "one_line": _("This sheet takes one line; there are %(count)s."),
    "long": _("The text is longer than 4,000 characters. Shorten it."),
    "unprintable": _("The text contains characters that cannot be stored. Type it again instead of pasting it."),
    "digits": _("The number is too long for a spreadsheet, which keeps 15 digits. Format the cell as text and type it again."),
    "formula": _("The cell is a formula (%(value)s). Type the text itself."),
    "error": _("The cell shows the error %(value)s. Type the text itself."),
    "date": _("The spreadsheet made a date of it (%(value)s). Format the cell as text and type it again."),
}  # fmt: skip

NOTES: Mapping[str, str | Promise] = {
    "sheet_unread": _("The sheet belongs to no part of a scheme and was not read."),
    "column_unread": _("The column “%(name)s” belongs to no part of a scheme and was not read."),
    "hidden": _("Hidden lines were read too: %(count)s."),
    "other_base": _(
        "The workbook was made from %(stamp)s, not from this draft. Look at the comparison: what was changed here since then may be gone."
    ),
    "older": _(
        "The workbook was downloaded before the draft last changed. Look at the comparison: what was changed since then may be gone."
    ),
    "no_stamp": _("The workbook does not tell which version it was made from. Look at the comparison."),
    "renumbered": _("%(code)s version %(given)s exists already; this draft became version %(version)s."),
    "other_head": _("The workbook is headed %(given)s; the draft stays %(code)s version %(version)s."),
    "columns_kept": _("The workbook has no sheet “columns”; the columns of the draft were kept."),
    "renames_kept": _("The workbook has no sheet “renames”; the renamed indicators of the draft were kept."),
}  # fmt: skip


def refusal(told: Mapping[str, Any]) -> str:
    """Why a file was refused, in the active language."""
    return _filled(REFUSALS.get(str(told.get("code", "")), REFUSALS["damaged"]), told.get("values", {}))


def _filled(words: str | Promise, values: Mapping[str, Any]) -> str:
    shown = {name: "、".join(map(str, value)) if isinstance(value, list) else value for name, value in values.items()}
    try:
        return str(words) % shown if "%(" in str(words) else str(words)
    except (KeyError, ValueError, TypeError):
        return str(words)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend. `sheet` and `column` are names of the workbook, `cell` is such as "C17" where it is known."""

    sheet: str
    cell: str
    code: str
    column: str
    message: str

    @property
    def sheet_label(self) -> str:
        return sheet_label(self.sheet)

    @property
    def column_label(self) -> str:
        return column_label(self.sheet, self.column) if self.column else ""


def told_words(told: Iterable[Mapping[str, Any]], words: Mapping[str, str | Promise]) -> list[Fault]:
    """Faults or notes of an upload in the active language."""
    return [
        Fault(one["sheet"], one["cell"], "", "", _filled(words[one["code"]], one["values"]))
        for one in told
        if one["code"] in words
    ]


def _problems(content: Mapping[str, Any]) -> list[Problem]:
    builder = Builder(content)
    builder.build()
    here = {row["code"] for row in builder.sheets["indicators"]}
    missing = [code for code in ANCHORS if code not in here]
    if missing:
        words = _("The portal itself reads these indicators; keep their codes: %(codes)s.")
        builder.problem("indicators", "", "code", words % {"codes": "、".join(missing)})
    for code in ANCHORS:
        table = builder.by_code[code].table if code in builder.by_code else ""
        if table and table != home_of(code):
            words = _("The portal itself reads this indicator in table %(table)s; leave it there.")
            builder.problem("indicators", code, "table", words % {"table": home_of(code)})
    return builder.problems


def faults_of(
    content: Mapping[str, Any], places: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> list[Fault]:
    """Everything wrong with the content in the active language, each with its cell where the content came from a workbook.

    `before` is the version it was made from: an indicator whose type cannot be read counts there with its type of then, so
    that the rules about it are not told as wrong because of it.
    """
    problems = _problems(content)
    of_type = [one for one in problems if _is_of_type(one)]
    if before is not None and of_type:
        rest = _problems(_with_types_of(before, content, {one.code for one in of_type}))
        problems = of_type + [one for one in rest if not _is_of_type(one)]
    return [_placed(one, places) for one in _once(problems) if not _told_already(one, places)]


def _is_of_type(one: Problem) -> bool:
    return one.sheet == "indicators" and one.column in ("dtype", "options") and bool(one.code)


def _with_types_of(before: Mapping[str, Any], content: Mapping[str, Any], codes: set[str]) -> dict[str, Any]:
    """The content with type and options of these indicators as they were, where they were."""
    then = {row["code"]: row for row in before.get("indicators", ()) if row.get("code") in codes}
    return {
        **content,
        "indicators": [
            {**row, "dtype": then[code].get("dtype", ""), "options": then[code].get("options", "")}
            if (code := row.get("code")) in then
            else row
            for row in content.get("indicators", ())
        ],
    }


def _once(problems: Iterable[Problem]) -> list[Problem]:
    """A cell that is wrong for each of several items is told once."""
    seen: dict[tuple[str, str, int, str], Problem] = {}
    for one in problems:
        seen.setdefault((one.sheet, one.column, one.row or -len(seen), one.message), one)
    return list(seen.values())


def _told_already(one: Problem, places: Mapping[str, Any]) -> bool:
    """A missing sheet or column is told once and not again for each line."""
    if not places:
        return False
    place = places.get(one.sheet)
    return place is None or bool(one.row and one.column and one.column not in place["columns"])


def _placed(one: Problem, places: Mapping[str, Any]) -> Fault:
    place = places.get(one.sheet)
    cell = ""
    if place and 0 < one.row <= len(place["rows"]):
        cell = f"{place['columns'].get(one.column, 'A')}{place['rows'][one.row - 1]}"
    return Fault(one.sheet, cell, one.code, one.column, one.message)
