"""A running server with a tenant, a person and a client of each kind, on both databases."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jwcrypto import jwk

from tests.conftest import process_database
from tests.support.npm import node_modules
from tests.support.process import (
    Installation,
    Person,
    Registered,
    ServerProcess,
    free_port,
    make_installation,
)

HERE = Path(__file__).parent
# A client that asks for everything to be signed, and pushes its requests.
SIGNED_ALL_OVER = tuple(
    part
    for option in (
        "request_object_signing_alg=ES256",
        "require_signed_request_object=true",
        "require_pushed_authorization_requests=true",
        "authorization_signed_response_alg=ES256",
        "userinfo_signed_response_alg=ES256",
        "introspection_signed_response_alg=ES256",
    )
    for part in ("--option", option)
)


@dataclass(frozen=True)
class Running:
    """A server and those who use it."""

    issuer: str
    tenant: str
    person: Person
    portal_port: int
    portal: Registered
    bound_portal: Registered
    single_page: Registered
    service: Registered
    partner: Registered
    keyed: Registered
    key: dict[str, Any]
    pushing: Registered
    device: Registered
    initial_token: str
    gate: Registered
    gate_port: int


@pytest.fixture(scope="session")
def running(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run one server process for all clients."""
    with process_database(database_kind) as url:
        made = make_installation(tmp_path_factory.mktemp("interop"), url)
        users = _users(made, tmp_path_factory.mktemp("keys"))
        with ServerProcess(made):
            yield users


def _users(made: Installation, folder: Path) -> Running:
    tenant, port, gate_port = made.tenant("acme"), free_port(), free_port()
    bound = [
        f"--option={name}=true" for name in ("dpop_bound_access_tokens", "dpop_nonce_required")
    ]
    callback, gate = f"http://localhost:{port}/callback", f"http://localhost:{gate_port}"
    key = jwk.JWK.generate(kty="EC", crv="P-256", alg="ES256", use="sig", kid="the key")
    public = folder / "jwks.json"
    public.write_text(json.dumps({"keys": [key.export_public(as_dict=True)]}))
    keyed = ("--auth-method", "private_key_jwt", "--jwks", str(public))
    return Running(
        issuer=made.issuer,
        tenant=tenant,
        person=made.person(tenant, "NOC_OPERATOR"),
        portal_port=port,
        portal=made.web_client(tenant, callback),
        bound_portal=made.web_client(tenant, callback, *bound),
        single_page=made.web_client(
            tenant,
            callback,
            *("--option", f"post_logout_redirect_uris=http://localhost:{port}/"),
            kind="spa",
        ),
        service=made.service_client(tenant),
        keyed=made.web_client(tenant, callback, *keyed),
        key=key.export(as_dict=True),
        pushing=made.web_client(tenant, callback, *keyed, *SIGNED_ALL_OVER),
        device=made.device_client(tenant),
        initial_token=_initial_token(made, tenant),
        gate=made.web_client(
            tenant,
            f"{gate}/gate/callback",
            *("--option", f"backchannel_logout_uri={gate}/gate/callback?logout=backchannel"),
            *("--option", f"post_logout_redirect_uris={gate}/open.html"),
        ),
        gate_port=gate_port,
        partner=made.service_client(tenant, "--ip-allow", "127.0.0.0/8", kind="partner"),
    )


def _initial_token(made: Installation, tenant: str) -> str:
    made.run("tenants", "set", tenant, "--client-registration", "pkce-required")
    token = made.run(
        "registrations", "create-token", "--tenant", tenant, "--name", "Interop", "--clients", "20"
    )
    return str(token["initial_access_token"])


@pytest.fixture(scope="session")
def scripts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Put the scripts beside what they import, which is installed once and kept."""
    modules = node_modules(request.config, HERE / "node")
    folder = tmp_path_factory.mktemp("node")
    for script in (HERE / "node").glob("*.mjs"):
        shutil.copy(script, folder)
    shutil.copy(HERE / "node" / "package.json", folder)
    (folder / "node_modules").symlink_to(modules)
    return folder
