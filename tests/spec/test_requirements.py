"""Every requirement is proved by a test that says so, or is a deviation with a reason."""

import re

from tests.support.spec_report.marks import proofs, section_of
from tests.support.spec_report.page import PAGE
from tests.support.spec_report.requirements import specifications

_LEAST_REASON = 40


def test_every_requirement_is_proved() -> None:
    proved = {section_of(proof.requirement) for proof in proofs()}
    missing = [
        one.requirement(section)
        for one in specifications()
        for section in one.demands
        if one.requirement(section) not in proved
    ]
    assert missing == []


def test_every_deviation_has_a_reason() -> None:
    for one in specifications():
        for section, reason in one.deviations.items():
            assert len(reason) >= _LEAST_REASON, f"{one.name} {section}"


def test_the_page_names_every_requirement_and_no_test_that_is_gone() -> None:
    page = PAGE.read_text()
    for one in specifications():
        assert f"## {one.name}: {one.title}\n" in page, "run: make spec-report"
        _, _, text = page.partition(f"## {one.name}: {one.title}\n")
        for section in (*one.demands, *one.deviations):
            assert f"\n| {section} | " in text.partition("\n## ")[0], "run: make spec-report"
    promised = {(proof.sentence, proof.path) for proof in proofs()}
    shown = re.findall(r"\[([^\]]+)\]\(\.\./(tests/[^)]+)\)", page)
    assert [one for one in shown if one not in promised] == [], "run: make spec-report"
    assert "| failed |" not in page
