"""What goes round the tenant session is banned, or stands where reviewers look for it."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.source import calls, function, method, modules, name, parsed, place

# Who may open the session that sees every tenant, and why.
PLATFORM = {
    "authserver/accounts/devices.py": "one browser is known to accounts of several tenants",
    "authserver/accounts/directory.py": "finds the tenant of who signs in",
    "authserver/accounts/pictures/service.py": "a picture's id names its tenant",
    "authserver/admin/api/running/deliveries.py": "the platform's people see every tenant",
    "authserver/admin/api/tenants.py": "the platform's people see every tenant",
    "authserver/admin/api/usage.py": "figures of the installation",
    "authserver/admin/reach.py": "somebody of the platform works in several tenants",
    "authserver/admin/running/health.py": "one installation serves every tenant",
    "authserver/api_keys/ending.py": "what ends soon ends soon in every tenant",
    "authserver/api_keys/service.py": "a key of a guest depends on the account at home",
    "authserver/audit/checkpoints/keys.py": "the keys of the trail are the installation's",
    "authserver/cli/api_keys/__init__.py": "a key that was found names its tenant",
    "authserver/clients/logos/service.py": "a logo's id names its tenant",
    "authserver/clients/registering/service.py": "unused is unused in every tenant",
    "authserver/clients/rotation/service.py": "what ends soon, ends soon in every tenant",
    "authserver/cli/audit/verifying.py": "the tenants, whose trails are then read one by one",
    "authserver/cli/init.py": "is the installation there?",
    "authserver/copies/reading.py": "the tenant of a copy is not there yet",
    "authserver/copies/writing.py": "a connection is a tenant's by its owner",
    "authserver/declared/present.py": "a file is about any tenants",
    "authserver/delivery/queue.py": "sends the mail of every tenant",
    "authserver/delivery/retrying.py": "an operator retries for every tenant",
    "authserver/federation/administration/admission.py": "the platform's connections",
    "authserver/federation/administration/ending.py": "one connection signs in people of tenants",
    "authserver/federation/administration/removal.py": "the same",
    "authserver/federation/administration/rows.py": "a connection may belong to no tenant",
    "authserver/federation/connections.py": "a connection may belong to no tenant",
    "authserver/federation/offered.py": "nobody knows yet whose an identity will be",
    "authserver/federation/people/finding.py": "finds the tenant of who was proved elsewhere",
    "authserver/federation/service.py": "a connection may belong to no tenant",
    "authserver/federation/states.py": "nobody knows yet who comes back",
    "authserver/invitations/acceptance.py": "a mailed token names its tenant, a guest another one",
    "authserver/invitations/inviters.py": "an inviter may be a guest, whose home is elsewhere",
    "authserver/jobs/worker.py": "does the jobs of every tenant",
    "authserver/links/service.py": "a mailed token names its tenant",
    "authserver/mfa/trust/service.py": "one browser is trusted by accounts of several tenants",
    "authserver/ops/pruning.py": "what is over is over in every tenant",
    "authserver/ops/reencryption.py": "a master key is the installation's",
    "authserver/privacy/erasure/job.py": "guest accounts go with their home, wherever they are",
    "authserver/privacy/erasure/receipts.py": "a mailed token names its tenant",
    "authserver/privacy/erasure/starting.py": "what is due is due in every tenant",
    "authserver/privacy/keeping/service.py": "tenants that keep events for a time",
    "authserver/registration/completion.py": "a mailed token names its tenant",
    "authserver/sessions/rows.py": "one browser holds sessions of several tenants",
    "authserver/tenants/branding/service.py": "a logo's id names its tenant",
    "authserver/tenants/domains.py": "a domain says whose people they are",
    "authserver/tenants/proving/lookups.py": "looks at the domains of every tenant",
    "authserver/tenants/proving/service.py": "a domain is of one tenant among all",
    "authserver/tenants/service.py": "makes tenants",
    "authserver/oauth/logout/overview.py": "shows operators who was told, in every tenant",
    "authserver/oauth/logout/queue.py": "tells clients of people of every tenant",
    "authserver/usage/service.py": "figures of the installation",
    "authserver/tokens/rotation.py": "rotates the keys of every issuer",
    "authserver/tokens/keys.py": "keys belong to issuers, one of which has no tenant",
    "authserver/audit/anchors/contradictions.py": "checkpoints are over every trail",
    "authserver/audit/anchors/standing.py": "checkpoints are over every trail",
    "authserver/audit/contacts/links.py": "a mailed token names its tenant",
    "authserver/audit/contacts/telling.py": "mails the contacts of every tenant",
    "authserver/audit/subjects.py": "an operator who is erased is in the trails of others, too",
    "authserver/audit/witnesses/cosignatures.py": "checkpoints are over every trail",
    "authserver/streaming/reading.py": "streams the trails of every tenant",
    "authserver/webhooks/sending/queue.py": "tells servers of every tenant",
    "authserver/oauth/exchange/service.py": "the company's services take tokens of any tenant",
}
BULK = {"bulk_insert_mappings", "bulk_update_mappings", "bulk_save_objects", "from_statement"}
OPENERS = {"Session", "sessionmaker", "scoped_session", "PlatformSession", "TenantSession"}

CORE = "authserver/core/"
SERVICES = [path for path in modules("authserver") if not name(path).startswith(CORE)]
ELSEWHERE = [path for path in SERVICES if path.name != "statements.py"]


def _is_table(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "__table__"


def inserts_a_model(call: ast.Call) -> bool:
    """`insert(Model)`: no event sees it, so nothing checks the tenant."""
    return function(call) == "insert" and not (call.args and _is_table(call.args[0]))


def goes_in_bulk(call: ast.Call) -> bool:
    return method(call) in BULK


def moves_a_row(call: ast.Call) -> bool:
    """`values(tenant_id=...)` or `values({"tenant_id": ...})`."""
    keys = {keyword.arg for keyword in call.keywords}
    for argument in call.args:
        if isinstance(argument, ast.Dict):
            keys |= {key.value for key in argument.keys if isinstance(key, ast.Constant)}
    return method(call) == "values" and "tenant_id" in keys


def takes_the_connection(call: ast.Call) -> bool:
    """`session.connection()`; a transaction's connection is an attribute."""
    return method(call) == "connection"


def opens_a_session(call: ast.Call) -> bool:
    return function(call) in OPENERS


@pytest.mark.parametrize(
    "banned",
    [inserts_a_model, goes_in_bulk, moves_a_row, takes_the_connection, opens_a_session],
    ids=lambda banned: banned.__name__,
)
def test_nothing_outside_core_goes_round_the_tenant_session(
    banned: Callable[[ast.Call], bool],
) -> None:
    assert [place(path, call) for path in SERVICES for call in calls(path) if banned(call)] == []


def test_only_named_services_see_every_tenant() -> None:
    users = {name(path) for path in SERVICES for call in calls(path) if method(call) == "platform"}
    assert users == set(PLATFORM)


def test_tables_and_sql_text_stand_in_files_named_statements() -> None:
    found = [
        place(path, node)
        for path in ELSEWHERE
        for node in ast.walk(parsed(path))
        if (isinstance(node, ast.Attribute) and node.attr == "__table__")
        or (isinstance(node, ast.ImportFrom) and _imports_text(node))
    ]
    assert found == []


def test_what_runs_on_the_bare_connection_comes_from_a_file_named_statements() -> None:
    found = [
        place(path, call)
        for path in ELSEWHERE
        for call in calls(path)
        if _runs_past_the_sessions(call) and not _is_from_statements(path, call.args[0])
    ]
    assert found == []


def test_every_file_of_statements_is_found_by_its_name() -> None:
    """An isolation test goes through these files: a new one must be added there."""
    assert {name(path) for path in SERVICES if path.name == "statements.py"} == {
        "authserver/accounts/statements.py",
        "authserver/admin/statements.py",
        "authserver/api_keys/statements.py",
        "authserver/audit/anchors/statements.py",
        "authserver/audit/checkpoints/statements.py",
        "authserver/audit/sequencing/statements.py",
        "authserver/audit/statements.py",
        "authserver/clients/statements.py",
        "authserver/mfa/statements.py",
        "authserver/oauth/assertions/statements.py",
        "authserver/oauth/device/statements.py",
        "authserver/oauth/exchange/statements.py",
        "authserver/oauth/dpop/statements.py",
        "authserver/oauth/statements.py",
        "authserver/passkeys/statements.py",
        "authserver/privacy/consents/statements.py",
        "authserver/sessions/statements.py",
        "authserver/tenants/statements.py",
        "authserver/tokens/ends/statements.py",
        "authserver/tokens/statements.py",
        "authserver/usage/statements.py",
        "authserver/webhooks/statements.py",
    }


def _runs_past_the_sessions(call: ast.Call) -> bool:
    """Tell `transaction.connection.execute(...)`, and what runs a prepared statement."""
    if not isinstance(call.func, ast.Attribute):
        return False
    owner = call.func.value
    if isinstance(owner, ast.Attribute) and owner.attr == "connection":
        return method(call) in {"execute", "scalar", "scalars", "exec_driver_sql"}
    prepared = method(call) in {"row", "rows", "change", "insert_at_commit"}
    return prepared and isinstance(owner, ast.Name) and owner.id in {"transaction", "view"}


def _imports_text(node: ast.ImportFrom) -> bool:
    return node.module == "sqlalchemy" and any(alias.name == "text" for alias in node.names)


def _is_from_statements(path: Path, statement: ast.expr) -> bool:
    if isinstance(statement, ast.Call) and isinstance(statement.func, ast.Attribute):
        return _is_from_statements(path, statement.func.value)
    if isinstance(statement, ast.Attribute):
        return isinstance(statement.value, ast.Name) and statement.value.id == "statements"
    imported = {
        alias.asname or alias.name
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(".statements")
        for alias in node.names
    }
    return isinstance(statement, ast.Name) and statement.id in imported
