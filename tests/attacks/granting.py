"""Each grant of the token endpoint with an object that is good, and what may be wrong around it."""

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from authserver.clients.models import Client
from authserver.oauth.token.grants import GRANTS
from authserver.tenants.service import bump_snapshots
from tests.attacks.everything import GRANT, Everything
from tests.spec.exchanging import ACCESS
from tests.spec.tools import change
from tests.support.browser import ISSUER, VERIFIER
from tests.support.holder import Holder
from tests.support.world import ClientFixture, World

FORM = "application/x-www-form-urlencoded"
# What each grant is given for; a client that asks for itself has nothing but its secret.
OBJECTS = {
    "authorization_code": ("code", "code"),
    "refresh_token": ("refresh_token", "refresh token"),
    f"{GRANT}device_code": ("device_code", "device code"),
    f"{GRANT}token-exchange": ("subject_token", "access token"),
    f"{GRANT}jwt-bearer": ("assertion", "assertion"),
    "client_credentials": (None, ""),
}
# The one that ends the other's family comes last.
IN_ORDER = (
    f"{GRANT}token-exchange", f"{GRANT}jwt-bearer", f"{GRANT}device_code", "client_credentials",
    "authorization_code", "refresh_token",
)  # fmt: skip


@dataclass
class Asking:
    """A token request that is good, and the ways to send it wrongly."""

    world: World
    client: ClientFixture
    form: dict[str, str]
    object_name: str | None

    @property
    def secret(self) -> tuple[str, str]:
        return self.client.id, str(self.client.secret)

    def send(self, path: str = "/oauth/token", **more: Any) -> TestResponse:
        """Send the request; `form` changes it, None takes a field out."""
        changed = {**self.form, **more.pop("form", {})}
        data = {name: value for name, value in changed.items() if value is not None}
        asked = {"method": "POST", "data": data, "auth": self.secret, **more}
        return self.world.app.test_client().open(path, base_url=ISSUER, **asked)

    def with_proofs(self, *proofs: str) -> TestResponse:
        return self.send(headers=Headers([("DPoP", proof) for proof in proofs]))

    def after_a_token(self) -> TestResponse:
        """Send the request when the client has had a token of its own, or been refused one."""
        self.send(data={"grant_type": "client_credentials"})
        return self.send()

    def twice(self, name: str) -> TestResponse:
        pairs = [*self.form.items(), (name, self.form[name])]
        body = "&".join(f"{key}={value}" for key, value in pairs)
        return self.send(data=body, content_type=FORM)


def askings(all_: Everything) -> dict[str, Asking]:
    """Return a good request for every grant there is."""
    on = all_.on
    more = {
        "authorization_code": {
            "redirect_uri": on.client.redirect_uri,
            "code_verifier": VERIFIER,
        },
        f"{GRANT}token-exchange": {"subject_token_type": ACCESS},
    }
    assert set(OBJECTS) == set(GRANTS) == set(IN_ORDER)
    made = {}
    for grant in IN_ORDER:
        name, of = OBJECTS[grant]
        given = {} if name is None else {name: all_.objects[of]}
        form = {"grant_type": grant, **given, **more.get(grant, {})}
        made[grant] = Asking(on.world, on.client, form, name)
    return made


@contextmanager
def registered(world: World, client: ClientFixture, **values: Any) -> Any:
    """Have something else registered of a client for a while."""

    def put(wanted: dict[str, Any]) -> dict[str, Any]:
        def job(tx: Any) -> dict[str, Any]:
            session = tx.tenant(client.tenant.id)
            row = session.scalar(select(Client).where(Client.id == client.id))
            before = {name: getattr(row, name) for name in wanted}
            for name, value in wanted.items():
                setattr(row, name, value)
            row.version += 1
            bump_snapshots(tx)
            return before

        return dict(change(world, job))

    before = put(values)
    try:
        yield
    finally:
        put(before)


Answers = Callable[[Asking], TestResponse]
Around = Callable[[Asking], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong, with the status and the error that are answered."""

    ask: Answers
    status: int
    error: str
    around: Around = lambda _asking: nullcontext()


def _registered(**values: Any) -> Around:
    return lambda asking: registered(asking.world, asking.client, **values)


def _proof(asking: Asking, path: str = "/oauth/token") -> str:
    return Holder(asking.world).proof(path)


WRONG: dict[str, Wrong] = {
    "nobody asks": Wrong(lambda a: a.send(auth=None), 401, "invalid_client"),
    "a name and no secret": Wrong(
        lambda a: a.send(auth=None, form={"client_id": a.client.id}), 401, "invalid_client"
    ),
    "a wrong secret": Wrong(lambda a: a.send(auth=(a.client.id, "x" * 43)), 401, "invalid_client"),
    "the secret in the form": Wrong(
        lambda a: a.send(
            auth=None, form={"client_id": a.client.id, "client_secret": str(a.client.secret)}
        ),
        401,
        "invalid_client",
    ),
    "the name of another client beside": Wrong(
        lambda a: a.send(form={"client_id": "cli_" + "0" * 26}), 401, "invalid_client"
    ),
    "an issuer that is not the client's": Wrong(
        lambda a: a.send(f"/t/{a.world.tenant(own_issuer=True).slug}/oauth/token"),
        401,
        "invalid_client",
    ),
    "a grant that is not registered": Wrong(
        lambda a: a.send(), 400, "unauthorized_client", _registered(grant_types=[])
    ),
    "an address that is not on the list": Wrong(
        lambda a: a.send(), 400, "unauthorized_client", _registered(ip_allowlist=["192.0.2.0/24"])
    ),
    "a spent quota": Wrong(lambda a: a.after_a_token(), 429, "slow_down", _registered(quota_day=1)),
    "a client that demands proofs": Wrong(
        lambda a: a.send(),
        400,
        "invalid_dpop_proof",
        _registered(options={"dpop_bound_access_tokens": True}),
    ),
    "no proof at all": Wrong(lambda a: a.with_proofs("x.y.z"), 400, "invalid_dpop_proof"),
    "two proofs": Wrong(lambda a: a.with_proofs(_proof(a), _proof(a)), 400, "invalid_dpop_proof"),
    "a proof for another place": Wrong(
        lambda a: a.with_proofs(_proof(a, "/oauth/par")), 400, "invalid_dpop_proof"
    ),
    "a scope of nobody's": Wrong(
        lambda a: a.send(form={"scope": "openid everything"}), 400, "invalid_scope"
    ),
    "a malformed scope": Wrong(lambda a: a.send(form={"scope": 'a"b'}), 400, "invalid_scope"),
    "a service that is not the client's": Wrong(
        lambda a: a.send(form={"resource": "https://elsewhere.example/"}), 400, "invalid_target"
    ),
    "a repeated grant type": Wrong(lambda a: a.twice("grant_type"), 400, "invalid_request"),
    "a repeated object": Wrong(
        lambda a: a.twice(a.object_name or "grant_type"), 400, "invalid_request"
    ),
    "no grant type": Wrong(lambda a: a.send(form={"grant_type": None}), 400, "invalid_request"),
    "a grant type that nobody knows": Wrong(
        lambda a: a.send(form={"grant_type": "password"}), 400, "unsupported_grant_type"
    ),
    "a query beside the form": Wrong(
        lambda a: a.send("/oauth/token?scope=openid"), 400, "invalid_request"
    ),
    "everything in the query": Wrong(
        lambda a: a.send(data=None, query_string=a.form), 400, "invalid_request"
    ),
    "a document instead of a form": Wrong(
        lambda a: a.send(data=None, json=a.form), 400, "invalid_request"
    ),
    "a control character": Wrong(lambda a: a.send(form={"x": "a\x00b"}), 400, "invalid_request"),
    "too much": Wrong(lambda a: a.send(form={"x": "e" * 70_000}), 413, "invalid_request"),
    "the wrong method": Wrong(
        lambda a: a.send(method="GET", data=None, query_string=a.form), 405, "invalid_request"
    ),
}
