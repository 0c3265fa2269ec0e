"""The text of a file becomes rows: CSV with a header (RFC 4180), or one JSON object a line."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

import orjson

from authserver.accounts.details.policy import FIELDS
from authserver.core.problems import Problem
from authserver.core.said import reason, said

COLUMNS = (
    *("email", "name", "locale", "zoneinfo", "roles", "verified", "password_hash"),
    *(field.name for field in FIELDS),
    "phone_number_verified",
)
MOST_ROWS = 100_000
_LONGEST = 2048
Row = Mapping[str, str]


class Format(StrEnum):
    """How the text is written."""

    CSV = "csv"
    JSONL = "jsonl"


class UnreadableRows(Problem):
    """The text is not what it is said to be; the description says where, and never what."""

    status = 422
    code = "unreadable_rows"
    title = "The rows cannot be read"


def header_of(line: str) -> tuple[str, ...]:
    """Return the columns that the first line of a CSV file names. Raises UnreadableRows."""
    found = tuple(name.strip().lower() for name in next(_records(line.lstrip("\ufeff")), []))
    return checked_columns(found)


def checked_columns(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of columns, if there are such. Raises UnreadableRows."""
    unknown = [number for number, name in enumerate(names, 1) if name not in COLUMNS]
    if unknown:
        known = ", ".join(COLUMNS)
        raise UnreadableRows(
            said(
                "Column %(unknown)s is not known. Columns are: %(known)s.",
                unknown=unknown[0],
                known=known,
            )
        )
    if len(set(names)) != len(names) or not {"email", "name"} <= set(names):
        raise UnreadableRows("Name each column once, and email and name among them.")
    return tuple(names)


def rows_of(text: str, form: Format, columns: Sequence[str]) -> list[Row]:
    """Return the rows of a part of a file, whole rows alone. Raises UnreadableRows.

    `columns` are those of the header, for CSV.
    """
    read = _csv(text, columns) if form is Format.CSV else _jsonl(text)
    return list(read)


def parts_of(text: str, form: Format, most: int) -> Iterator[str]:
    """Cut a file into parts of about so many characters, between rows. The header is no part."""
    if form is Format.CSV:
        yield from _cut_csv(text, most)
        return
    part: list[str] = []
    size = 0
    for line in _lines(text):
        if part and size + len(line) > most:
            yield "\n".join(part)
            part, size = [], 0
        if line.strip():
            part.append(line)
            size += len(line) + 1
    if part:
        yield "\n".join(part)


def _cut_csv(text: str, most: int) -> Iterator[str]:
    records = _records(text)
    next(records, None)
    kept, out = io.StringIO(), 0
    writer = csv.writer(kept, lineterminator="\n")
    for record in records:
        if not any(record):
            continue
        writer.writerow(record)
        out += sum(map(len, record)) + len(record)
        if out >= most:
            yield kept.getvalue()
            kept, out = io.StringIO(), 0
            writer = csv.writer(kept, lineterminator="\n")
    if out:
        yield kept.getvalue()


def _csv(text: str, columns: Sequence[str]) -> Iterator[Row]:
    for number, record in enumerate(_records(text), 1):
        if not any(record):
            continue
        if len(record) != len(columns):
            raise UnreadableRows(
                said(
                    "Row %(number)s of this part has %(record)s fields, not %(columns)s.",
                    number=number,
                    record=len(record),
                    columns=len(columns),
                )
            )
        yield {name: _bounded(value) for name, value in zip(columns, record, strict=True) if value}


def _records(text: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), strict=True)
    except csv.Error as error:
        raise UnreadableRows(said("This is not CSV: %(why)s.", why=reason(error))) from error


def _jsonl(text: str) -> Iterator[Row]:
    for number, line in enumerate(_lines(text), 1):
        if not line.strip():
            continue
        try:
            found = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise UnreadableRows(
                said("Line %(number)s of this part is not JSON.", number=number)
            ) from error
        if not isinstance(found, dict):
            raise UnreadableRows(
                said("Line %(number)s of this part is not an object.", number=number)
            )
        yield {str(name): _text(value) for name, value in found.items() if value is not None}


def _lines(text: str) -> list[str]:
    """Return the lines of a text: what else separates lines stands within strings of JSON."""
    return [line.removesuffix("\r") for line in text.split("\n")]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return _bounded(" ".join(map(str, value)))
    return _bounded(str(value))


def _bounded(value: str) -> str:
    """Cut what is far too long for any field: it is refused by its field later."""
    return value[:_LONGEST]
