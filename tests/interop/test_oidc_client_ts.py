"""oidc-client-ts in Chromium: a single-page application with nothing but scripts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.interop.conftest import HERE, Running
from tests.support.chromium import watched_page
from tests.support.npm import node_modules
from tests.support.portal import serving
from tests.support.process import PEOPLE_SCOPES
from tests.support.single_page import SinglePage, make_single_page

pytestmark = [pytest.mark.processes, pytest.mark.node, pytest.mark.browser]

LIBRARY = "oidc-client-ts/dist/browser/oidc-client-ts.min.js"


@pytest.fixture
def library(request: pytest.FixtureRequest) -> Path:
    return node_modules(request.config, HERE / "node") / LIBRARY


@pytest.fixture
def application(running: Running, library: Path, chromium: Browser) -> Iterator[SinglePage]:
    """The application in a browser that complains of nothing."""
    site = make_single_page(HERE / "pages" / "single_page.html", library)
    client = running.single_page
    with (
        serving(site, running.portal_port) as url,
        watched_page(chromium) as (page, watch),
    ):
        yield SinglePage(
            page,
            url,
            authority=running.issuer,
            client_id=client.id,
            redirect_uri=client.redirect_uri,
            scope=" ".join(PEOPLE_SCOPES),
        )
    assert [said for said in watch.complaints if "favicon" not in said] == []


def test_a_person_signs_in_renews_revokes_and_signs_out(
    running: Running, application: SinglePage
) -> None:
    application.leave_to_sign_in()
    application.sign_in(running.person.email, running.person.password)
    first = application.come_back()
    assert first["profile"]["sub"] == running.person.id
    assert first["profile"]["email"] == running.person.email
    renewed = application.renew()
    assert renewed["refresh_token"] != first["refresh_token"]
    assert renewed["profile"]["sub"] == running.person.id
    silent = application.renew(by_frame=True)
    assert silent["access_token"] not in {first["access_token"], renewed["access_token"]}
    assert silent["profile"]["sub"] == running.person.id
    application.revoke()
    application.leave()
    application.leave_to_sign_in()
