"""How a job in the background stands, as screens say it."""

from flask_babel import gettext as _

from authserver.admin.console.parts.values import Badge, Tone
from authserver.jobs.values import State

_TONES = {State.DONE: Tone.GOOD, State.FAILED: Tone.BAD, State.CANCELLED: Tone.WARN}


def badge(state: State) -> Badge:
    """Return how it stands."""
    words = {
        State.RECEIVING: _("Receiving"),
        State.WAITING: _("Waiting"),
        State.RUNNING: _("Running"),
        State.DONE: _("Done"),
        State.FAILED: _("Failed"),
        State.CANCELLED: _("Called off"),
    }
    return Badge(words[state], _TONES.get(state, Tone.PLAIN))
