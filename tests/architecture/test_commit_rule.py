"""Transactions end in core/database: a service that commits would tear a change from its event."""

from tests.support.source import calls, method, modules, name, place

ENDS_TRANSACTIONS = "authserver/core/database/"
OPERATORS = "authserver/cli/"
ENDINGS = {"commit", "rollback"}


def test_nothing_but_the_database_module_and_the_command_line_ends_a_transaction() -> None:
    found = [
        place(path, call)
        for path in modules("authserver")
        if not name(path).startswith((ENDS_TRANSACTIONS, OPERATORS))
        for call in calls(path)
        if method(call) in ENDINGS
    ]
    assert found == []
