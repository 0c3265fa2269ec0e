from datetime import timedelta
from threading import Event, Thread
from types import SimpleNamespace

import pytest

from authserver.core.database.engine import Database
from authserver.core.problems import Problem
from authserver.delivery import worker as worker_module
from authserver.delivery.outbox import Message, enqueue
from authserver.delivery.worker import MAX_ATTEMPTS, Outbox


def test_a_message_leaves_once_and_what_it_said_does_not_stay(post: SimpleNamespace) -> None:
    post.enqueue()
    assert post.worker().deliver_due() == 1
    assert post.worker().deliver_due() == 0
    (row,) = post.rows()
    assert row.sent_at == post.clock.now()
    assert row.content == b""
    assert post.sent == ["ada@example.com"]


def test_a_message_exists_only_if_its_transaction_does(post: SimpleNamespace) -> None:
    message = Message(tenant_id=post.tenant.id, user_id=None, to="a@example.com", template="x")
    keyring, now = post.installation.keyring, post.clock.now()

    def job(problem: Exception) -> None:
        def write(transaction: object) -> None:
            enqueue(transaction, message, keyring=keyring, now=now)
            raise problem

        post.database.write(write)

    with pytest.raises(ValueError, match="undone"):
        job(ValueError("undone"))
    assert post.rows() == []
    with pytest.raises(Problem):
        job(Problem("refused, and yet true"))
    assert len(post.rows()) == 1


def test_the_stored_content_tells_nothing(post: SimpleNamespace) -> None:
    post.enqueue()
    (row,) = post.rows()
    assert b"ada" not in row.content.lower()
    assert b"203.0.113.9" not in row.content


def test_a_failure_is_tried_again_later_and_later(post: SimpleNamespace) -> None:
    post.enqueue()
    post.refuse.add("ada@example.com")
    pauses = []
    for _ in range(4):
        assert post.worker().deliver_due() == 0
        pauses.append(post.rows()[0].due_at - post.clock.now())
        post.clock.time = post.rows()[0].due_at
    assert pauses == [timedelta(seconds=seconds) for seconds in (30, 60, 120, 240)]
    post.refuse.clear()
    assert post.worker().deliver_due() == 1
    assert post.rows()[0].last_error is None


def test_before_its_time_a_failed_message_is_left_alone(post: SimpleNamespace) -> None:
    post.enqueue()
    post.refuse.add("ada@example.com")
    post.worker().deliver_due()
    post.refuse.clear()
    post.clock.advance(seconds=29)
    assert post.worker().deliver_due() == 0
    assert post.rows()[0].attempts == 1


def test_the_noted_error_does_not_hold_the_address(post: SimpleNamespace) -> None:
    post.enqueue()
    post.refuse.add("ada@example.com")
    post.worker().deliver_due()
    assert post.rows()[0].last_error == "OSError"


def test_a_poisoned_message_is_given_up_and_the_others_leave(post: SimpleNamespace) -> None:
    post.enqueue("first@example.com")
    poisoned = post.enqueue(values={"name": "no values for the template"})
    post.enqueue("last@example.com")
    for _ in range(MAX_ATTEMPTS + 3):
        post.worker().deliver_due()
        post.clock.advance(hours=7)
    assert sorted(post.sent) == ["first@example.com", "last@example.com"]
    (dead,) = [row for row in post.rows() if row.sent_at is None]
    assert (dead.id, dead.attempts, dead.last_error) == (poisoned, MAX_ATTEMPTS, "UndefinedError")


def test_a_header_cannot_be_smuggled_in(post: SimpleNamespace) -> None:
    post.enqueue("ada@example.com\r\nBcc: eve@example.com")
    assert post.worker().deliver_due() == 0
    assert post.rows()[0].last_error == "ValueError"


def test_the_message_of_a_dead_worker_is_taken_over_when_its_lease_is_over(
    post: SimpleNamespace,
) -> None:
    post.enqueue()
    (claim,) = post.outbox.claim()
    post.clock.advance(minutes=4, seconds=59)
    assert post.worker().deliver_due() == 0
    post.clock.advance(seconds=1)
    assert post.worker().deliver_due() == 1
    post.outbox.failed(claim, "a late word of the dead")
    assert post.rows()[0].sent_at is not None
    assert post.rows()[0].last_error is None


def test_a_worker_that_died_after_handing_over_causes_no_second_mail(
    post: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.enqueue()
    with monkeypatch.context() as patched:
        patched.setattr(post.outbox, "sent", lambda _: None)
        post.clock.advance(seconds=1)
        post.worker().deliver_due()
    post.clock.advance(minutes=5)
    post.worker().deliver_due()
    assert post.rows()[0].attempts == 2
    assert len(list(post.folder.iterdir())) == 1


def test_ten_processes_at_once_send_each_of_a_hundred_messages_once(post: SimpleNamespace) -> None:
    expected = sorted(f"p{number}@example.com" for number in range(100))
    for address in expected:
        post.enqueue(address)
    outboxes = [Outbox(Database(post.database.engine), post.clock) for _ in range(10)]
    threads = [Thread(target=post.worker(outbox).deliver_due) for outbox in outboxes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(post.sent) == expected
    assert {row.attempts for row in post.rows()} == {1}


def test_a_woken_worker_sends_and_a_stopped_one_has_ended(
    post: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived, send = Event(), post.send
    monkeypatch.setattr(worker_module, "_LOOK_EVERY", 3600)
    post.send = lambda *message: (send(*message), arrived.set())
    worker = post.worker()
    worker.start()
    for address in ("one@example.com", "two@example.com"):
        arrived.clear()
        post.enqueue(address)
        worker.wake()
        assert arrived.wait(30)
    worker.stop()
    post.enqueue("three@example.com")
    worker.wake()
    assert post.sent == ["one@example.com", "two@example.com"]


def test_a_worker_outlives_whatever_goes_wrong(
    post: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived, claim, calls = Event(), post.outbox.claim, []
    failures = [RuntimeError("a defect"), RuntimeError("another")]

    def broken_twice() -> object:
        calls.append(1)
        if failures:
            worker.wake()
            raise failures.pop()
        arrived.set()
        return claim()

    monkeypatch.setattr(post.outbox, "claim", broken_twice)
    worker = post.worker()
    worker.start()
    assert arrived.wait(30)
    worker.stop()
    assert len(calls) >= 3
