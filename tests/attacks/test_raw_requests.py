"""Requests that no client library would send, byte by byte, to a real server process."""

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests

from tests.support.process import Person, ServerProcess, make_installation, wait_for

pytestmark = pytest.mark.processes

DOCUMENT = "/.well-known/openid-configuration"
EVIL = "evil.test"
# How a request may say that it is for another host: the target of its first line, its Host lines.
LIES = {
    "an absolute target": (f"http://{EVIL}{{path}}", ["{host}"]),
    "an absolute target with another port": ("http://localhost:1{path}", ["{host}"]),
    "an absolute target with a name before it": (f"http://{{host}}@{EVIL}{{path}}", ["{host}"]),
    "an absolute target and host": (f"http://{EVIL}{{path}}", [EVIL]),
    "another host after ours": ("{path}", ["{host}", EVIL]),
    "another host before ours": ("{path}", [EVIL, "{host}"]),
    "no host": ("{path}", []),
    "a target without a scheme": (f"//{EVIL}{{path}}", ["{host}"]),
}
COOKIES = (
    "={name}={token}",
    "a=b; ={name}={token}",
    "{name}=x; {name}={token}",
    "{name}={token}; {name}=x",
    "{name}\t={token}; {name}=x",
    "{name}=x;{name}={token}",
    "{name}=x\r\nCookie: {name}={token}",
    "{name}={token}\r\nCookie: {name}=x",
)


@dataclass(frozen=True)
class Site:
    """A server process, where its mails lie, and somebody who has an account."""

    server: ServerProcess
    folder: Path
    person: Person

    @property
    def host(self) -> str:
        return self.server.base.removeprefix("http://")

    def say(self, lie: str, path: str, body: str = "", *more: str) -> bytes:
        """Send a request that lies, and return the whole answer."""
        target, hosts = LIES[lie]
        lines = [f"{'POST' if body else 'GET'} {target.format(path=path, host=self.host)} HTTP/1.1"]
        lines += [f"Host: {host.format(host=self.host)}" for host in hosts]
        return self.send([*lines, *more], body)

    def send(self, lines: list[str], body: str = "") -> bytes:
        length = [f"Content-Length: {len(body)}"] if body else []
        said = "\r\n".join([*lines, *length, "Connection: close", "", body])
        with socket.create_connection(("127.0.0.1", self.server_port), timeout=30) as wire:
            wire.sendall(said.encode())
            return b"".join(iter(lambda: wire.recv(65536), b""))

    @property
    def server_port(self) -> int:
        return int(self.host.rpartition(":")[2])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run a server that keeps its mails in a folder."""
    made = make_installation(tmp_path_factory.mktemp("raw"), recovery_mails="100")
    person = made.person(made.tenant("orchid", "customer"))
    with ServerProcess(made) as server:
        yield Site(server, made.data_dir / "mail", person)


@pytest.mark.attack("ATK-089")
@pytest.mark.parametrize("lie", LIES)
def test_no_first_line_and_no_host_changes_what_the_server_says(site: Site, lie: str) -> None:
    honest = requests.get(site.server.base + DOCUMENT, timeout=30).content
    head, _, body = site.say(lie, DOCUMENT).partition(b"\r\n\r\n")
    refused = re.match(rb"HTTP/1\.[01] 4\d\d ", head)
    assert refused or honest in body
    assert EVIL.encode() not in head + body


@pytest.mark.attack("ATK-089")
@pytest.mark.parametrize("lie", LIES)
def test_no_link_in_a_mail_leads_elsewhere(site: Site, lie: str) -> None:
    visit = requests.Session()
    page = visit.get(f"{site.server.base}/login/recover?to=overview", timeout=30)
    fields = hidden_fields(page.text)
    cookies = "; ".join(f"{name}={value}" for name, value in visit.cookies.items())
    before = set(site.folder.glob("*.eml"))
    answer = site.say(
        lie,
        "/login/recover",
        urlencode({**fields, "email": site.person.email}),
        "Content-Type: application/x-www-form-urlencoded",
        f"Origin: {site.server.base}",
        f"Cookie: {cookies}",
    )
    assert EVIL.encode() not in answer
    if re.match(rb"HTTP/1\.[01] 4\d\d ", answer):
        return
    wait_for(lambda: len(set(site.folder.glob("*.eml")) - before) == 1, "the mail")
    (letter,) = set(site.folder.glob("*.eml")) - before
    mail = message_from_bytes(letter.read_bytes(), policy=default)
    texts = [part.get_content() for part in mail.walk() if not part.is_multipart()]
    links = [link for text in texts for link in re.findall(r"https?://[^\s\"<>]+token=", text)]
    assert set(links) == {f"{site.server.base}/login/recover/new?token="}
    assert EVIL not in "".join(texts)


@pytest.fixture(scope="module")
def session(site: Site) -> tuple[str, str]:
    """Sign the person in, and return name and value of the session's cookie."""
    visit = requests.Session()
    page = visit.get(f"{site.server.base}/login/password?to=overview", timeout=30)
    who = {"email": site.person.email, "password": site.person.password}
    home = visit.post(
        f"{site.server.base}/login/password",
        data={**hidden_fields(page.text), **who},
        headers={"Origin": site.server.base},
        timeout=30,
    )
    assert site.person.email in home.text
    ((name, token),) = [pair for pair in visit.cookies.items() if pair[0].endswith("as-session")]
    return name, token


def hidden_fields(html: str) -> dict[str, str]:
    """Return what a page's form carries."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))


@pytest.mark.attack("ATK-067")
@pytest.mark.parametrize("forged", COOKIES)
def test_a_forged_cookie_is_nobodys_session(
    site: Site, session: tuple[str, str], forged: str
) -> None:
    name, token = session
    cookie = forged.format(name=name, token=token)
    for path in ("/", "/account", "/login/logout"):
        answer = site.send([f"GET {path} HTTP/1.1", f"Host: {site.host}", f"Cookie: {cookie}"])
        assert re.match(rb"HTTP/1\.[01] 400 ", answer), answer[:200]
        assert site.person.email.encode() not in answer


@pytest.mark.attack("ATK-067")
def test_the_cookie_as_it_was_given_is_the_session(site: Site, session: tuple[str, str]) -> None:
    """Without this the refusals above would say nothing."""
    cookie = "=".join(session)
    answer = site.send(["GET / HTTP/1.1", f"Host: {site.host}", f"Cookie: {cookie}"])
    assert site.person.email.encode() in answer
