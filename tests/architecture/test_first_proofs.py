"""An address becomes a proved one in one place, which wipes the account (decision 0017).

Wherever else a row were marked, what somebody left in the account would outlive the owner's proof.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.source import calls, function, method, modules, name, parsed

PROVED = "email_verified"
OWNER = "authserver/accounts/service.py"


def writes(path: Path) -> Iterator[str]:
    """Give every function in which a row of an account is marked."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef) and any(_marks(inner) for inner in ast.walk(node)):
            yield node.name


def _marks(node: ast.AST) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    if any(isinstance(one, ast.Attribute) and one.attr == PROVED for one in targets):
        return True
    if not isinstance(node, ast.Call):
        return False
    named = function(node) in {"User", "setattr"} or method(node) == "values"
    words = [keyword.arg for keyword in node.keywords]
    words += [one.value for one in node.args if isinstance(one, ast.Constant)]
    return named and PROVED in words


def test_an_address_is_marked_as_proved_in_one_place() -> None:
    found = {name(path): sorted(writes(path)) for path in modules("authserver")}
    assert {path: where for path, where in found.items() if where} == {
        OWNER: ["create", "prove_address"]
    }


def test_every_service_of_accounts_is_made_with_what_wipes() -> None:
    made = [
        (name(path), ast.unparse(call.args[2]))
        for path in modules("authserver")
        for call in calls(path)
        if function(call) == "AccountService"
    ]
    assert made == [("authserver/wiring/signing_in.py", "_wipe")]
