"""How figures are printed: exact, with thousands separators, − for minus and — for nothing."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

NOTHING = "—"
WARM_BEYOND = Decimal(50)  # percent
TIMES_BEYOND = Decimal(20)  # fold; above it a percentage no longer says anything

Exact = int | Decimal


def exact(value: Any) -> Exact | None:
    """The value as an exact number, or None for nothing. A float is a mistake in the caller and raises TypeError."""
    if value is None or value == "":
        return None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value
    raise TypeError(f"A figure is an int or a Decimal, not {type(value).__name__}.")


def round_half_up(value: Exact, places: int) -> Decimal:
    """Rounded away from zero at the half, as statistics are printed; Python's own rounding goes to the even digit."""
    return Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def figure(value: Exact | None, places: int | None = None) -> str:
    """`value` for reading; `places` None keeps the decimals it came with."""
    number = exact(value)
    if number is None:
        return NOTHING
    shown = Decimal(number) if places is None else round_half_up(number, places)
    return f"{shown:,f}".replace("-", "−") if shown else f"{abs(shown):,f}"


def echo(thousands: Exact | None) -> str:
    """Thousand yuan said again in a larger unit, so that a slip of unit shows at once. Nothing gives an empty text."""
    number = exact(thousands)
    if number is None:
        return ""
    if (get_language() or "").startswith("zh"):
        return _("%(figure)s ten thousand yuan") % {"figure": figure(Decimal(number) / 10, 1)}
    return _("%(figure)s million yuan") % {"figure": figure(Decimal(number) / 1000, 2)}


@dataclass(frozen=True, slots=True)
class Change:
    """A change for reading, without its per cent sign; `warm` when a reader should look at it, `in_percent` where the sign
    would belong behind `text`."""

    text: str
    warm: bool
    in_percent: bool = False


def change(this: Exact | None, last: Exact | None) -> Change:
    """From `last` to `this` in per cent with sign and one decimal.

    Beyond ±50 % it is warm; above twentyfold it reads "×1,029". Where a percentage would mislead (from zero, or from
    below zero) there are words instead.
    """
    now, before = exact(this), exact(last)
    if now is None or before is None:
        return Change(NOTHING, False)
    if before == 0 or now == 0:
        return (
            Change("0.0", False, in_percent=True)
            if now == before
            else Change(pgettext("change", "one side is 0"), True)
        )
    if before < 0:
        return Change(pgettext("change", "was negative"), False)
    fold = Decimal(now) / Decimal(before)
    if fold > TIMES_BEYOND:
        return Change(f"×{figure(fold, 0)}", True)
    percent = (fold - 1) * 100
    shown = figure(percent, 1)
    signed = f"+{shown}" if round_half_up(percent, 1) > 0 else shown
    return Change(signed, abs(percent) > WARM_BEYOND, in_percent=True)
