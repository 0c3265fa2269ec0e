"""Each attack on the trail has a test, or a reason in README.md why it has none."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
README = (Path(__file__).parent / "README.md").read_text()
ROWS = {f"AUD-{number:02}" for number in range(1, 16)}


def rows_with_a_test() -> set[str]:
    marks = re.compile(r'pytest\.mark\.attack\("(AUD-\d\d)"\)')
    sources = (path.read_text() for path in TESTS.rglob("test_*.py"))
    return {row for source in sources for row in marks.findall(source)}


def explained() -> set[str]:
    _, _, reasons = README.partition("## Rows without a test")
    return set(re.findall(r"^\| (AUD-\d\d) \| .{15,}\. \|$", reasons, re.MULTILINE))


def test_every_row_is_tested_or_explained_and_none_is_both_or_invented() -> None:
    assert rows_with_a_test() | explained() == ROWS
    assert rows_with_a_test() & explained() == set()


def test_the_list_says_what_each_row_is() -> None:
    rows, _, _ = README.partition("## Rows without a test")
    assert set(re.findall(r"^\| (AUD-\d\d) \| .+ \|$", rows, re.MULTILINE)) == ROWS
