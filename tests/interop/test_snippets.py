"""The programs that people paste: executed as they are, by the languages' own tools."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwcrypto import jwk

from authserver.clients.models import Client
from authserver.clients.snippets.service import LANGUAGES, programs
from tests.support.process import AUDIENCE, Registered, ServerProcess, make_installation

pytestmark = pytest.mark.processes

FILES = {"curl": "token.sh", "python": "program.py", "node": "token.mjs"}
FILES |= {"go": "main.go", "java": "Token.java"}
RUN = {
    "curl": ("sh", "token.sh"),
    "python": (sys.executable, "program.py"),
    "node": ("node", "token.mjs"),
    "go": ("go", "run", "main.go"),
    "java": ("java", "Token.java"),
}
_PATIENCE = 600  # Go compiles its library once
BASIC, POST, KEY = "client_secret_basic", "client_secret_post", "private_key_jwt"
RUN_AS_COMMANDS = "a'$(touch${IFS}owned)`touch${IFS}owned`;&|#"  # all of it may be in a scope


@dataclass(frozen=True)
class Machines:
    """A server and a machine for each way to authenticate."""

    issuer: str
    clients: dict[str, Registered]
    key: bytes


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    folder = tmp_path_factory.mktemp("snippets")
    made = make_installation(folder / "data")
    tenant, private = made.tenant("acme"), ec.generate_private_key(ec.SECP256R1())
    public = jwk.JWK.from_pyca(private.public_key()).export_public(as_dict=True)
    jwks = folder / "jwks.json"
    jwks.write_text(json.dumps({"keys": [{**public, "kid": "KID", "alg": "ES256", "use": "sig"}]}))
    more = {BASIC: (), POST: (), KEY: ("--jwks", str(jwks))}
    clients = {
        method: made.service_client(tenant, "--auth-method", method, *extra)
        for method, extra in more.items()
    }
    with ServerProcess(made):
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        yield Machines(made.issuer, clients, pem)


def client(registered: Registered, method: str, *scopes: str, audience: str = AUDIENCE) -> Client:
    return Client(
        id=registered.id,
        kind="service",
        auth_method=method,
        redirect_uris=[],
        scopes=list(scopes),
        audiences=[audience] if audience else [],
    )


def run(language: str, code: str, folder: Path, secret: str) -> subprocess.CompletedProcess[str]:
    if shutil.which(RUN[language][0]) is None:
        pytest.skip(f"no {RUN[language][0]}")
    (folder / FILES[language]).write_text(code)
    return subprocess.run(
        RUN[language],
        cwd=folder,
        env={**os.environ, "GO111MODULE": "off", "CLIENT_SECRET": secret},
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )


@pytest.mark.timeout(_PATIENCE)
@pytest.mark.parametrize("method", [BASIC, POST])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_program_gets_a_token(
    machines: Machines, tmp_path: Path, language: str, method: str
) -> None:
    known = machines.clients[method]
    audience = AUDIENCE if method == BASIC else ""  # with a resource, and without any
    one = client(known, method, "reports:read", audience=audience)
    (program,) = programs(one, machines.issuer, [language])
    done = run(language, program.code, tmp_path, known.secret or "")
    assert done.returncode == 0, done.stderr + done.stdout
    assert any(word in done.stdout for word in ("Bearer", "characters of JSON"))
    assert known.secret not in program.code


@pytest.mark.parametrize("language", ["python", "node"])
def test_a_client_with_a_key_gets_a_token(
    machines: Machines, tmp_path: Path, language: str
) -> None:
    known = machines.clients[KEY]
    (tmp_path / "key.pem").write_bytes(machines.key)
    (program,) = programs(client(known, KEY, "reports:read"), machines.issuer, [language])
    done = run(language, program.code, tmp_path, "")
    assert "Bearer" in done.stdout, done.stderr


@pytest.mark.attack("ATK-136")
@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "go"])
def test_what_was_registered_is_text_in_the_program_and_nothing_else(
    machines: Machines, tmp_path: Path, language: str
) -> None:
    known = machines.clients[POST]
    wanted = client(known, POST, RUN_AS_COMMANDS, "${process.exit(0)}", "%s")
    (program,) = programs(wanted, machines.issuer, [language])
    done = run(language, program.code, tmp_path, known.secret or "")
    assert "invalid_scope" in done.stderr + done.stdout or "400" in done.stderr
    assert done.returncode != 0
    assert not (tmp_path / "owned").exists()


@pytest.mark.node
@pytest.mark.parametrize(
    ("kind", "language"), [("web", "node"), ("spa", "node"), ("web", "python")]
)
def test_programs_for_people_are_understood_by_their_language(
    tmp_path: Path, kind: str, language: str
) -> None:
    people = client(Registered("cli_x", None), "none", "openid")
    people.kind, people.redirect_uris = kind, ["https://a.example/cb"]
    (program,) = programs(people, "https://id.example", [language])
    if language == "python":
        compile(program.code, "snippet", "exec")
        return
    (tmp_path / "one.mjs").write_text(program.code)
    subprocess.run(["node", "--check", "one.mjs"], cwd=tmp_path, check=True, timeout=60)
