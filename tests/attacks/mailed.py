"""What attacks on mailed links begin with: a mail asked for, its link followed or used."""

from sqlalchemy import select
from werkzeug.test import TestResponse

from authserver.accounts.models import User
from authserver.accounts.service import find_by_email
from authserver.links.policy import Purpose
from tests.attacks.people import Scene
from tests.attacks.test_deactivation import user_disabled
from tests.support.browser import Browser, hidden
from tests.support.mails import links, path_of

NEW = "Better-Lantern-8"
TEMPLATES = {
    Purpose.RESET_PASSWORD: "new_password",
    Purpose.VERIFY_EMAIL: "verify_email",
    Purpose.UNLOCK: "account_locked",
    Purpose.CHANGE_EMAIL: "confirm_new_address",
    Purpose.KEEP_EMAIL: "address_will_change",
}


def ask(scene: Scene, email: str = "", prefix: str = "", **environ: str) -> TestResponse:
    """Ask for a mail from the sign-in page."""
    browser = Browser(scene.world, prefix)
    flow = browser.follow(browser.authorize(scene.client)).request.args["flow"]
    page = browser.get(f"{prefix}/login/recover", query_string={"flow": flow})
    data = {**hidden(page), "email": email or scene.person.email}
    return browser.post(f"{prefix}/login/recover", data=data, environ_overrides=environ)


def link_for(scene: Scene, purpose: Purpose) -> str:
    """Let the scene's person get a mail with such a link, and return the link."""
    if purpose is Purpose.RESET_PASSWORD:
        ask(scene)
    elif purpose is Purpose.UNLOCK:
        browser = Browser(scene.world)
        page = browser.follow(browser.authorize(scene.client))
        for _ in range(5):
            browser.sign_in(page, scene.person, password="Wrong-Horse-7")
    elif purpose in {Purpose.CHANGE_EMAIL, Purpose.KEEP_EMAIL}:
        want(scene, f"new-{scene.tenant.slug}@example.com")
    else:
        scene.person = scene.world.user(scene.tenant, verified=False)
        send_verification(scene)
    return links(scene.world, scene.person.id, TEMPLATES[purpose])[-1]


def want(scene: Scene, email: str, browser: Browser | None = None) -> TestResponse:
    """Ask for another address on the account's page, and return the answer."""
    browser = browser or Browser(scene.world)
    page = browser.get("/account/email")
    if page.status_code != 200:
        organization = scene.tenant.slug
        page = browser.follow(browser.sign_in(page, scene.person, organization=organization))
    return browser.submit(page, email=email, do="")


def send_verification(scene: Scene) -> None:
    def job(tx: object) -> None:
        user = find_by_email(tx, scene.tenant.id, scene.person.email)
        actor = scene.world.operator
        by = type(actor)("operator", scene.tenant.id, actor.correlation_id)
        scene.world.services.mailed.verification.send(tx, user, actor=by)

    scene.world.services.database.write(job)


def opened(scene: Scene, link: str, browser: Browser | None = None) -> TestResponse:
    """Follow a link to the page behind it."""
    browser = browser or Browser(scene.world)
    moved = browser.get(path_of(link))
    return browser.follow(moved) if moved.status_code == 303 else moved


def use(scene: Scene, link: str, password: str = NEW) -> int:
    """Follow a link and press its button."""
    browser = Browser(scene.world)
    page = opened(scene, link, browser)
    if page.status_code != 200:
        return page.status_code
    return browser.submit(page, password=password).status_code


def user_row(scene: Scene) -> User:
    with scene.world.services.database.read() as view:
        return view.platform().scalars(select(User).where(User.id == scene.person.id)).one()


def change(scene: Scene, **values: object) -> None:
    def job(tx: object) -> None:
        row = tx.platform().get(User, scene.person.id)
        for name, value in values.items():
            setattr(row, name, value)

    scene.world.services.database.write(job)


def set_password(scene: Scene) -> None:
    made = scene.world.services.hasher.hash("Third-Lantern-9")
    by = type(scene.world.operator)("operator", scene.tenant.id, "cor_test")
    scene.world.services.database.write(
        lambda tx: scene.world.services.accounts.set_password(
            tx, scene.tenant.id, user_id=scene.person.id, password_hash=made, actor=by
        )
    )


def enabled_again(scene: Scene) -> None:
    user_disabled(scene)
    by = type(scene.world.operator)("operator", scene.tenant.id, "cor_test")
    scene.world.services.database.write(
        lambda tx: scene.world.services.accounts.set_enabled(
            tx, scene.tenant.id, user_id=scene.person.id, enabled=True, actor=by
        )
    )


def nonce(answer: TestResponse) -> str:
    return answer.headers["Content-Security-Policy"].partition("'nonce-")[2].partition("'")[0]
