"""`authserver demo` on free ports: the server, the demo application and the demo API."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from tests.support.process import Installation, Process, free_port, wait_for

PASSWORD = "Correct-Horse-7"


@dataclass(frozen=True)
class Demo:
    """Where the three are."""

    installation: Installation
    application: str
    api: str

    @property
    def issuer(self) -> str:
        return self.installation.issuer


class DemoProcess(Process):
    """`authserver demo`, ready when it says so.

    An application answers sooner, but with what was left of another demo it begins once more.
    """

    def _answers(self) -> bool:
        return super()._answers() and "Ctrl-C ends it" in self.said()


@contextmanager
def running_demo(folder: Path, ports: Sequence[int] = ()) -> Iterator[Demo]:
    """Run the demo with its data in a folder. `ports`: server, application, API."""
    demo, process = demo_in(folder, ports)
    with process:
        yield demo


def demo_in(folder: Path, ports: Sequence[int] = ()) -> tuple[Demo, DemoProcess]:
    """Return where the demo is, and its process, which is not started yet."""
    folder.mkdir(parents=True, exist_ok=True)
    server, application, api = ports or (free_port(), free_port(), free_port())
    made = Installation(folder / "data", port=server)
    demo = Demo(made, f"http://localhost:{application}", f"http://localhost:{api}")
    here = {
        "DEMO_RELYING_PARTY": demo.application,
        "DEMO_RESOURCE_SERVER": demo.api,
        "AUTHSERVER_TRAIL_ANCHORS": f"elsewhere=file:{folder / 'checkpoints.ndjson'}",
    }
    command = [sys.executable, "-m", "authserver.cli", "demo"]
    environment = {**made.environment, **here}
    log = folder / "demo.log"
    log.unlink(missing_ok=True)
    return demo, DemoProcess(command, environment, url=demo.application, log=log)


def mailed_link(demo: Demo, address: str) -> str:
    """Return the link in the only mail with one to an address, once it lies in the folder."""
    wait_for(lambda: bool(_links(demo, address)), f"a mail to {address}")
    (link,) = _links(demo, address)
    return link


def newly_mailed_link(demo: Demo, address: str, ask: Callable[[], object]) -> str:
    """Do what sends a mail, and return its link, whatever was sent to the address before."""
    before = set(_links(demo, address))
    ask()
    wait_for(lambda: not before.issuperset(_links(demo, address)), f"a mail to {address}")
    (link,) = set(_links(demo, address)) - before
    return link


def _links(demo: Demo, address: str) -> list[str]:
    files = [file.read_bytes() for file in (demo.installation.data_dir / "mail").glob("*.eml")]
    mails = [message_from_bytes(f, policy=default) for f in files if address.encode() in f]
    texts = [m.get_body(("plain",)).get_content() for m in mails if m["To"] == address]
    return [
        word for text in texts for word in text.split() if re.search(r"[?&](token|about)=", word)
    ]
