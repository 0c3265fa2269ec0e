"""One test that goes through a whole table of cases, and names every one that fails."""

import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from itertools import product

Test = Callable[..., None]


def each(**tables: Iterable[object]) -> Callable[[Test], Test]:
    """Run a test for every combination of these values, as one test.

    For tests of a moment that leave nothing behind: an item of pytest's own costs each worker some
    milliseconds, and all cases share its fixtures. Raises ExceptionGroup with what failed; a note
    on each says for which values.
    """
    names, rows = list(tables), list(product(*tables.values()))
    assert rows, f"no case of {names}: the test would prove nothing"

    def decorated(test: Test) -> Test:
        signature = inspect.signature(test)
        left = [part for name, part in signature.parameters.items() if name not in tables]

        @wraps(test)
        def through_all(**fixtures: object) -> None:
            cases = (dict(zip(names, row, strict=True)) for row in rows)
            failures = list(_failures(test, fixtures, cases))
            if failures:
                raise ExceptionGroup(f"{len(failures)} of {len(rows)}", failures)

        through_all.__signature__ = signature.replace(parameters=left)  # type: ignore[attr-defined]  by it pytest knows the fixtures
        return through_all

    return decorated


def _failures(
    test: Test, fixtures: dict[str, object], cases: Iterable[dict[str, object]]
) -> Iterable[Exception]:
    for case in cases:
        try:
            test(**fixtures, **case)
        except Exception as failure:  # noqa: BLE001  the others are looked at, too
            failure.add_note("for " + ", ".join(_words(*pair) for pair in case.items()))
            yield failure


def _words(name: str, value: object) -> str:
    return f"{name}={getattr(value, '__name__', value)}"
