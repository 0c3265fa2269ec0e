"""People who sign in through a provider, without a browser: buttons, the way there and back."""

import html
import os
import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from werkzeug.test import TestResponse

from authserver.federation.values import Connection, Kind
from tests.support.browser import ISSUER, Browser, Party, answered, hidden
from tests.support.providers import Person, Provider
from tests.support.world import ClientFixture, TenantFixture, World

_AWAY = re.compile(r'<meta http-equiv="refresh" content="0; url=([^"]+)">')
_ACTION = re.compile(r'action="([^"]*/login/federation/idp_[0-9a-z]+)"')


def connect(
    world: World,
    kind: Kind,
    provider: Provider,
    tenant: TenantFixture | None = None,
    **more: Any,
) -> Connection:
    """Make a connection to a simulated provider, of the platform or of a tenant."""
    asked = Connection(
        id="",
        tenant_id=tenant.id if tenant else None,
        kind=kind,
        name=more.pop("name", f"c-{os.urandom(5).hex()}"),
        label=more.pop("label", kind.value.capitalize()),
        client_id=provider.client_id,
        **more,
    )
    actor = replace(world.operator, principal=tenant.id if tenant else "")
    service = world.services.federation.connections
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "_allow_http_loopback", True)  # where simulated providers listen
        made: Connection = world.services.database.write(
            lambda tx: service.create(tx, asked, secret=provider.client_secret, actor=actor)
        )
    world.services.watch.changed()
    return made


def switch(world: World, connection: Connection, *, enabled: bool) -> None:
    """Switch a connection off, or on again."""
    actor = replace(world.operator, principal=connection.tenant_id or "")
    service = world.services.federation.connections
    change = service.enable if enabled else service.disable
    world.services.database.write(
        lambda tx: change(tx, connection.tenant_id, connection.name, actor=actor)
    )
    world.services.watch.changed()


def away(page: TestResponse) -> str:
    """Return where the page between here and a provider leads."""
    assert page.status_code == 200, (page.status_code, page.headers.get("Location"))
    found = _AWAY.search(page.text)
    assert found, page.text
    return html.unescape(found[1])


def is_away(page: TestResponse) -> bool:
    return page.status_code == 200 and _AWAY.search(page.text) is not None


def buttons(page: TestResponse) -> list[str]:
    """Return the URLs to which the buttons of a sign-in page post."""
    return _ACTION.findall(page.text)


def sign_in_page(browser: Browser, client: ClientFixture, **request: object) -> TestResponse:
    """Come to the sign-in page for a client."""
    return browser.follow(browser.authorize(client, **request))


def stays(page: TestResponse) -> bool:
    """Tell whether it is the sign-in page, with the password as another way."""
    return page.request.path == "/login/password" and 'name="password"' in page.text


def said(world: World, client: ClientFixture, answer: TestResponse) -> dict[str, Any]:
    """Redeem the code of an answer, and return what the ID token says."""
    tokens = Party(world, client).redeem(answered(answer)["code"]).json
    claims: dict[str, Any] = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    return claims


class Traveller(Browser):
    """A browser that goes to providers and comes back."""

    def press(self, page: TestResponse, connection: Connection) -> TestResponse:
        """Press the button of a connection on the sign-in page."""
        action = f"{self.prefix}/login/federation/{connection.id}"
        assert action in buttons(page), page.text
        return self.post(action, data=hidden(page))

    def back(self, url: str) -> TestResponse:
        """Come back from a provider."""
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}" == ISSUER
        return self.get(parts.path, query_string=parts.query)

    def depart(self, client: ClientFixture, connection: Connection, **request: Any) -> str:
        """Go to the sign-in page of a client and press the button; return where that leads."""
        page = self.follow(self.authorize(client, **request))
        return away(self.press(page, connection))

    def through(
        self,
        client: ClientFixture,
        connection: Connection,
        *,
        at: Provider,
        person: Person | None = None,
        **request: Any,
    ) -> TestResponse:
        """Sign in at a provider for a client; return what the callback answers."""
        return self.back(at.sign_in(self.depart(client, connection, **request), person))

    def onward(self, answer: TestResponse) -> TestResponse:
        """Follow redirects of the server's own, allowing what is asked, to a page or the client."""
        for _ in range(6):
            location = answer.headers.get("Location", "")
            if "/login/consent" in location:
                answer = self.submit(self.follow(answer), decision="allow")
            elif answer.status_code in {302, 303} and location.startswith(("/", ISSUER)):
                answer = self.follow(answer)
            else:
                return answer
        raise AssertionError("the sign-in goes in circles")


def own_domain(
    world: World, tenant: TenantFixture, domain: str, *, leads_to: Connection | None = None
) -> str:
    """Let a tenant have proved a domain; its people may be sent to a connection."""
    actor, services = replace(world.operator, principal=tenant.id), world.services

    def job(tx: Any) -> None:
        made = services.federation.domains.add(tx, tenant.id, domain, actor=actor)
        services.federation.domains.verify(
            tx, tenant.id, domain, found=[made.record[1]], actor=actor
        )
        if leads_to:
            services.federation.routing.send(tx, tenant.id, domain, name=leads_to.name, actor=actor)

    services.database.write(job)
    services.watch.changed()
    return domain


def a_domain() -> str:
    """Return a domain that no other test has."""
    return f"d{os.urandom(5).hex()}.example.com"
