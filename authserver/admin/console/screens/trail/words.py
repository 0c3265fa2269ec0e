"""What events are called: their catalogue's sentences, in the language of who reads them."""

import re

from flask_babel import gettext as _

from authserver.audit.catalogue import EventType

_DOCS = {event.value: event.doc for event in EventType}
_END = re.compile(r"\s*[:;]")


def sentence(event: str) -> str:
    """Return what happened; of an event that this release does not know, its name."""
    return str(_(_DOCS[event])) if event in _DOCS else event


def headline(event: str) -> str:
    """Return what happened as lists say it: without what is explained behind a colon."""
    return _END.split(sentence(event), maxsplit=1)[0]


def headlines() -> dict[str, str]:
    """Return every event there is by its type, sorted as people look for it."""
    found = {event: headline(event) for event in _DOCS}
    return dict(sorted(found.items(), key=lambda one: one[1].casefold()))
