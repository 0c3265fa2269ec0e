"""What a person allowed, refused and took back, as the page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from authserver.account.access import Visitor
from authserver.account.views import Moment, device_in_words, moment
from authserver.core.database.engine import Database
from authserver.core.net.browsers import recognise
from authserver.privacy.consents.service import ConsentRecords
from authserver.privacy.consents.values import Act, Recorded


@dataclass(frozen=True)
class DecisionView:
    """A decision. `version` is the beginning of the hash of the text that was read."""

    about: str
    act: str
    good: bool
    when: Moment
    permissions: tuple[tuple[str, str], ...]
    links: tuple[str, ...]
    version: str
    address: str
    browser: str


@dataclass(frozen=True)
class Allowed:
    """Reads the record for the page."""

    database: Database
    records: ConsentRecords

    def of(self, who: Visitor) -> list[DecisionView]:
        """Return everything, the latest first."""
        with self.database.read() as view:
            found = self.records.of_person(view, who.tenant_id, who.id)
        names = {one.client_id: _client(one) for one in reversed(found) if one.text}
        return [_view(one, names.get(one.client_id, "")) for one in found]


def _view(one: Recorded, name: str) -> DecisionView:
    words = {
        Act.GRANTED: _("Allowed"),
        Act.DENIED: _("Denied"),
        Act.WITHDRAWN: _("Taken back"),
    }
    text: Mapping[str, Any] = one.text or {}
    return DecisionView(
        about=name or one.client_id or "",
        act=words[one.act],
        good=one.act is Act.GRANTED,
        when=moment(one.decided_at),
        permissions=tuple((title, said) for title, said in text.get("permissions", ())),
        links=tuple(text.get("links", ())),
        version=(one.text_hash or "")[:12],
        address=one.address,
        browser=device_in_words(recognise(one.user_agent)) if one.user_agent else "",
    )


def _client(one: Recorded) -> str:
    return str((one.text or {}).get("client", ""))
