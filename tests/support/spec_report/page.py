"""docs/conformance.md, out of demands, marks and results."""

from collections.abc import Iterable, Mapping

from tests.conformance.plans import DEVIATIONS, PLANS
from tests.support.source import ROOT
from tests.support.spec_report.marks import Proof, proofs, section_of
from tests.support.spec_report.requirements import Specification, specifications

PAGE = ROOT / "docs/conformance.md"
_HEAD = """\
# Conformance

What this server does of each specification, and the tests that prove it. A requirement is proved by
every test that is marked with it: on SQLite and on PostgreSQL, and those with processes against a
server that runs. What is not done is a deviation, with its reason. `make spec-report` runs the
tests and writes this page.
"""
_SHOWN = 3
_UNKNOWN = "not run"


def write(results: Mapping[str, str]) -> None:
    """Write the page. `results` says of each test what came of it."""
    PAGE.write_text(render(results))


def render(results: Mapping[str, str]) -> str:
    """Return the page."""
    known: dict[str, list[Proof]] = {}
    for proof in proofs():
        known.setdefault(section_of(proof.requirement), []).append(proof)
    parts = [_HEAD, _summary(results)]
    parts += [_section(one, known, results) for one in specifications()]
    parts.append("## Certification plans\n\nThe modules of the public plans, in miniature.\n")
    parts += [_plan(name, modules, known, results) for name, modules in PLANS.items()]
    return "\n".join(parts)


def _summary(results: Mapping[str, str]) -> str:
    counts = {what: list(results.values()).count(what) for what in ("passed", "skipped", "failed")}
    said = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return f"Of the tests that are named here: {said or 'none was run'}.\n"


def _section(
    of: Specification, known: Mapping[str, list[Proof]], results: Mapping[str, str]
) -> str:
    rows = [
        (section, words, *_proved(known.get(of.requirement(section), []), results))
        for section, words in of.demands.items()
    ]
    text = f"## {of.name}: {of.title}\n\n"
    text += _table(("Section", "Requirement", "Proved by", "Result"), rows)
    if of.deviations:
        deviating = [(section, reason) for section, reason in of.deviations.items()]
        text += "\nDeviations:\n\n" + _table(("Section", "What is not done, and why"), deviating)
    return text


def _plan(
    plan: str,
    modules: Iterable[str],
    known: Mapping[str, list[Proof]],
    results: Mapping[str, str],
) -> str:
    deviations = DEVIATIONS.get(plan, {})
    rows = []
    for name in modules:
        shown, result = _proved(known.get(name, []), results)
        rows.append((f"`{name}`", shown, f"{result}, see below" if name in deviations else result))
    text = f"### {plan}\n\n" + _table(("Module", "Proved by", "Result"), rows)
    deviating = [(f"`{name}`", " ".join(reason.split())) for name, reason in deviations.items()]
    if deviating:
        text += "\nDeviations:\n\n" + _table(("Module", "What is not done, and why"), deviating)
    return text


def _proved(by: list[Proof], results: Mapping[str, str]) -> tuple[str, str]:
    """Return the cells that say by which tests, and what came of them."""
    shown = "<br>".join(f"[{one.sentence}](../{one.path})" for one in by[:_SHOWN])
    more = f"<br>and {len(by) - _SHOWN} more" if len(by) > _SHOWN else ""
    return shown + more, _worst(results.get(one.name, _UNKNOWN) for one in by)


def _worst(results: Iterable[str]) -> str:
    """Return what counts: one failure is one; skipped are those that all were."""
    said = set(results)
    return next((one for one in ("failed", "passed", "skipped") if one in said), _UNKNOWN)


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    ruler = ("---",) * len(columns)
    lines = (columns, ruler, *rows)
    return (
        "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in lines)
        + "\n"
    )
