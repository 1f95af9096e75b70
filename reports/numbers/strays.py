"""What is written where one report number belongs: words alone, a total, several numbers, a label, a state, a date.

All of it is judged by keys (`reports.numbers.keys`), so full-width marks and small letters make no difference. Numbers are
the institutions' own, with letters, Chinese words, brackets, slashes, spaces and dashes in them; so a mark that may stand
in a number makes it several only where what follows goes on counting. No Django here: the reading child imports it.
"""

from __future__ import annotations

import re
from itertools import pairwise

_DIGIT = re.compile(r"\d|[〇零一二三四五六七八九十百千]号")
_TOTAL = re.compile(
    r"(?:(?:合计|总计|小计|共计|累计)[ :]*|(?:(?:SUB)?TOTAL|SUM)[ :]+)\d+ *(?:份|个|条|件|REPORTS?)?|共? *\d+ *份|共 *\d+ *[个条件]"
)
_DAY = (
    r"(?:19|20)\d\d(?:([-/.])(?:0?[1-9]|1[0-2])\{0}(?:0?[1-9]|[12]\d|3[01])"
    r"|年(?:0?[1-9]|1[0-2])月(?:0?[1-9]|[12]\d|3[01])日?)(?:[ T]\d\d?:\d\d(?::\d\d)?)?"
)
_DATE_BEHIND = re.compile(rf" \(?{_DAY.format(1)}\)?$|\({_DAY.format(2)}\)$")
_STATE_BEHIND = re.compile(
    r"(?:作废|废止|无效|有效|撤销|撤回|取消|注销|替换|\(废|(?<![A-Z])(?:VOID(?:ED)?|REPLACED|CANCELL?ED|(?:IN)?VALID))[)\] ]*$"
)
_LABEL = re.compile(
    r"(?:(?:检验|检测|试验|校准|鉴定|报告|证书|样品|记录|原|新|本|书|的)*(?:编号|号码|报告书?号|号 *:)"
    r"|REPORT NO *[.:]|NO *\.? *:|(?:REPORT )?(?:NUMBER *[: ]|ID *:))"
)
_COUNTED = re.compile(r"\(?(\d{1,3})\)?、([^、;]+)")
_LISTED = re.compile(r"\d[^、;]*[、;].*\d")
_JOINED = re.compile(r" *[,和及与] *")
_FROM_TO = re.compile(r" *[~∼〜至到] *")
#: The same beginning twice, counted on behind a mark that is at home in numbers as well.
_TWICE = re.compile(r"(.{2,}?[^\d\s])(\d+)[ /—–]+\1(\d+)")
#: What stands before the last digits, they, and what follows them.
_COUNTER = re.compile(r"(.*?)(\d+)(\D*)")

#: The shape of most numbers, in which none of the above can stand.
_PLAIN = re.compile(r"(?!NO)[^ /、;,~∼〜:—–至到和及与编码报计共]*\d号?")

#: What a column is searched for, each where one of the marks is in it. Single characters are found at once, and a pattern
#: that begins with letters of its own, be it a line break, ten times as fast as one that does not.
_TRACES = (
    ("\n", re.compile(r"\n[^0-9\n]+\n")),
    ("、;,~∼〜", re.compile("")),
    ("至到和及与", re.compile(r"\d[^\d\n]*[至到和及与]")),
    (":编码报. ", re.compile(rf"\n{_LABEL.pattern}")),
    ("份计共: ", re.compile(rf"\n(?:{_TOTAL.pattern})\n")),
    *((last, re.compile(rf"{last}[)\] ]*\n")) for last in "废止效销回消换"),
    ("D", re.compile(r"D(?<=OID|DED|CED|LED|LID)[)\] ]*\n")),
    *((mark, re.compile(rf"\{mark}{century}\d\d[-/.年]")) for mark in " (" for century in (19, 20)),
    (" /—–", re.compile(r"\n(.{3}).*?[ /—–]\1")),
)


def stray_in(key: str) -> str:
    """Code of why a key is not taken for one report number, of `reports.numbers.causes`; empty when it is."""
    return "" if _PLAIN.fullmatch(key) else look_closely(key)


def look_closely(key: str) -> str:
    """The same, with nothing spared."""
    if not _DIGIT.search(key):
        return "no_digit"
    if _TOTAL.fullmatch(key):
        return "total"
    if (behind := _DATE_BEHIND.search(key)) and _DIGIT.search(key, 0, behind.start()):
        return "date_behind"
    if _STATE_BEHIND.search(key):
        return "state_behind"
    counted = _COUNTED.fullmatch(key)
    if _LABEL.match(key) or (counted and len(counted[2]) > len(counted[1]) + 1):
        return "label"
    if _counts_on(_FROM_TO.split(key)):
        return "range"
    twice = _TWICE.match(key)
    if _LISTED.search(key) or _counts_on(_JOINED.split(key)) or (twice and len(twice[2]) == len(twice[3])):
        return "several"
    return ""


def may_hold_stray(column: str) -> bool:
    """Whether one of the keys deserves a closer look; each stands between two line breaks. Never wrong when it says no."""
    return any(any(mark in column for mark in marks) and trace.search(column) for marks, trace in _TRACES)


def _counts_on(pieces: list[str]) -> bool:
    """Whether one of the pieces goes on from the one before it: in full, or with the end alone, counted further."""
    return any(_is_alike(one, other) or _is_later(one, other) for one, other in pairwise(pieces))


def _is_alike(one: str, other: str) -> bool:
    shape = _shape(one)
    return one[:1] == other[:1] and not other.isdecimal() and "9" in shape and shape == _shape(other)


def _is_later(one: str, other: str) -> bool:
    first, second = _COUNTER.fullmatch(one), _COUNTER.fullmatch(other)
    if not (first and second and first[1].endswith(second[1]) and first[3] in ("", second[3])):
        return False
    return len(second[2]) <= len(first[2]) and first[2][-len(second[2]) :] < second[2]


def _shape(text: str) -> str:
    return re.sub(r"[^\W\d_]+", "A", re.sub(r"\d+", "9", text))
