"""A session that ends cannot be forgotten: what tells clients asks what every request asks."""

from sqlalchemy import Executable
from sqlalchemy.sql import visitors

from authserver.sessions import statements as sessions
from authserver.tokens.ends import statements as ends
from tests.support.source import SERVER


def names(statement: Executable) -> set[int]:
    """Return the identities of a statement's parts."""
    return {id(part) for part in visitors.iterate(statement)}


def test_the_end_is_told_by_the_condition_by_which_browsers_are_signed_in() -> None:
    live = {id(condition) for condition in sessions.IS_LIVE.clauses}
    assert len(live) > 10, "what a session depends on"
    for statement in (sessions.LIVE_OF_BROWSER, sessions.IN_BROWSER):
        assert live <= names(statement)
    for statement in (ends.ANY_IS_OVER, ends.TELL_CLIENTS):
        assert live <= names(statement)


def test_every_family_is_begun_where_its_client_is_remembered() -> None:
    """`families.create` notes who has to be told: nothing else may insert a family."""
    naming = {
        str(path.relative_to(SERVER))
        for path in SERVER.rglob("*.py")
        if "INSERT_FAMILY" in path.read_text() or "TokenFamily(" in path.read_text()
    }
    assert naming == {"tokens/families.py", "tokens/models.py", "tokens/statements.py"}
