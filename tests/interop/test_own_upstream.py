"""Our own server as the upstream of another one: what it promises, the connector relies on."""

import pytest

from authserver.federation.connectors.base import UpstreamRefused
from authserver.federation.connectors.making import Connectors
from authserver.federation.values import Connection, Kind
from tests.interop.conftest import Running
from tests.support.process import Person, Registered
from tests.support.providers import make_connectors, query
from tests.support.providers.visiting import Visit
from tests.support.walker import Walker

pytestmark = pytest.mark.processes


class There(Visit):
    """A visit in which somebody types their password there."""

    person: Person

    def back(self, _: object = None) -> dict[str, str]:
        return query(Walker(self.person).walk(self.url(), until=self.redirect_uri))


@pytest.fixture
def connectors() -> Connectors:
    return make_connectors()


def there(
    connectors: Connectors, running: Running, client: Registered, *, anew: bool = False
) -> There:
    to = Connection(
        id="con_1", tenant_id="ten_1", kind=Kind.OIDC, name="ours", label="Ours",
        client_id=client.id, server=running.issuer, keeps_tokens=not anew,
    )  # fmt: skip
    connector = connectors.of(to, client.secret or "")
    made = There(connector, None, anew=anew, redirect_uri=client.redirect_uri)  # type: ignore[arg-type]
    made.person = running.person
    return made


@pytest.mark.parametrize("kind", ["portal", "single_page"])
def test_somebody_of_there_comes_in_here(
    running: Running, connectors: Connectors, kind: str
) -> None:
    here = there(connectors, running, getattr(running, kind))
    answer = here.complete()
    who = answer.identity
    assert who.email is not None
    assert (who.issuer, who.subject) == (running.issuer, running.person.id)
    assert (who.email.canonical, who.email_verified) == (running.person.email, True)
    assert who.name == "Ada Lovelace"
    assert answer.tokens.refresh_token is not None
    newer = here.connector.refresh(answer.tokens.refresh_token)
    assert newer.refresh_token not in {None, answer.tokens.refresh_token}


def test_somebody_proves_it_there_anew(running: Running, connectors: Connectors) -> None:
    assert there(connectors, running, running.portal, anew=True).complete().identity.amr == ("pwd",)


def test_a_code_of_there_is_good_once_and_for_one_sign_in(
    running: Running, connectors: Connectors
) -> None:
    here = there(connectors, running, running.portal)
    said = here.back()
    with pytest.raises(UpstreamRefused, match="invalid_grant"):
        there(connectors, running, running.portal).finish(said)
    assert here.finish(said).identity.subject == running.person.id
    with pytest.raises(UpstreamRefused, match="invalid_grant"):
        here.finish(said)


def test_its_answers_say_whose_they_are(running: Running, connectors: Connectors) -> None:
    here = there(connectors, running, running.portal)
    said = here.back()
    assert said["iss"] == running.issuer
    with pytest.raises(UpstreamRefused, match="does not say whose"):
        here.finish({"code": said["code"]})
