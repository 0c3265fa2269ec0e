"""`authserver webhooks`."""

from collections.abc import Callable
from typing import Any

from click.testing import Result

Run = Callable[..., Result]
Answer = Callable[..., dict[str, Any]]

OF_ACME = ("--tenant", "acme")


def test_a_webhook_lives_by_commands(run: Run, answer: Answer) -> None:
    answer("tenants", "create", "acme", "--name", "Acme", "--type", "customer")
    create = ("webhooks", "create", "https://shop.example/hooks", *OF_ACME)
    made = answer(*create, "--event", "user.*")
    assert made["secret"].startswith("whsec_")
    assert run(*create, "--event", "nothing.*").exit_code == 1
    one = (made["id"], *OF_ACME)
    assert "user.created" in answer("webhooks", "events")["events"]
    assert answer("webhooks", "set", *one, "--event", "*")["events"] == ["*"]
    assert run("webhooks", "set", *one).exit_code == 2
    assert answer("webhooks", "rotate-secret", *one)["secret"] != made["secret"]
    answer("webhooks", "test", *one)
    assert answer("webhooks", "pause", *one)["paused_reason"] == "by_hand"
    assert run("webhooks", "test", *one).exit_code == 1
    assert "paused" in run("webhooks", "list", *OF_ACME).stdout
    assert answer("webhooks", "resume", *one)["paused_at"] is None
    listed = answer("webhooks", "deliveries", *one, "--state", "waiting")["deliveries"]
    tests = [found for found in listed if found["event_type"] == "webhook.tested"]
    assert len(tests) == 1
    again = answer("webhooks", "replay", made["id"], tests[0]["id"], *OF_ACME)
    assert again["replayed"] == [tests[0]["id"]]
    assert answer("webhooks", "replay", *one, "--failed")["replayed"] == []
    assert run("webhooks", "replay", *one).exit_code == 2
    assert run("webhooks", "replay", made["id"], "whd_nobody", *OF_ACME).exit_code == 1
    answer("webhooks", "delete", *one)
    assert "no webhooks" in run("webhooks", "list", *OF_ACME).stdout
