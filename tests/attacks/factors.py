"""What the attacks on the second factor look at."""

from sqlalchemy import select

from authserver.delivery.models import OutboxMessage
from tests.support.browser import Browser
from tests.support.world import UserFixture, World

SESSION, MFA = "__Host-as-session", "urn:authserver:acr:mfa"


def has_session(browser: Browser) -> bool:
    """Tell whether the browser holds a session's cookie."""
    return browser.http.get_cookie(SESSION, "auth.example") is not None


def mails(world: World, user: UserFixture, template: str) -> int:
    """Return how many mails of a kind a person got."""
    wanted = select(OutboxMessage).where(
        OutboxMessage.user_id == user.id, OutboxMessage.template == template
    )
    with world.services.database.read() as view:
        return len(view.platform().scalars(wanted).all())
