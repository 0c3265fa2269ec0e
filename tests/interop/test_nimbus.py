"""Nimbus' OAuth 2.0 SDK for Java, which Spring Security is made of: it parses strictly."""

import pytest

from tests.interop.conftest import HERE, Running
from tests.support.kept import java_libraries
from tests.support.process import PEOPLE_SCOPES
from tests.support.scripts import running_script
from tests.support.walker import Walker

# Maven may have to fetch itself first.
pytestmark = [pytest.mark.processes, pytest.mark.timeout(600)]


def test_a_person_signs_in_to_an_application_made_with_nimbus(
    running: Running, request: pytest.FixtureRequest
) -> None:
    libraries = java_libraries(request.config, HERE / "java")
    client = running.portal
    with running_script(
        ["java", "-cp", f"{libraries}/*", "Party.java"],
        HERE / "java",
        issuer=running.issuer,
        client_id=client.id,
        client_secret=client.secret,
        redirect_uri=client.redirect_uri,
        scope=" ".join(PEOPLE_SCOPES),
    ) as script:
        url = script.hear()["authorize"]
        script.tell(Walker(running.person).walk(url, until=client.redirect_uri))
        said = script.hear()
    assert said == {
        "subject": running.person.id,
        "email": running.person.email,
        "again": running.person.id,
        "active": True,
        "after_the_replay": False,
        "refused": "invalid_grant",
    }
