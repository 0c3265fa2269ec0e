"""go-oidc and golang.org/x/oauth2: a person's sign-in and a service's token."""

import pytest

from tests.interop.conftest import HERE, Running
from tests.support.kept import go_program
from tests.support.process import PEOPLE_SCOPES
from tests.support.scripts import running_script
from tests.support.walker import Walker

# Building from nothing compiles the whole standard library.
pytestmark = [pytest.mark.processes, pytest.mark.timeout(600)]


def test_a_person_and_a_service_get_tokens_with_go_oidc(
    running: Running, request: pytest.FixtureRequest
) -> None:
    program = go_program(request.config, HERE / "go")
    client, service = running.portal, running.service
    with running_script(
        [str(program)],
        program.parent,
        issuer=running.issuer,
        client_id=client.id,
        client_secret=client.secret,
        redirect_uri=client.redirect_uri,
        scopes=PEOPLE_SCOPES,
        service_id=service.id,
        service_secret=service.secret,
    ) as script:
        url = script.hear()["authorize"]
        script.tell(Walker(running.person).walk(url, until=client.redirect_uri))
        signed_in, machine = script.hear(), script.hear()
    assert signed_in == {
        "subject": running.person.id,
        "issuer": running.issuer,
        "email": running.person.email,
        "again": running.person.id,
        "rotated": True,
        "refused": "invalid_grant",
    }
    assert machine == {"type": "Bearer", "scope": "reports:read", "refused": "invalid_scope"}
