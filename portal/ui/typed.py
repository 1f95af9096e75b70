"""Numbers in addresses and forms, which anybody can change."""


def whole_number(text: str, otherwise: int, *, digits: int = 9) -> int:
    """The number of at most so many digits, else `otherwise`. Python alone would read ٣ as 3 and refuse 5,000 digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else otherwise
