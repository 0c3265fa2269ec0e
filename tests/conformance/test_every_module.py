"""Every module of the plans has a test, and no test is of a module that is not there."""

import re
from pathlib import Path

from tests.conformance.plans import DEVIATIONS, MODULES, PLANS

HERE = Path(__file__).parent
_MARK = re.compile(r'mark\.module\(\s*"([^"]+)"')


def test_every_module_has_a_test_and_no_other_is_named() -> None:
    marked = [name for path in HERE.glob("test_*.py") for name in _MARK.findall(path.read_text())]
    assert sorted(set(MODULES) - set(marked)) == []
    assert sorted(set(marked) - set(MODULES)) == []


def test_a_deviation_is_of_a_module_of_its_plan() -> None:
    named = {(plan, name) for plan, deviating in DEVIATIONS.items() for name in deviating}
    assert named <= {(plan, name) for plan, modules in PLANS.items() for name in modules}
