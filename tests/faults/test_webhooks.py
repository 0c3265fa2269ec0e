"""`authserver worker` is killed while it delivers: what was under way comes again, nothing else."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from authserver.audit.events import Actor, Event, EventType
from authserver.core.clock import SystemClock
from authserver.core.ids import new_id
from authserver.settings import Settings
from authserver.webhooks.models import WebhookDelivery
from authserver.webhooks.service import NewWebhook
from authserver.wiring.services import build
from tests.conftest import process_database
from tests.support.process import Installation, Worker, make_installation, wait_for
from tests.webhooks.receiving import Receivers, listening

pytestmark = pytest.mark.processes

PLACES, EACH = 8, 8
_Row = WebhookDelivery


class Telling:
    """An installation in processes, a tenant of it with a webhook, and its receiver."""

    def __init__(self, installation: Installation, there: Receivers) -> None:
        self.installation, self.there = installation, there
        more = {"database_url": installation.database_url} if installation.database_url else {}
        settings = Settings(data_dir=installation.data_dir, issuer=installation.issuer, **more)
        self.services = build(settings, SystemClock())
        self.tenant_id = self.services.caches.tenants.get("acme").id
        self.actor = Actor("operator", self.tenant_id, new_id("cor"))
        new = NewWebhook(f"{there.url}/rcv", ["client.changed"])
        self.services.database.write(
            lambda tx: self.services.webhooks.service.create(
                tx, self.tenant_id, new, actor=self.actor
            )
        )
        self.services.watch.changed()

    def happen(self) -> dict[str, list[str]]:
        """Let things happen in many places, and return the events' ids by their place."""
        told: dict[str, list[str]] = {f"client:{number}": [] for number in range(PLACES)}
        for _ in range(EACH):
            for place, ids in told.items():
                ids.append(self._record(place))
        return told

    def _record(self, place: str) -> str:
        event = Event(EventType.CLIENT_CHANGED, self.tenant_id, self.actor, resource=place)
        return str(
            self.services.database.write(lambda tx: self.services.trail.record(tx, event)).id
        )

    def under_way(self) -> set[str]:
        """Return the events that are claimed, and let their leases run out."""
        claimed = (_Row.claimed_until.is_not(None), _Row.sent_at.is_(None))
        past = SystemClock().now() - timedelta(seconds=1)

        def job(tx: Any) -> set[str]:
            found = set(tx.platform().scalars(select(_Row.event_id).where(*claimed)))
            tx.platform().execute(update(_Row).where(*claimed).values(claimed_until=past))
            return found

        return self.services.database.write(job)

    def open_rows(self) -> int:
        """Return how many deliveries are not made yet."""
        with self.services.database.read() as view:
            return len(view.platform().scalars(select(_Row.id).where(_Row.sent_at.is_(None))).all())


@pytest.fixture
def telling(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Telling]:
    with process_database(database_kind) as url, listening() as there:
        made = make_installation(tmp_path_factory.mktemp("webhooks"), url)
        made.tenant("acme")
        made = replace(made, settings={"AUTHSERVER_WORKER": "external"})
        telling = Telling(made, there)
        yield telling
        telling.services.database.close()


def test_a_killed_worker_loses_nothing_and_repeats_what_was_under_way(telling: Telling) -> None:
    there = telling.there

    def slowly(handler: Any) -> None:
        time.sleep(0.05)
        handler.send_response(204)
        handler.end_headers()

    there.behaviour["rcv"] = slowly
    told = telling.happen()
    every = {one for ids in told.values() for one in ids}
    with Worker(telling.installation, "first") as first:
        wait_for(lambda: len(there.got) >= len(every) // 3, "a third to be told")
        first.kill()
    assert len({one.id for one in there.got}) < len(every), "it was killed in the middle"
    repeated = telling.under_way()
    workers = (Worker(telling.installation, "second"), Worker(telling.installation, "third"))
    with workers[0], workers[1]:
        wait_for(lambda: {one.id for one in there.got} == every, "everything to be told")
        wait_for(lambda: not telling.open_rows(), "everything to be settled")
    counts = Counter(one.id for one in there.got)
    assert {one for one, count in counts.items() if count > 1} <= repeated
    for ids in told.values():
        heard = [one.id for one in there.got if one.id in ids]
        assert list(dict.fromkeys(heard)) == ids, "in order"
