"""Names, addresses, phone numbers and the codes that identify a legal person."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc

from .cleaning import WIDE_ALPHANUMERIC, narrow, one_line, shown
from .refusal import UnreadableValue

DASHES = {ord(sign): "-" for sign in "−–—‐‑―ー－"}
HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LOOKALIKES = {"O": "0", "I": "1", "S": "5", "Z": "2", "V": "U"}
MOBILE = re.compile(r"1[3-9][0-9]{9}")
LANDLINE = re.compile(r"(010|02[0-9]|0[3-9][0-9]{2})-?([2-9][0-9]{6,7})(?:-?(?:转|ext\.?|-)([0-9]{1,6}))?", re.I)
SERVICE = re.compile(r"([48]00)-?([0-9]{3})-?([0-9]{4})")


def read_string(text: str, length: int) -> str:
    """One line. Brackets take the width of the script around them, so that two spellings are one name."""
    line = one_line(text).translate(WIDE_ALPHANUMERIC)
    narrow_ones, wide_ones = "()", "（）"
    given, wanted = (narrow_ones, wide_ones) if HAN.search(line) else (wide_ones, narrow_ones)
    return _fitting(line.translate(str.maketrans(given, wanted)), length)


def read_text(text: str, length: int) -> str:
    return _fitting("\n".join(line.rstrip() for line in text.split("\n")).strip(), length)


def _fitting(text: str, length: int) -> str:
    if length and len(text) > length:
        raise UnreadableValue(
            _("“%(value)s” is %(over)s characters too long; at most %(most)s fit.")
            % {"value": shown(text), "over": len(text) - length, "most": length}
        )
    return text


def read_uscc(text: str) -> str:
    """GB 32100: eighteen signs, the last one a check digit. Says which position is wrong."""
    code = re.sub(r"[\s-]", "", narrow(text).translate(DASHES)).upper()
    value = {"value": shown(text)}
    if len(code) != 18:
        raise UnreadableValue(
            _("“%(value)s” has %(length)s characters; a unified social credit code has 18.")
            % {**value, "length": len(code)}
        )
    for position, sign in enumerate(code, start=1):
        allowed = USCC_SIGNS[:10] if 3 <= position <= 8 else USCC_SIGNS
        if sign not in allowed:
            meant = "".join(LOOKALIKES.get(s, s) if s not in USCC_SIGNS else s for s in code)
            raise UnreadableValue(
                _(
                    "Position %(position)s of “%(value)s” is “%(sign)s”, which cannot stand there. The letters "
                    "I, O, S, V and Z are not used; is it a digit?"
                )
                % {**value, "position": position, "sign": sign},
                meant if uscc.is_valid(meant) else None,
            )
    if not uscc.is_valid(code):
        raise UnreadableValue(
            _(
                "The check digit of “%(value)s” does not fit: position 18 is “%(sign)s”, but the first 17 positions "
                "call for “%(wanted)s”. One of the positions is mistyped."
            )
            % {**value, "sign": code[17], "wanted": uscc.calc_check_digit(code[:17])}
        )
    return code


def read_phone(text: str, mobile_only: bool = False) -> str:
    number = re.sub(r"[\s()]", "", narrow(text).translate(DASHES))
    number = re.sub(r"^(?:\+|00)86-?", "", number)
    compact = number.replace("-", "")
    if MOBILE.fullmatch(compact):
        return compact
    if mobile_only:
        raise UnreadableValue(
            _("“%(value)s” is not a mobile number: 11 digits beginning with 1 are needed.") % {"value": shown(text)}
        )
    if match := SERVICE.fullmatch(number):
        return "-".join(match.groups())
    if match := LANDLINE.fullmatch(number):
        return "-".join(filter(None, match.groups()))
    raise UnreadableValue(
        _("“%(value)s” is not a telephone number. Write area code and number, such as 0591-87804684.")
        % {"value": shown(text)}
    )


def read_digits(text: str, length: int) -> str:
    code = re.sub(r"\s", "", narrow(text))
    if not re.fullmatch(f"[0-9]{{{length}}}", code):
        raise UnreadableValue(_("“%(value)s” must be %(length)s digits.") % {"value": shown(text), "length": length})
    return code


def read_email(text: str) -> str:
    name, _at, domain = one_line(narrow(text)).rpartition("@")
    address = f"{name}@{domain.lower()}"
    try:
        EmailValidator()(address)
    except ValidationError:
        raise UnreadableValue(_("“%(value)s” is not an e-mail address.") % {"value": shown(text)}) from None
    return _fitting(address, 200)


def read_url(text: str) -> str:
    address = one_line(narrow(text))
    if "://" not in address:
        address = f"http://{address}"
    try:
        URLValidator(schemes=("http", "https"))(address)
    except ValidationError:
        raise UnreadableValue(
            _("“%(value)s” is not a web address. Write it as http://www.example.cn.") % {"value": shown(text)}
        ) from None
    return _fitting(address, 300)
