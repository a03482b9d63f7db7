"""Cells that should hold a number and do not, each refused with how it is written."""

from __future__ import annotations

from typing import NoReturn

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.question import number_of
from judgeaudit.storage.files.read import Table

#: signs that stand for a minus in print
_MINUS = "\N{MINUS SIGN}\N{EN DASH}\N{FULLWIDTH HYPHEN-MINUS}"


def refuse_no_number(table: Table, row: int, column: str, cell: str) -> NoReturn:
    """With the number that was meant, where a percent sign, a decimal comma or a printed minus is all that is wrong."""
    msg = f"{table.at(row, column)}: '{one_line(cell)}' is not a number, which {column} has to be{_meant(cell)}"
    raise InputError(msg)


def refuse_no_count(table: Table, row: int, cell: str, number: float) -> None:
    """`n` counts items: a whole number from 1."""
    if number <= 0:
        msg = f"{table.at(row, 'n')}: '{one_line(cell)}' items were measured; write how many, or nothing"
        raise InputError(msg)
    if number != int(number):
        msg = (
            f"{table.at(row, 'n')}: '{one_line(cell)}' is no number of items; write how many were measured, or nothing"
        )
        raise InputError(msg)


def _meant(cell: str) -> str:
    plain = cell.strip()
    if (value := number_of(plain.removesuffix("%"))) is not None:
        return f"; write {value / 100:.15g}"
    for sign in _MINUS:
        plain = plain.replace(sign, "-")
    if plain != cell.strip() and number_of(plain) is not None:
        return f"; write {plain} with the minus of the keyboard"
    pointed = plain.replace(",", ".")
    if plain.count(",") == 1 and number_of(pointed) is not None:
        return f"; write {pointed} with a decimal point"
    return ""
