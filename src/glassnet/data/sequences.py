"""Pairs of short texts to translate: dates as people write them, and numbers in words."""

from __future__ import annotations

import datetime
from typing import NamedTuple

import numpy as np

from .._validation import one_of, positive_int
from .preparation import _test_count, as_generator

__all__ = [
    "DATE_FORMS",
    "TextPairs",
    "chinese_number",
    "english_number",
    "make_dates",
    "make_numbers",
    "split_pairs",
]

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
    "eighteen", "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
DIGITS = "零一二三四五六七八九"


class TextPairs(NamedTuple):
    """Texts and their translations.

    Parameters
    ----------
    source, target : list of str
        The same number of texts; those of the same index belong together.
    """

    source: list[str]
    target: list[str]


def english_number(n):
    """Return a whole number from 0 to 999,999 in British English words.

    Parameters
    ----------
    n : int

    Returns
    -------
    str
        For instance ``"two thousand and forty-one"``.

    Raises
    ------
    ValueError
        If `n` is no integer of this range.
    """
    n = _number_below(n, 10**6)
    if n < 20:
        return SMALL[n]
    if n < 100:
        tens = TENS[n // 10 - 2]
        return f"{tens}-{SMALL[n % 10]}" if n % 10 else tens
    unit, name = (1000, "thousand") if n >= 1000 else (100, "hundred")
    head, rest = f"{english_number(n // unit)} {name}", n % unit
    if not rest:
        return head
    return f"{head} {'and ' if rest < 100 else ''}{english_number(rest)}"


def chinese_number(n):
    """Return a whole number from 0 to 99,999,999 in Chinese numerals.

    Digits stand before their units 十, 百, 千; groups of four digits before 万. One 零 stands for
    any zeros between two digits. A leading 一十 is shortened to 十.

    Parameters
    ----------
    n : int

    Returns
    -------
    str
        For instance ``"三百零五"``.

    Raises
    ------
    ValueError
        If `n` is no integer of this range.
    """
    n = _number_below(n, 10**8)
    if n == 0:
        return DIGITS[0]
    high, low = divmod(n, 10_000)
    text = f"{_four_digits(high)}万" if high else ""
    if high and 0 < low < 1000:
        text += DIGITS[0]
    text += _four_digits(low)
    return text.removeprefix("一") if text.startswith("一十") else text


def _four_digits(n):
    """A number up to 9999, nothing for 0."""
    text, gap = "", False
    for digit, unit in zip(f"{n:04d}", "千百十 ", strict=True):
        if digit == "0":
            gap = bool(text)  # zeros in front are not read
        else:
            text += DIGITS[0] * gap + DIGITS[int(digit)] + unit.strip()
            gap = False
    return text


def _chinese_year(year):
    return "".join(DIGITS[int(digit)] for digit in str(year))


def _ordinal(day):
    ending = "th" if 10 < day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


DATE_FORMS = {
    "english": (
        lambda d: f"{d.day} {MONTHS[d.month - 1]} {d.year}",
        lambda d: f"{MONTHS[d.month - 1]} {d.day}, {d.year}",
        lambda d: f"{_ordinal(d.day)} {MONTHS[d.month - 1]} {d.year}",
        lambda d: f"{d.day} {MONTHS[d.month - 1][:3]} {d.year}",
        lambda d: f"{WEEKDAYS[d.weekday()]} {d.day} {MONTHS[d.month - 1][:3]} {d.year}",
        lambda d: f"{d.day:02d}/{d.month:02d}/{d.year}",  # the day first
    ),
    "chinese": (
        lambda d: f"{d.year}年{d.month}月{d.day}日",
        lambda d: f"{_chinese_year(d.year)}年{chinese_number(d.month)}月{chinese_number(d.day)}日",
    ),
}
"""How people write a date: functions of a ``datetime.date``, by language."""


def make_dates(n, rng, language="english", years=(1950, 2049)):
    """Draw dates, each as somebody might write it and in the form of ISO 8601.

    Parameters
    ----------
    n : int
        How many; no two are the same day.
    rng : numpy.random.Generator
        Draws the days, and the form of each from `DATE_FORMS`.
    language : str
        ``"english"``, ``"chinese"``, or ``"both"`` mixed.
    years : tuple of int
        The first and the last year, of four digits each.

    Returns
    -------
    TextPairs
        Such as ``"5 March 1987"`` and ``"1987-03-05"``.

    Raises
    ------
    ValueError
        If an argument is out of its range, or there are less than `n` days.
    """
    one_of(language, (*DATE_FORMS, "both"), "language")
    first, last = _years(years)
    days = _distinct(n, first.toordinal(), last.toordinal(), rng)
    languages = DATE_FORMS if language == "both" else (language,)
    forms = [form for each in languages for form in DATE_FORMS[each]]
    dates = [datetime.date.fromordinal(day) for day in days]
    chosen = rng.integers(len(forms), size=len(dates)).tolist()
    source = [forms[k](date) for k, date in zip(chosen, dates, strict=True)]
    return TextPairs(source, [date.isoformat() for date in dates])


def make_numbers(n, rng, language="english", low=0, high=9999):
    """Draw whole numbers, each in words and in digits.

    Parameters
    ----------
    n : int
        How many; no two are the same.
    rng : numpy.random.Generator
    language : str
        ``"english"`` or ``"chinese"``.
    low, high : int
        The least and the greatest number.

    Returns
    -------
    TextPairs
        Such as ``"three hundred and five"`` or ``"三百零五"``, and ``"305"``.

    Raises
    ------
    ValueError
        If an argument is out of its range, or there are less than `n` numbers.
    """
    spell = {"english": english_number, "chinese": chinese_number}[
        one_of(language, ("english", "chinese"), "language")
    ]
    spell(low), spell(high)  # refuses what is out of its range
    numbers = _distinct(n, low, high, rng)
    return TextPairs([spell(number) for number in numbers], [str(number) for number in numbers])


def split_pairs(pairs, test_size, rng):
    """Split pairs at random so that no translation is in both parts.

    Parameters
    ----------
    pairs : TextPairs
    test_size : int or float
        How many different translations are tested, or which share of them.
    rng : numpy.random.Generator

    Returns
    -------
    train, test : TextPairs

    Raises
    ------
    ValueError
        If `test_size` leaves no translation in one of the parts.
    """
    targets = sorted(set(pairs.target))
    order = as_generator(rng).permutation(len(targets))
    tested = {targets[i] for i in order[: _test_count(len(targets), test_size)]}
    parts = ([], [])
    for pair in zip(pairs.source, pairs.target, strict=True):
        parts[pair[1] in tested].append(pair)
    return tuple(TextPairs(*map(list, zip(*part, strict=True))) for part in parts)


def _distinct(n, low, high, rng):
    """Return `n` different integers from `low` to `high` in random order."""
    n, count = positive_int(n, "n"), high - low + 1
    if n > count:
        raise ValueError(f"There are {max(count, 0)} different ones. Received: n={n}")
    return (low + as_generator(rng).choice(count, n, replace=False)).tolist()


def _years(years):
    first, last = (positive_int(year, "years") for year in years)
    if not 1000 <= first <= last <= 9999:
        raise ValueError(
            f"`years` must be two years of four digits in order. Received: years={years!r}"
        )
    return datetime.date(first, 1, 1), datetime.date(last, 12, 31)


def _number_below(n, limit):
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or not 0 <= n < limit:
        raise ValueError(f"`n` must be an integer from 0 to {limit - 1}. Received: n={n!r}")
    return int(n)
