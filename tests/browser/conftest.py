"""A browser, the demo it looks at, a page that is watched, and mail that goes by a real server."""

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from tests.support.chromium import watched_page
from tests.support.demo import Demo, running_demo
from tests.support.mailserver import PASSWORD, USER, MailServer, make_certificate, running
from tests.support.process import Installation, ServerProcess, make_installation, wait_for


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Run the demo once for all tests of a worker."""
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture(params=[True, False], ids=["with-scripts", "without-scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    """Tell whether the browser runs scripts."""
    return bool(request.param)


@pytest.fixture
def page(chromium: Browser, *, scripts: bool) -> Iterator[Page]:
    """Open a page that must complain of nothing and speak to nobody else (R-16)."""
    with watched_page(chromium, java_script_enabled=scripts) as (opened, watch):
        yield opened
    assert watch.complaints == []
    assert watch.strangers == []


@dataclass(frozen=True)
class Post:
    """A mail server with TLS and a password, and an installation that sends by it."""

    mail: MailServer
    installation: Installation

    def next_letter(self) -> EmailMessage:
        """Wait for a mail, and take it."""
        wait_for(lambda: bool(self.mail.received), "a mail")
        envelope = self.mail.received.pop(0)
        letter = message_from_bytes(bytes(envelope.content), policy=default)
        assert envelope.rcpt_tos == [letter["To"]]
        return letter


@pytest.fixture(scope="session")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    """Run a mail server, and a server with a tenant that sends by it from its own process."""
    folder = tmp_path_factory.mktemp("post")
    certificate = make_certificate(folder / "certificate")
    with running(certificate, auth=True) as mail:
        secret = quote(PASSWORD, safe="")
        made = make_installation(
            folder,
            smtp_url=f"smtp://{USER}:{secret}@localhost:{mail.port}",
            smtp_ca_file=str(certificate.path),
        )
        made.tenant("orchid", "customer")
        with ServerProcess(made):
            yield Post(mail, made)


def link_in(letter: EmailMessage) -> str:
    """Return the one link with a token in a mail."""
    body = letter.get_body(("plain",))
    assert body is not None
    (link,) = [word for word in body.get_content().split() if "token=" in word]
    return str(link)
