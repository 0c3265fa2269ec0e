"""Each row of the list of attacks has a test, or a reason in README.md why it has none."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
# The list's own numbers; those missing from the sequence were never part of it.
ROWS = (
    " 001 002 003 004 005 006 008 012 014 015 017 019 020 021 022 023 024 025 026 029 030 031"
    " 032 033 034 035 036 037 038 040 042 043 044 045 048 051 052 053 054 055 056 057 058 059"
    " 060 062 063 064 065 067 068 069 070 071 072 073 074 075 076 077 078 079 080 081 082 083"
    " 084 085 086 087 088 089 090 091 092 093 095 097 098 100 101 102 103 104 105 108 111 112"
    " 114 115 117 118 119 120 121 122 123 124 125 126 127 128 129 130 131 132 133 134 135 136"
    " 137 139 140 142 143 144 145 146 147"
)


def rows() -> set[str]:
    return {f"ATK-{number}" for number in ROWS.split()}


def rows_with_a_test() -> set[str]:
    marks = re.compile(r'^@pytest\.mark\.attack\("(ATK-\d{3})"\)$', re.MULTILINE)
    sources = (path.read_text() for path in TESTS.rglob("test_*.py"))
    return {row for source in sources for row in marks.findall(source)}


def explained() -> dict[str, str]:
    text = (Path(__file__).parent / "README.md").read_text()
    return dict(re.findall(r"^\| (ATK-\d{3}) \| (.+) \|$", text, re.MULTILINE))


def test_every_row_is_tested_or_explained() -> None:
    assert rows() - rows_with_a_test() - set(explained()) == set()


def test_no_row_is_both_tested_and_excused() -> None:
    assert rows_with_a_test() & set(explained()) == set()


def test_no_row_is_invented() -> None:
    assert (rows_with_a_test() | set(explained())) - rows() == set()


def test_every_excuse_is_a_sentence() -> None:
    assert all(len(reason) > 15 and reason.endswith(".") for reason in explained().values())
