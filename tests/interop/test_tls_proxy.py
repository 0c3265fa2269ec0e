"""Certificates of clients through Apache, which ends TLS in front of a running server."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.support.certificates import Holder, make
from tests.support.process import Registered, ServerProcess, make_installation
from tests.support.tls_proxy import TlsProxy, running_tls_proxy

pytestmark = [pytest.mark.processes, pytest.mark.any_database]


@dataclass
class Site:
    proxy: TlsProxy
    folder: Path
    partner: Registered
    own: Holder

    def token(self, shown: Holder | None, **headers: str) -> requests.Response:
        form = {"grant_type": "client_credentials", "client_id": self.partner.id}
        pair = self._files(shown) if shown else None
        return requests.post(
            f"{self.proxy.base}/oauth/token",
            data=form,
            cert=pair,
            verify=str(self.proxy.ca),
            headers=headers,
            timeout=30,
        )

    def _files(self, shown: Holder) -> tuple[str, str]:
        pair = self.folder / "own.pem", self.folder / "own.key"
        pair[0].write_text(shown.pem)
        pair[1].write_text(shown.private_pem)
        return str(pair[0]), str(pair[1])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder, own = tmp_path_factory.mktemp("tls"), make("CN=partner")
    (folder / "jwks.json").write_text(json.dumps(own.jwks))
    made = make_installation(
        folder,
        trusted_proxies="127.0.0.1",
        client_certificate_header="ClientCert",
        forwarded_header="ForwardedFor",
    )
    partner = made.service_client(
        made.tenant("acme"),
        *("--auth-method", "self_signed_tls_client_auth"),
        *("--jwks", str(folder / "jwks.json")),
        *("--option", "tls_client_certificate_bound_access_tokens=true"),
        kind="partner",
    )
    with ServerProcess(made) as server, running_tls_proxy(server.base) as proxy:
        yield Site(proxy, folder, partner, own)


def test_a_partner_gets_a_token_by_its_certificate(site: Site) -> None:
    answer = site.token(site.own)
    assert answer.status_code == 200, answer.text
    assert answer.json()["token_type"] == "Bearer"


@pytest.mark.attack("ATK-134")
def test_what_a_client_writes_into_the_header_itself_is_not_believed(site: Site) -> None:
    forged = site.own.header
    stranger = make("CN=partner")
    for shown in (None, stranger):
        for name in ("ClientCert", "Client_Cert", "Client-Cert", "CLIENTCERT", "clientcert"):
            answer = site.token(shown, **{name: forged})
            assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), name
    assert site.token(site.own, ClientCert=stranger.header).status_code == 200
