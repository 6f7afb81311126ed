"""National identity numbers (公民身份号码, GB 11643-1999; 15 digits until 1999): they reveal who somebody is.

They are looked for inside texts, whatever separates, precedes or follows their digits. A number of 18 digits counts if region,
date of birth and check digit are right; of other numbers of that length, one in some 40,000 is taken for one. The old form
has no check digit: it counts if it stands alone, but for letters around it, and names somebody born in 1930 or later.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from stdnum.cn.ric import calc_check_digit

OLD_LENGTH = 15

_PROVINCES = "1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91"
"""GB/T 2260, with the codes of residence permits (8x) and of foreigners' permanent residence (91)."""

_LETTER = "\0"
"""Stands for a letter of another script: unlike a mark or a blank, it parts two numbers."""

_ENOUGH_DIGITS = re.compile("[0-9]" + 14 * "[^0-9A-Za-z]*[0-9]")
_KEPT = re.compile(rf"[0-9A-Za-z{_LETTER}]+")
_NEW = re.compile(rf"(?:{_PROVINCES})[0-9]{{15}}[0-9Xx]")
_ANYWHERE = re.compile(rf"(?=({_NEW.pattern}))")
_OLD = re.compile(rf"(?:{_PROVINCES})[0-9]{{13}}")
_ALONE = re.compile(
    r"(?<![0-9A-Za-z])[A-Za-z]*([0-9]{6})[^0-9A-Za-z]{0,2}([0-9]{6})[^0-9A-Za-z]{0,2}([0-9]{3})[A-Za-z]*"
    r"(?![0-9A-Za-z])"
)
_FIRST_YEAR, _OLD_FIRST_YEAR, _LAST_YEAR = 1900, 1930, 2099


def reveals_identity(text: str) -> bool:
    """Return whether there is a national identity number inside a text."""
    if len(text) < OLD_LENGTH:
        return False
    if not text.isascii():
        text = "".join(map(_in_ascii, unicodedata.normalize("NFKC", text)))
    if not _ENOUGH_DIGITS.search(text):
        return False
    packed = "".join(_KEPT.findall(text))
    return any(map(_is_new, _ANYWHERE.findall(packed))) or any(
        _is_old("".join(each)) for each in _ALONE.findall(text)
    )


def modern(number: str) -> str | None:
    """Return a national identity number in its form of 18 characters, None if it is none or its check digit is wrong."""
    number = number.upper()
    if _is_old(number):
        number = f"{number[:6]}19{number[6:]}"
        number += str(calc_check_digit(f"{number}0"))
    return number if _is_new(number) else None


def _in_ascii(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    return _LETTER if unicodedata.category(character)[0] == "L" and not character.isascii() else character


def _is_new(number: str) -> bool:
    return (
        _NEW.fullmatch(number) is not None
        and _is_day(number[6:14], _FIRST_YEAR)
        and calc_check_digit(number) == number[-1].upper()
    )


def _is_old(number: str) -> bool:
    return _OLD.fullmatch(number) is not None and _is_day(f"19{number[6:12]}", _OLD_FIRST_YEAR)


def _is_day(digits: str, first_year: int) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return first_year <= born.year <= _LAST_YEAR
