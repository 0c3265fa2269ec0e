"""The worker and a real mail server: how often, when, and until when a mail is sent."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP
from types import SimpleNamespace

import pytest

from authserver.core.problems import Unavailable
from authserver.delivery import worker as worker_module
from authserver.delivery.mail import Brand, Renderer
from authserver.delivery.queue import LEASE, MAX_ATTEMPTS, Outbox
from authserver.delivery.transport import Unreachable
from tests.support.mailserver import Certificate, MailServer, way_to
from tests.support.process import free_port


@pytest.fixture
def posted(post: SimpleNamespace, server: MailServer, certificate: Certificate) -> SimpleNamespace:
    """An outbox whose way out is the mail server."""
    post.transport = way_to(server, certificate, timeout=1.0)
    return post


class Lines(list[dict[str, object]]):
    """What the worker logs."""

    def info(self, event: str, **fields: object) -> None:
        self.append({"event": event} | fields)

    warning = exception = info


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Lines:
    made = Lines()
    monkeypatch.setattr(worker_module, "_log", made)
    return made


def state(post: SimpleNamespace) -> str:
    (row,) = post.rows()
    return "sent" if row.sent_at else "failed" if row.failed_at else "waiting"


def test_what_is_refused_for_now_is_sent_later(posted: SimpleNamespace, server: MailServer) -> None:
    posted.enqueue()
    server.replies["RCPT"] = ["451 greylisted"]
    assert posted.worker().deliver_due() == 0
    assert posted.rows()[0].last_error == "451 to RCPT"
    posted.clock.advance(seconds=30)
    assert posted.worker().deliver_due() == 1
    assert state(posted) == "sent"
    assert len(server.received) == 1


def test_what_is_refused_for_good_is_given_up_at_once(
    posted: SimpleNamespace, server: MailServer, lines: Lines
) -> None:
    posted.enqueue()
    server.replies["RCPT"] = ["550 no ada@example.com here"]
    posted.worker().deliver_due()
    assert lines[0] == {
        "event": "mail_failed",
        "message": posted.rows()[0].id,
        "error": "550 to RCPT",
        "dead": True,
    }
    assert state(posted) == "failed"
    assert posted.rows()[0].last_error == "550 to RCPT"
    assert "ada" not in str(lines)
    posted.clock.advance(days=30)
    assert posted.worker().deliver_due() == 0
    assert server.steps.count("RCPT") == 1


def test_a_mail_that_may_have_arrived_comes_again_with_the_same_message_id(
    posted: SimpleNamespace, server: MailServer
) -> None:
    message_id = posted.enqueue()
    server.replies["DATA"] = ["die"]
    posted.worker().deliver_due()
    assert state(posted) == "waiting"
    posted.clock.advance(seconds=30)
    posted.worker().deliver_due()
    ids = [
        message_from_bytes(one.original_content, policy=SMTP)["Message-ID"]
        for one in server.received
    ]
    assert ids == [f"<{message_id}@id.example.com>"] * 2
    assert state(posted) == "sent"


def test_a_server_that_is_away_costs_one_message_one_attempt(
    posted: SimpleNamespace, certificate: Certificate
) -> None:
    way = posted.transport
    posted.transport = way_to(free_port(), certificate)
    for number in range(5):
        posted.enqueue(f"p{number}@example.com")
    assert posted.worker().deliver_due() == 0
    assert sorted(row.attempts for row in posted.rows()) == [0, 0, 0, 0, 1]
    assert {row.claimed_until for row in posted.rows()} == {None}
    posted.transport = way
    posted.clock.advance(seconds=30)
    assert posted.worker().deliver_due() == 5


def test_a_worker_that_ends_finishes_one_and_gives_the_others_back(
    post: SimpleNamespace,
) -> None:
    for number in range(5):
        post.enqueue(f"p{number}@example.com")
    worker, send = post.worker(), post.send

    def last(message_id: str, message: object) -> None:
        worker.end()
        send(message_id, message)

    post.send = last
    assert worker.deliver_due() == 1
    assert sorted(row.attempts for row in post.rows()) == [0, 0, 0, 0, 1]
    assert post.worker().deliver_due() == 4, "the others were not free at once"


def test_what_another_worker_could_begin_with_is_not_begun(post: SimpleNamespace) -> None:
    """A slow batch: the leases of its end run out before their turn comes."""
    for number in range(4):
        post.enqueue(f"p{number}@example.com")
    send, begun = post.send, []

    def slow(message_id: str, message: object) -> None:
        begun.append((message_id, post.clock.now()))
        post.clock.advance(seconds=100)
        send(message_id, message)

    post.send = slow
    assert post.worker().deliver_due() == 4
    assert len(set(begun)) == 4
    assert {row.attempts for row in post.rows()} == {1}
    starts = [moment for _, moment in begun]
    assert starts[1] - starts[0] < LEASE - timedelta(minutes=2)


def test_what_left_while_the_database_was_away_is_noted_and_not_sent_again(
    posted: SimpleNamespace, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted.enqueue()
    worker = posted.worker()

    def away(_: object) -> None:
        raise Unavailable(detail="database")

    with monkeypatch.context() as patched:
        patched.setattr(posted.outbox, "sent", away)
        with pytest.raises(Unavailable):
            worker.deliver_due()
    posted.clock.advance(minutes=5)
    assert worker.deliver_due() == 1
    assert state(posted) == "sent"
    assert len(server.received) == 1


def test_a_late_word_of_a_slow_worker_changes_nothing(post: SimpleNamespace) -> None:
    post.enqueue()
    (slow,) = post.outbox.claim()
    post.clock.advance(minutes=5)
    (fast,) = post.outbox.claim()
    for late in (post.outbox.sent, lambda claim: post.outbox.release([claim])):
        late(slow)
        assert (post.rows()[0].sent_at, post.rows()[0].claimed_until) == (None, fast.until)
    post.outbox.sent(fast)
    post.outbox.given_up(slow, "too late")
    assert state(post) == "sent"


def test_three_days_pass_until_a_mail_is_given_up(post: SimpleNamespace) -> None:
    post.enqueue()
    post.refuse.add("ada@example.com")
    began, attempts = post.clock.now(), []
    while state(post) == "waiting":
        post.clock.time = post.rows()[0].due_at
        attempts.append(post.clock.now() - began)
        post.worker().deliver_due()
    assert len(attempts) == MAX_ATTEMPTS
    assert timedelta(days=3) <= attempts[-1] < timedelta(days=3, hours=6)


def test_retries_are_spread(post: SimpleNamespace) -> None:
    outbox = Outbox(post.database, post.clock, spread=lambda: 1.0)
    post.enqueue()
    post.refuse.add("ada@example.com")
    post.worker(outbox).deliver_due()
    assert post.rows()[0].due_at - post.clock.now() == timedelta(seconds=33)


def test_what_kills_its_worker_each_time_is_given_up(post: SimpleNamespace) -> None:
    post.enqueue()
    for _ in range(MAX_ATTEMPTS):
        assert len(post.outbox.claim()) == 1
        post.clock.advance(minutes=5)
    assert post.outbox.claim() == []
    assert (state(post), post.rows()[0].last_error) == ("failed", "the worker died")


def test_mail_that_piles_up_is_said_once_in_a_while(
    post: SimpleNamespace, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = post.clock.now()

    def away(*_: object) -> None:
        raise Unreachable("connection refused")

    post.send = away
    post.enqueue()
    post.clock.advance(seconds=1)
    post.enqueue()
    worker = post.worker()
    monkeypatch.setattr(worker_module, "_LOOK_EVERY", 0.0)

    def said(turns: int) -> list[dict[str, object]]:
        monkeypatch.setattr(worker, "_bell", Turns(worker, turns))
        worker._over.clear()  # noqa: SLF001  what `start` does
        worker.run()
        return [line for line in lines if line["event"] == "mail_backlog"]

    assert said(1) == []
    post.clock.advance(minutes=5)
    post.enqueue()
    (line,) = said(3)
    assert (line["waiting"], line["oldest"]) == (3, began.isoformat())


class Turns:
    """A bell that ends the worker after so many turns."""

    def __init__(self, worker: worker_module.MailWorker, turns: int) -> None:
        self._worker, self._left = worker, turns

    def clear(self) -> None:
        self._left -= 1

    def wait(self, _: float) -> None:
        if not self._left:
            self._worker.end()

    def set(self) -> None:
        pass


def test_a_mail_has_the_name_and_the_language_of_its_tenant(post: SimpleNamespace) -> None:
    brands = {post.tenant.id: Brand("Acme Cloud", "fr-CA", "acme.example")}
    post.render = Renderer("https://id.example.com", clock=post.clock, brand_of=brands.__getitem__)
    post.enqueue()
    post.worker().deliver_due()
    (file,) = post.folder.iterdir()
    message = message_from_bytes(file.read_bytes(), policy=SMTP)
    for kind in ("plain", "html"):
        body = message.get_body((kind,)).get_content()
        assert "Bonjour Ada" in body
        assert "Acme Cloud · acme.example" in body
        assert "//acme.example" not in body
