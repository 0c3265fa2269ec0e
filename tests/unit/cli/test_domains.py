"""`authserver domains`, with a real name server."""

from collections.abc import Callable, Iterator
from typing import Any

import dns.rcode
import pytest
from click.testing import Result

from tests.support.dns import NameServer, name_server

Run = Callable[..., Result]
Answer = Callable[..., dict[str, Any]]

DOMAIN = ("globex.example", "--tenant", "globex")


@pytest.fixture(autouse=True)
def server(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    for slug in ("globex", "initech"):
        answer("tenants", "create", slug, "--name", slug.title(), "--type", "customer")
    with name_server() as started:
        monkeypatch.setenv("AUTHSERVER_DNS_SERVER", started.address)
        yield started


@pytest.fixture
def proved(answer: Answer, server: NameServer) -> dict[str, Any]:
    added = answer("domains", "add", *DOMAIN)
    server.put(added["record_name"], f'TXT "{added["record_value"]}"')
    return answer("domains", "verify", *DOMAIN)


def test_a_domain_is_proved_by_the_record_that_is_printed(
    run: Run, answer: Answer, server: NameServer
) -> None:
    said = run("domains", "add", *DOMAIN).stdout
    added = answer("domains", "add", *DOMAIN)
    assert f'{added["record_name"]}. TXT "{added["record_value"]}"' in said
    done = run("domains", "verify", *DOMAIN)
    assert done.exit_code == 1
    assert "not there yet" in done.stderr
    server.put(added["record_name"], f'TXT "{added["record_value"]}"')
    assert answer("domains", "verify", *DOMAIN)["proved"] is True
    (listed,) = answer("domains", "list", "--tenant", "globex")["domains"]
    assert (listed["domain"], listed["proved"]) == ("globex.example", True)


def test_no_answer_of_the_dns_is_said_to_be_none(run: Run, server: NameServer) -> None:
    run("domains", "add", *DOMAIN)
    server.rcode = dns.rcode.SERVFAIL
    done = run("domains", "verify", *DOMAIN)
    assert done.exit_code == 1
    assert "gives no answer" in done.stderr


@pytest.mark.usefixtures("proved")
def test_a_check_says_what_is_missed(run: Run, answer: Answer, server: NameServer) -> None:
    (seen,) = answer("domains", "check", "--tenant", "globex")["domains"]
    assert seen["missing_since"] is None
    server.zone.clear()
    assert "record missing since" in run("domains", "check", "--tenant", "globex").stdout
    server.rcode = dns.rcode.SERVFAIL
    done = run("domains", "check", "--tenant", "globex")
    assert done.exit_code == 1
    assert "globex.example" in done.stderr


@pytest.mark.usefixtures("proved")
def test_people_of_a_domain_are_sent_to_a_connection_and_back(run: Run, answer: Answer) -> None:
    made = answer(
        "connections", "create", "corp", "--tenant", "globex", "--kind", "oidc", "--label", "Corp",
        "--client-id", "ours", "--server", "https://op.example",
    )  # fmt: skip
    routed = answer("domains", "route", *DOMAIN, "--connection", "corp")
    assert routed["connection_id"] == made["id"]
    assert answer("domains", "route", *DOMAIN, "--nowhere")["connection_id"] is None
    for wrong in ((), ("--connection", "corp", "--nowhere")):
        assert run("domains", "route", *DOMAIN, *wrong).exit_code == 2
    done = run("domains", "route", *DOMAIN, "--connection", "other")
    assert done.exit_code == 1
    assert "no connection 'other'" in done.stderr


@pytest.mark.attack("ATK-022")
@pytest.mark.usefixtures("proved")
def test_another_tenant_reaches_nothing_of_it(run: Run, answer: Answer) -> None:
    theirs = ("globex.example", "--tenant", "initech")
    for command in (["verify"], ["remove"], ["route", "--nowhere"]):
        done = run("domains", command[0], *theirs, *command[1:])
        assert done.exit_code == 1
        assert "not among those of the tenant" in done.stderr
    answer("domains", "add", *theirs)
    assert "not there yet" in run("domains", "verify", *theirs).stderr
    assert answer("domains", "list", "--tenant", "globex")["domains"][0]["proved"] is True


@pytest.mark.parametrize("domain", ["gmail.com", "localhost", "com", "a@globex.example"])
def test_what_is_nobodys_own_is_refused(run: Run, domain: str) -> None:
    assert run("domains", "add", domain, "--tenant", "globex").exit_code == 1


@pytest.mark.usefixtures("proved")
def test_a_domain_is_given_up(run: Run, answer: Answer) -> None:
    assert run("domains", "remove", *DOMAIN).exit_code == 0
    assert answer("domains", "list", "--tenant", "globex")["domains"] == []
