from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from reports.schemes.definition import Indicator

from .cleaning import narrow, shown
from .refusal import UnreadableValue

MINUS = {ord(sign): "-" for sign in "−–—‐‑﹣"}
PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:([, ])[0-9]{3})(?:\1[0-9]{3})*(?:\.[0-9]*)?")
SCIENTIFIC = re.compile(r"[+-]?[0-9.]+[eE][+-]?[0-9]+")
WITH_UNIT = re.compile(r"[¥￥$]?\s*(?P<figure>[+-]?[0-9][0-9, ]*(?:\.[0-9]+)?)\s*(?P<unit>[^0-9\s]{0,8})")
CHINESE_DIGITS = re.compile("[〇零一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟]+")
YUAN = {
    "元": Decimal(1),
    "千元": Decimal(1000),
    "万": Decimal(10_000),
    "万元": Decimal(10_000),
    "亿": Decimal(10**8),
    "亿元": Decimal(10**8),
}
LONGEST = 60


def read_number(indicator: Indicator, text: str) -> tuple[str, object | None]:
    """(canonical digits, hint). Refuses what could be read in two ways, never rounds."""
    if re.search(r"[\n\t]", text):
        raise UnreadableValue(
            _(
                "“%(value)s” is several cells in one box. Click the first cell of the column and paste there; "
                "the figures will be spread over the cells below."
            )
            % {"value": shown(text)}
        )
    if len(text) > LONGEST:
        raise UnreadableValue(
            _("“%(value)s” has too many digits; the largest value is %(most)s.")
            % {"value": shown(text), "most": grouped(indicator.maximum)}
        )
    figure = narrow(text).translate(MINUS)
    percent = indicator.unit == "%" and figure.endswith("%")
    figure = figure.removesuffix("%").rstrip() if percent else figure
    if GROUPED.fullmatch(figure):
        figure = re.sub("[, ]", "", figure)
    if not PLAIN.fullmatch(figure):
        raise _refusal(indicator, text, figure)
    value = _within(indicator, Decimal(figure), text)
    hint = None
    if indicator.unit == "%" and not percent and 0 < value < 1:
        hint = _("%(value)s is read as %(value)s%%. If you mean %(other)s%%, enter %(other)s.") % {
            "value": value,
            "other": format((value * 100).normalize(), "f"),
        }
    return format(value, "f"), hint


def grouped(value: Decimal | int | None) -> str:
    return "" if value is None else f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"


def _within(indicator: Indicator, value: Decimal, text: str) -> Decimal:
    least, most = indicator.minimum, indicator.maximum
    if least is not None and value < least:
        if least == 0:
            raise UnreadableValue(_("“%(value)s” is negative; this item cannot be.") % {"value": shown(text)})
        raise UnreadableValue(
            _("“%(value)s” is too small; the smallest value is %(least)s.")
            % {"value": shown(text), "least": grouped(least)}
        )
    if most is not None and value > most:
        raise UnreadableValue(
            _("“%(value)s” is too large; the largest value is %(most)s.")
            % {"value": shown(text), "most": grouped(most)}
        )
    places = indicator.places if indicator.dtype == "decimal" else 0
    rounded = value.quantize(Decimal(1).scaleb(-places))
    if rounded != value:
        if places == 0:
            raise UnreadableValue(_("“%(value)s” must be a whole number.") % {"value": shown(text)})
        raise UnreadableValue(
            _("“%(value)s” has more than %(places)s decimal places. Round it yourself; nothing is rounded for you.")
            % {"value": shown(text), "places": places}
        )
    return rounded if rounded else abs(rounded)


def _refusal(indicator: Indicator, text: str, figure: str) -> UnreadableValue:
    """The most telling reason why the text is not a number."""
    value = {"value": shown(text)}
    if SCIENTIFIC.fullmatch(figure):
        return UnreadableValue(_("“%(value)s” is in scientific notation. Write it as an ordinary number.") % value)
    if re.fullmatch(r"[+-]?[0-9]+(?:[, ][0-9]*)+(?:\.[0-9]*)?", figure):
        return UnreadableValue(
            _(
                "The thousands separators of “%(value)s” are in the wrong place. Leave them out, or put one before "
                "every three digits."
            )
            % value
        )
    if "_" in figure:
        return UnreadableValue(_("“%(value)s” contains an underscore. Write digits only.") % value)
    if any(sign.isnumeric() and not sign.isascii() for sign in figure if not CHINESE_DIGITS.match(sign)):
        return UnreadableValue(_("“%(value)s” is not written with the digits 0 to 9.") % value)
    if CHINESE_DIGITS.fullmatch(figure):
        return UnreadableValue(_("“%(value)s” is written in words. Use the digits 0 to 9.") % value)
    match = WITH_UNIT.fullmatch(figure)
    if match and (match["unit"] or figure[0] in "¥￥$"):
        return _unit_refusal(indicator, match["figure"], match["unit"], value)
    return UnreadableValue(_("“%(value)s” is not a number.") % value)


def _unit_refusal(indicator: Indicator, figure: str, unit: str, value: dict[str, str]) -> UnreadableValue:
    """Offers the bare figure, converted when both units are sums of money."""
    offer = re.sub("[, ]", "", figure)
    if unit in YUAN and indicator.unit in YUAN:
        offer = format((Decimal(offer) * YUAN[unit] / YUAN[indicator.unit]).normalize(), "f")
    if not indicator.unit:
        return UnreadableValue(
            _("Fill in digits only, without “%(unit)s”: “%(value)s”.") % {**value, "unit": unit}, offer
        )
    if not unit:
        return UnreadableValue(
            _("The unit is %(unit)s; fill in digits only, without a currency sign: “%(value)s”.")
            % {**value, "unit": indicator.unit_name()}
        )
    return UnreadableValue(
        _("The unit is %(unit)s; fill in digits only. “%(value)s” would be %(offer)s.")
        % {**value, "unit": indicator.unit_name(), "offer": offer},
        offer,
    )
