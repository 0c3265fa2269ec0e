"""What links an account to somebody at a provider is made and deleted, never moved (ATK-015)."""

import ast
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from authserver.federation.administration.rows import CHANGEABLE
from authserver.federation.models import FederatedIdentity
from tests.support.federation import connect, linked
from tests.support.source import method, modules, name, parsed, place
from tests.support.world import World

pytestmark = pytest.mark.every_database

FIXED = {"tenant_id", "user_id", "issuer", "subject", "email", "connection_id", "connection_owner"}
LINKING = [path for path in modules("authserver") if "FederatedIdentity" in path.read_text()]


def moves(node: ast.AST) -> bool:
    """Tell `link.user_id = ...`, `values(user_id=...)` and `setattr(link, ...)`."""
    if isinstance(node, ast.Assign):
        targets = [target for target in node.targets if isinstance(target, ast.Attribute)]
        return any(target.attr in FIXED for target in targets)
    if isinstance(node, ast.Call):
        named = {keyword.arg for keyword in node.keywords} & FIXED
        return bool(method(node) == "values" and named)
    return False


@pytest.mark.attack("ATK-015")
@pytest.mark.parametrize("path", LINKING, ids=name)
def test_nothing_writes_whose_a_link_is_a_second_time(path: Path) -> None:
    assert [place(path, node) for node in ast.walk(parsed(path)) if moves(node)] == []


@pytest.mark.attack("ATK-015")
def test_no_field_of_a_connection_that_may_change_says_whose_links_are() -> None:
    assert CHANGEABLE.isdisjoint({*FIXED, "id", "owner", "kind", "server", "name"})


@pytest.mark.attack("ATK-015")
@pytest.mark.attack("ATK-022")
@pytest.mark.parametrize("what", ["connection", "person"])
def test_the_database_lets_no_link_reach_another_tenant(world: World, what: str) -> None:
    ours, theirs = world.tenant(), world.tenant()
    person, stranger = world.user(ours), world.user(theirs)
    identity = linked(world, person, connect(world, ours))
    foreign = connect(world, theirs)
    values = {
        "connection": {"connection_id": foreign.id, "connection_owner": theirs.id},
        "person": {"user_id": stranger.id},
    }[what]
    moved = update(FederatedIdentity).where(FederatedIdentity.id == identity).values(**values)
    with pytest.raises(IntegrityError):
        world.services.database.write(
            lambda tx: tx.tenant(ours.id).execute(
                moved, execution_options={"synchronize_session": False}
            )
        )
