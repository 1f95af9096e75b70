"""A quarter of a year: its days, its round's calendar, and the small number that stands for it in the big table."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_PERIOD = re.compile(r"([0-9]{4})Q([1-4])")


@dataclass(frozen=True, order=True, slots=True)
class Quarter:
    year: int
    number: int

    @classmethod
    def parse(cls, period: str) -> Quarter:
        """From "2023Q4"; ValueError for anything else."""
        match = _PERIOD.fullmatch(period)
        if match is None:
            raise ValueError(f"{period!r} is no quarter.")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: dt.date) -> Quarter:
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def from_code(cls, code: int) -> Quarter:
        return cls(*divmod(code, 10))

    @property
    def code(self) -> int:
        """20234 for the fourth quarter of 2023: two bytes in the table."""
        return self.year * 10 + self.number

    @property
    def period(self) -> str:
        return f"{self.year}Q{self.number}"

    @property
    def title_zh(self) -> str:
        return f"{self.year}年第{'一二三四'[self.number - 1]}季度报告编号"

    @property
    def title_en(self) -> str:
        return f"Report numbers, quarter {self.number} of {self.year}"

    @property
    def start(self) -> dt.date:
        return dt.date(self.year, self.number * 3 - 2, 1)

    @property
    def end(self) -> dt.date:
        return self.next.start - dt.timedelta(days=1)

    @property
    def next(self) -> Quarter:
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)

    @property
    def before(self) -> Quarter:
        return Quarter(self.year - 1, 4) if self.number == 1 else Quarter(self.year, self.number - 1)

    @property
    def year_before(self) -> Quarter:
        return Quarter(self.year - 1, self.number)

    @property
    def opens_at(self) -> dt.datetime:
        """Filing opens on the 1st of the month after the quarter."""
        return dt.datetime.combine(self.next.start, dt.time(), SHANGHAI)

    @property
    def due_at(self) -> dt.datetime:
        """The last second of that month."""
        first = self.next.start
        following = first.replace(month=first.month + 1)
        return dt.datetime.combine(following, dt.time(), SHANGHAI) - dt.timedelta(seconds=1)
