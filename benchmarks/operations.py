"""What is measured: the operations, their budgets, and the Lua script that drives each."""

from dataclasses import dataclass

P99_BUDGET_MS = 50.0
MEMORY_BUDGET_MB = 150.0
MEMORY_AFTER_TOKENS = 100_000


@dataclass(frozen=True)
class Operation:
    """One row of the table. `budget` is the least ratio to the peer in operations per second."""

    name: str
    title: str
    budget: float
    script: str = "cycle.lua"
    requests_per_operation: int = 1
    issues_tokens: bool = False
    is_token_operation: bool = False
    state_per_connection: bool = False


OPERATIONS = (
    Operation(
        "client_credentials",
        "client credentials, ES256 JWT",
        1.2,
        issues_tokens=True,
        is_token_operation=True,
    ),
    Operation(
        "refresh",
        "refresh rotation",
        0.8,
        script="refresh.lua",
        issues_tokens=True,
        is_token_operation=True,
        state_per_connection=True,
    ),
    Operation("introspection", "introspection", 0.8, is_token_operation=True),
    Operation("userinfo", "userinfo", 1.0),
    Operation(
        "code_flow",
        "code flow with a live session",
        0.8,
        script="code_flow.lua",
        requests_per_operation=2,
        issues_tokens=True,
        is_token_operation=True,
        state_per_connection=True,
    ),
    Operation("discovery", "discovery", 3.0),
    Operation("jwks", "JWKS", 3.0),
)

BY_NAME = {operation.name: operation for operation in OPERATIONS}
