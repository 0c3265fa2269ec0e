"""Words and URLs that screens of webhooks share."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from authserver.admin.api.webhooks.shown import DeliveryShown, WebhookShown
from authserver.admin.console.parts.values import Badge, Tone

ALL = "/tenants/<tenant_id>/webhooks"
ONE = f"{ALL}/<webhook_id>"


def state(one: WebhookShown) -> Badge:
    """Return how an endpoint is."""
    if one.paused_reason == "by_hand":
        return Badge(_("Paused"))
    if one.paused_at is not None:
        return Badge(_("Paused: it failed"), Tone.BAD)
    return Badge(_("Failing"), Tone.WARN) if one.failures else Badge(_("Active"), Tone.GOOD)


def why_paused(one: WebhookShown) -> str:
    """Return what to know of an endpoint that is sent nothing."""
    words = {
        "by_hand": _("Nothing is sent until it is resumed; what happens waits for thirty days."),
        "failing": _("It took no message for three days. What happens waits for thirty days."),
        "gone": _("It answered that it takes no messages any more (410). What happens waits."),
    }
    return words[one.paused_reason] if one.paused_reason else ""


def delivery_states() -> dict[str, str]:
    """Return the states of deliveries in words."""
    return {
        "waiting": _("Waiting"),
        "sending": _("Being sent"),
        "failed": _("Given up"),
        "sent": _("Delivered"),
    }


def delivery_state(one: DeliveryShown) -> Badge:
    """Return how a delivery is."""
    tones = {"failed": Tone.BAD, "sent": Tone.GOOD}
    retried = one.state == "waiting" and one.attempts > 0
    tone = Tone.WARN if retried else tones.get(one.state, Tone.PLAIN)
    return Badge(_("Tried again later") if retried else delivery_states()[one.state], tone)


def path_of(tenant_id: str, webhook_id: str) -> dict[str, str]:
    """Return the ids of an endpoint's path."""
    return {"tenant_id": tenant_id, "webhook_id": webhook_id}


def url(tenant_id: str, webhook_id: str, screen: str = "webhook", **more: str) -> str:
    """Return where a screen of an endpoint is."""
    values: dict[str, Any] = {**path_of(tenant_id, webhook_id), **more}
    return url_for(f"console.{screen}", **values)
