"""Every row of README.md names a test that exists, or says in words why there is none."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = Path(__file__).with_name("README.md")
_ROW = re.compile(r"^\| ([67]\.\d+\.\d+)(?: to [67]\.\d+\.(\d+))? \| .+ \| (.+) \|$", re.MULTILINE)
_TEST = re.compile(r"^`(tests/[\w/]+\.py)(?:::(test_\w+))?`$")
# How many rows the sections of ASVS 5.0 have.
SECTIONS = {
    "6.1": 3, "6.2": 12, "6.3": 8, "6.4": 6, "6.5": 8, "6.6": 4, "6.7": 2, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 3, "7.6": 2,
}  # fmt: skip


def table() -> dict[str, str]:
    """Return what keeps each row of the table under the last heading."""
    _, _, text = README.read_text().rpartition("\n## ")
    kept = {}
    for row, last, by in _ROW.findall(text):
        section, _, number = row.rpartition(".")
        kept |= {f"{section}.{n}": by for n in range(int(number), int(last or number) + 1)}
    return kept


def test_every_row_of_both_chapters_is_there() -> None:
    wanted = {f"{name}.{n + 1}" for name, count in SECTIONS.items() for n in range(count)}
    assert set(table()) == wanted


def test_every_test_that_is_named_exists() -> None:
    named = [found.groups() for by in table().values() if (found := _TEST.match(by))]
    missing = [
        (path, test)
        for path, test in named
        if not (ROOT / path).exists() or (test and f"def {test}(" not in (ROOT / path).read_text())
    ]
    assert len(named) > len(SECTIONS)
    assert missing == []


def test_what_has_no_test_is_a_deviation_that_is_written_down_or_a_sentence() -> None:
    deviations = (ROOT / "docs/security/deviations.md").read_text()
    for row, by in table().items():
        if "deviations.md" in by:
            assert f"| {row} |" in deviations
        elif not _TEST.match(by):
            assert len(by) > len("not offered")
