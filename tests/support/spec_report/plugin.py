"""pytest with `-p tests.support.spec_report.plugin`: the marked tests alone, and the page."""

import pytest

from tests.support.spec_report import page
from tests.support.spec_report.marks import MARKS

_results: dict[str, str] = {}
# One failure counts whatever the others say, and one that ran counts before those that did not.
_ORDER = ("skipped", "passed", "failed")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that prove nothing of a specification."""
    marked = [one for one in items if any(one.get_closest_marker(mark) for mark in MARKS)]
    config.hook.pytest_deselected(items=[one for one in items if one not in set(marked)])
    items[:] = marked


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep the worst of what is said of a test, over its parameters and databases."""
    if report.when != "call" and report.passed:
        return
    name = report.nodeid.partition("[")[0]
    said = (_results.get(name, "skipped"), report.outcome)
    _results[name] = max(said, key=_ORDER.index)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the page, where the results of all workers are."""
    if not hasattr(session.config, "workerinput") and _results:
        page.write(_results)
