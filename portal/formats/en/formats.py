"""English: the day runs to 24:00 as in Chinese, and a time at the end of a sentence brings no full stop of its own."""

DATETIME_FORMAT = "N j, Y, H:i"
TIME_FORMAT = "H:i"
