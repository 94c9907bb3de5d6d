"""Days of birth."""

import datetime as dt

# A child younger than this signs up with its parents (loi Informatique et Libertés, article 45).
LEAST_AGE = 15
OLDEST = 125


def read(text: str, today: dt.date) -> dt.date:
    """Give a day of birth written as YYYY-MM-DD.

    :raises ValueError: with `format`, `future`, `old` or `young`.
    """
    try:
        day = dt.date.fromisoformat(text.strip()) if len(text.strip()) == 10 else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError("format")
    if day > today:
        raise ValueError("future")
    years = today.year - day.year - ((today.month, today.day) < (day.month, day.day))
    if years > OLDEST:
        raise ValueError("old")
    if years < LEAST_AGE:
        raise ValueError("young")
    return day
