"""A forgotten password, from the sign-in page through the mail and back to the sign-in."""

from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import delete

from authserver.accounts.models import User
from authserver.core.database.engine import Transaction
from authserver.delivery.folder import FolderTransport
from authserver.delivery.mail import Renderer
from authserver.delivery.models import OutboxMessage
from authserver.delivery.queue import Outbox
from authserver.delivery.worker import MailWorker
from tests.support.browser import Browser, Party, answered, hidden
from tests.support.mails import links, mails, path_of, text_of
from tests.support.trail import events
from tests.support.world import PASSWORD, ClientFixture, UserFixture, World

NEW = "Better-Lantern-8"


def ask(browser: Browser, client: ClientFixture, email: str) -> str:
    """Go to the sign-in page, follow its link, ask for a mail; return what the page says."""
    page = browser.follow(browser.authorize(client, prompt="login"))
    handle = page.request.args["flow"]
    form = browser.get("/login/recover", query_string={"flow": handle})
    answer = browser.submit(form, email=email)
    assert answer.status_code == 200
    return answer.text


def choose(browser: Browser, link: str, password: str = NEW) -> str:
    """Follow a link from a mail and set a password; return what the last page says."""
    form = browser.follow(browser.get(path_of(link)))
    done = browser.submit(form, password=password)
    assert done.status_code == 303, done.text
    return browser.follow(done).text


def delivered(world: World, folder: Path) -> list[str]:
    """Send what waits with the real worker into a folder; return the texts of the mails."""
    services = world.services
    worker = MailWorker(
        Outbox(services.database, services.clock),
        render=Renderer(services.settings.issuer, clock=services.clock),
        transport=FolderTransport(folder),
        keyring=services.keyring,
    )
    worker.deliver_due()
    found = [message_from_bytes(path.read_bytes(), policy=default) for path in folder.iterdir()]
    return [text_of(mail) for mail in found]


def forget_mails(world: World) -> None:
    """Take those of other tests away: to send all of them takes seconds."""
    world.services.database.write(lambda tx: tx.platform().execute(delete(OutboxMessage)))


def test_a_forgotten_password_is_replaced_and_everything_of_before_ends(
    world: World, tmp_path: Path
) -> None:
    forget_mails(world)
    tenant = world.tenant()
    person, client = world.user(tenant), world.client(tenant)
    other_device = Browser(world)
    code = other_device.code(client, person)
    tokens = Party(world, client).redeem(code).json
    world.clock.move(minutes=5)

    browser = Browser(world)
    assert "is on its way" in ask(browser, client, person.email)
    texts = delivered(world, tmp_path / "mail")
    (mail,) = [text for text in texts if person.email in text]
    link = next(word for word in mail.split() if "token=" in word)
    done = choose(browser, link)
    assert "You can sign in with it now" in done

    assert other_device.authorize(client, prompt="none").headers["Location"].count("login_required")
    party = Party(world, client)
    assert party.refresh(tokens["refresh_token"]).status_code == 400
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert party.introspect(tokens["access_token"]).json == {"active": False}

    goes_on = done.partition('class="button button-primary" href="')[2].partition('"')[0]
    password_page = browser.get(goes_on.replace("&amp;", "&"))
    assert "/login/password" in password_page.headers["Location"]
    refused = browser.sign_in(password_page, person)
    assert refused.status_code == 401
    back = browser.sign_in(password_page, UserFixture(person.id, person.email, tenant, NEW))
    answer = answered(browser.follow(back))
    assert answer["state"] == "the state"
    assert party.redeem(answer["code"]).status_code == 200

    told = mails(world, person.id, "password_changed")
    assert [mail["Subject"] for mail in told] == ["Your password was changed"]
    kinds = [event.type for event in events(world, tenant.id)]
    for kind in ("recovery.requested", "user.password_changed", "recovery.completed"):
        assert kinds.count(kind) == 1


def test_the_person_is_told_that_the_password_was_changed(world: World) -> None:
    tenant = world.tenant()
    person, client = world.user(tenant), world.client(tenant)
    browser = Browser(world)
    ask(browser, client, person.email)
    choose(browser, links(world, person.id)[-1])
    (told,) = mails(world, person.id, "password_changed")
    assert told["To"] == person.email
    assert "token=" not in text_of(told)


def test_the_link_works_in_another_browser_where_no_sign_in_waits(world: World) -> None:
    tenant = world.tenant()
    person, client = world.user(tenant), world.client(tenant)
    ask(Browser(world), client, person.email)
    done = choose(Browser(world), links(world, person.id)[-1])
    assert 'href="/login/password?to=overview"' in done
    assert "/oauth/authorize" not in done
    with_new = UserFixture(person.id, person.email, tenant, NEW)
    assert "code" in answered(Browser(world).complete(client, with_new))


def test_after_a_hundred_failures_a_mail_is_the_way_out(world: World) -> None:
    tenant = world.tenant()
    person, client = world.user(tenant), world.client(tenant)
    browser = Browser(world)
    page = browser.follow(browser.authorize(client))
    for _ in range(20):
        for _ in range(5):
            browser.sign_in(page, person, password="Wrong-Horse-7")
        world.clock.move(hours=24, seconds=1)
        page = browser.follow(browser.authorize(client))
    assert browser.sign_in(page, person).status_code == 401
    ask(browser, client, person.email)
    choose(browser, links(world, person.id)[-1])
    page = browser.follow(browser.authorize(client))
    assert browser.sign_in(page, person).status_code == 401
    assert browser.sign_in(page, person, password=NEW).status_code == 303


def test_an_account_without_a_password_gets_its_first_one(world: World) -> None:
    tenant = world.tenant()
    person, client = world.user(tenant), world.client(tenant)
    without_password(world, person)
    browser = Browser(world)
    page = browser.follow(browser.authorize(client))
    assert browser.sign_in(page, person).status_code == 401
    ask(browser, client, person.email)
    choose(browser, links(world, person.id)[-1])
    page = browser.follow(browser.authorize(client))
    assert browser.sign_in(page, person, password=NEW).status_code == 303


def test_a_guest_gets_the_mail_of_the_home_account(world: World) -> None:
    home_tenant, tenant = world.tenant(), world.tenant()
    home = world.user(home_tenant)
    guest, client = world.user(tenant, email=f"guest-{home.email}"), world.client(tenant)

    def job(tx: Transaction) -> None:
        row = tx.platform().get(User, guest.id)
        assert row is not None
        row.home_user_id, row.password_hash = home.id, None

    world.services.database.write(job)
    ask(Browser(world), client, guest.email)
    assert links(world, guest.id) == []
    (mail,) = mails(world, home.id, "new_password")
    assert mail["To"] == home.email
    assert f"Tenant {home_tenant.slug}" in text_of(mail)


def without_password(world: World, person: UserFixture) -> None:
    def job(tx: Transaction) -> None:
        row = tx.platform().get(User, person.id)
        assert row is not None
        row.password_hash = None

    world.services.database.write(job)


@pytest.mark.parametrize("own_issuer", [False, True])
def test_a_link_leads_to_the_issuer_at_which_it_was_asked_for(
    world: World, *, own_issuer: bool
) -> None:
    tenant = world.tenant(own_issuer=own_issuer)
    prefix = f"/t/{tenant.slug}" if own_issuer else ""
    person = world.user(tenant)
    client = world.client(tenant, at_tenant_issuer=own_issuer)
    browser = Browser(world, prefix)
    page = browser.follow(browser.authorize(client))
    form = browser.get(f"{prefix}/login/recover", query_string={"flow": page.request.args["flow"]})
    browser.post(f"{prefix}/login/recover", data={**hidden(form), "email": person.email})
    (link,) = links(world, person.id)
    assert link.startswith(f"https://auth.example{prefix}/login/recover/new?token=")
    moved = browser.get(path_of(link))
    assert moved.headers["Location"] == f"{prefix}/login/recover/new"
    form = browser.follow(moved)
    done = browser.post(moved.headers["Location"], data={**hidden(form), "password": NEW})
    assert done.headers["Location"] == f"{prefix}/login/recover/done"
    assert "Continue to sign in" in browser.follow(done).text


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short", "Use at least 8 characters."),
        ("all-lower-case-1", "Use an upper-case letter."),
        ("x" * 5000, "Use at most 4096 characters."),
        ("Lovelace-1", "which others know."),
        ("", "Use at least 8 characters."),
    ],
)
def test_a_weak_password_is_refused_with_the_reason_and_the_link_stays_good(
    world: World, password: str, words: str
) -> None:
    tenant = world.tenant()
    person, client = world.user(tenant), world.client(tenant)
    browser = Browser(world)
    ask(browser, client, person.email)
    (link,) = links(world, person.id)
    form = browser.follow(browser.get(path_of(link)))
    refused = browser.submit(form, password=password)
    assert refused.status_code == 400
    assert words in refused.text
    assert not password or f'value="{password}"' not in refused.text
    assert browser.submit(refused, password=NEW).status_code == 303
    assert PASSWORD not in refused.text
