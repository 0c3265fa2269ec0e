"""What people agree to with an account, made by themselves or by an invitation."""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import get_locale

from authserver.audit.events import Actor
from authserver.core.database.engine import Transaction
from authserver.links.newcomers import House
from authserver.privacy.consents.service import ConsentRecords
from authserver.privacy.consents.values import Act, Decision, Text


@dataclass(frozen=True)
class Documents:
    """Addresses of the terms and of the policy, where there are, and who agreed to them."""

    terms: str
    policy: str
    records: ConsentRecords

    def agreed(self, house: House) -> Callable[[Transaction, str, Actor], None]:
        """Return what notes that somebody agreed to what the page of a tenant says now."""
        text = self._text(house)

        def note(transaction: Transaction, tenant_id: str, person: Actor) -> None:
            if text is not None:
                decision = Decision(Act.GRANTED, text=text)
                self.records.add(transaction, tenant_id, decision, actor=person)

        return note

    def _text(self, house: House) -> Text | None:
        links = [url for url in (self.terms, self.policy) if url]
        return Text(str(get_locale() or ""), house.name, links=links) if links else None
