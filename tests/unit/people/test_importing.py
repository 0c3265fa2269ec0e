"""What is read of a file, and what a row has to be."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.people.importing import reading
from authserver.people.importing.reading import Format, UnreadableRows
from authserver.people.importing.rows import House, Unfit, ready
from authserver.roles.policy import Grantor

ANYBODY = House(frozenset({"globex.example"}), Grantor("usr_1", frozenset()))
OPERATOR = House(frozenset(), None)
ADA = {"email": "Ada@Globex.example", "name": "Ada"}


def test_a_header_is_read_with_its_mark_and_in_any_case() -> None:
    assert reading.header_of("\ufeffEmail, NAME ,roles") == ("email", "name", "roles")


@pytest.mark.parametrize("line", ["email", "name", "email,name,name", "email,name,tenant_id", ""])
def test_a_header_that_names_something_else_is_refused(line: str) -> None:
    with pytest.raises(UnreadableRows):
        reading.header_of(line)


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


@given(rows=st.lists(st.tuples(WORDS, WORDS, WORDS), max_size=40), most=st.integers(1, 60))
def test_a_file_cut_into_parts_says_what_it_said(
    rows: list[tuple[str, str, str]], most: int
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["email", "name", "roles"])
    writer.writerows(rows)
    columns = ("email", "name", "roles")
    parts = reading.parts_of(out.getvalue(), Format.CSV, most)
    read = [row for part in parts for row in reading.rows_of(part, Format.CSV, columns)]
    wanted = [
        {name: value for name, value in zip(columns, row, strict=True) if value}
        for row in rows
        if any(row)
    ]
    assert read == wanted


def test_a_line_within_a_field_is_one_row() -> None:
    (row,) = reading.rows_of('a@b.example,"two\nlines"\n', Format.CSV, ("email", "name"))
    assert row["name"] == "two\nlines"


def test_lines_of_json_become_texts() -> None:
    text = '{"email": "a@b.example", "roles": ["x", "y"], "verified": true, "locale": null}'
    (row,) = reading.rows_of(text, Format.JSONL, ())
    assert row == {"email": "a@b.example", "roles": "x y", "verified": "true"}


def test_what_only_looks_like_the_end_of_a_line_is_none() -> None:
    text = '{"email": "a@b.example", "name": "a\u2028b"}\r\n\r\n{"email": "c@d.example"}'
    assert [row["email"] for row in reading.rows_of(text, Format.JSONL, ())] == [
        "a@b.example",
        "c@d.example",
    ]
    assert list(reading.parts_of(text, Format.JSONL, 10)) == text.split("\r\n\r\n")


def test_a_row_becomes_what_an_account_is_made_from() -> None:
    row = {**ADA, "roles": "b; a,b", "phone_number": "+49 30 123456", "locale": "de"}
    found = ready(row, ANYBODY)
    assert (found.email.canonical, found.profile.name) == ("ada@globex.example", "Ada")
    assert found.roles == ("a", "b")
    assert found.details == {"phone_number": "+4930123456", "phone_number_verified": False}


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"email": "x"}, "email", "unusable"),
        ({"name": " "}, "name", "unfit"),
        ({"name": "a\u202eb"}, "name", "unfit"),
        ({"locale": "tlh"}, "locale", "unfit"),
        ({"zoneinfo": "Mars/Olympus"}, "zoneinfo", "unfit"),
        ({"website": "javascript:alert(1)"}, "website", "unfit"),
        ({"password_hash": "$2b$31$" + "a" * 53}, "password_hash", "unfit_password_hash"),
        (
            {"password_hash": "hmac-bcrypt$2b$04$" + "a" * 53},
            "password_hash",
            "unfit_password_hash",
        ),
        ({"verified": "maybe"}, "verified", "neither_true_nor_false"),
        ({"email": "a@gmail.com", "verified": "yes"}, "verified", "not_a_domain_of_the_tenant"),
        ({"security_epoch": "0"}, "", "unknown_column"),
    ],
)
def test_a_row_that_cannot_be_says_where_and_why(
    more: dict[str, str], field: str, code: str
) -> None:
    with pytest.raises(Unfit) as unfit:
        ready({**ADA, **more}, ANYBODY)
    assert (unfit.value.field, unfit.value.code) == (field, code)


def test_a_tenant_answers_for_its_own_domains_and_the_operator_for_all() -> None:
    assert ready({**ADA, "verified": "true"}, ANYBODY).verified
    assert ready({**ADA, "email": "a@gmail.com", "verified": "1"}, OPERATOR).verified
