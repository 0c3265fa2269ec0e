"""Registering tells nobody who has an account: not by words, work or number of mails."""

import pytest
from markupsafe import escape
from sqlalchemy import update
from werkzeug.test import TestResponse

from authserver.accounts.models import User
from authserver.registration.models import RegistrationRequest
from tests.attacks.mailed import nonce
from tests.support.browser import Browser, hidden
from tests.support.joining import (
    Guestbook,
    ask,
    register_page,
)
from tests.support.mails import html_of, mails_to, text_of
from tests.support.parallel import together
from tests.support.sql import executed
from tests.support.world import ClientFixture, World

pytestmark = pytest.mark.every_database


@pytest.fixture
def book(world: World) -> Guestbook:
    book = Guestbook(world)
    book.open_to_all()
    return book


@pytest.fixture
def client(world: World, book: Guestbook) -> ClientFixture:
    return world.client(book.tenant)


def stable(answer: TestResponse, *own: str) -> str:
    """Return the whole answer without what is new in every one."""
    said = f"{answer.status_code} {answer.headers}\n{answer.text}"
    for value in (answer.headers["X-Correlation-Id"], nonce(answer), *own):
        said = said.replace(str(escape(value)), "") if value else said
    lines = [line for line in said.splitlines() if not line.startswith(("Set-Cookie", "Content-L"))]
    return "\n".join(lines)


def asked(world: World, client: ClientFixture, email: str) -> str:
    browser = Browser(world)
    page = register_page(world, client, browser)
    fields = hidden(page)
    answer = browser.post("/login/register", data={**fields, "email": email})
    return stable(answer, email, fields["flow"])


def change(world: World, user_id: str, **values: object) -> None:
    statement = update(User).where(User.id == user_id).values(**values)
    world.services.database.write(lambda tx: tx.platform().execute(statement))


@pytest.mark.attack("ATK-095")
def test_every_address_gets_the_same_answer(
    world: World, book: Guestbook, client: ClientFixture
) -> None:
    people = {name: world.user(book.tenant) for name in ("one", "disabled", "guest", "often")}
    home = world.user(world.tenant())
    actor = book.actor()
    world.services.database.write(
        lambda tx: world.services.accounts.set_enabled(
            tx, book.tenant.id, user_id=people["disabled"].id, enabled=False, actor=actor
        )
    )
    change(world, people["guest"].id, home_user_id=home.id, password_hash=None)
    for _ in range(4):
        asked(world, client, people["often"].email)
        asked(world, client, f"often.{book.tenant.slug}@example.com")
    addresses = {
        **{name: person.email for name, person in people.items()},
        "unverified": world.user(book.tenant, verified=False).email,
        "of another tenant": home.email,
        "in capitals": people["one"].email.upper().replace("EXAMPLE.COM", "example.com"),
        "free": book.email,
        "free and asked often": f"often.{book.tenant.slug}@example.com",
    }
    answers = {name: asked(world, client, email) for name, email in addresses.items()}
    first = answers["one"]
    assert first.startswith("200")
    assert [name for name, answer in answers.items() if answer != first] == []


@pytest.mark.attack("ATK-095")
def test_the_same_statements_run_for_a_free_and_for_a_taken_address(
    world: World, book: Guestbook, client: ClientFixture
) -> None:
    taken = world.user(book.tenant).email
    asked(world, client, f"first.{book.tenant.slug}@example.com")

    def statements(email: str) -> list[str]:
        browser = Browser(world)
        form = hidden(register_page(world, client, browser))
        with executed(world.services.database.engine) as found:
            browser.post("/login/register", data={**form, "email": email})
        return [" ".join(statement.split()[:3]) for statement in found]

    assert statements(taken) == statements(book.email)


@pytest.mark.attack("ATK-095")
def test_the_mails_alone_differ_and_go_to_the_stored_address(
    world: World, book: Guestbook, client: ClientFixture
) -> None:
    stored = f"mike.{book.tenant.slug}@example.com"
    world.user(book.tenant, email=stored)
    ask(world, client, stored.upper().replace("EXAMPLE.COM", "Example.com"))
    (mail,) = mails_to(world, stored, book.tenant.id)
    assert mail["Subject"] == "You have an account already"
    assert "token=" not in text_of(mail) + html_of(mail)
    assert ask(world, client, stored.replace("mike", "mi\u212ae")).status_code == 400
    assert len(mails_to(world, stored, book.tenant.id)) == 1


@pytest.mark.attack("ATK-095")
def test_the_row_of_a_taken_address_opens_nothing(
    world: World, book: Guestbook, client: ClientFixture
) -> None:
    person = world.user(book.tenant)
    ask(world, client, person.email)
    with world.services.database.read() as view:
        (row,) = view.tenant(book.tenant.id).query(RegistrationRequest).all()
        assert row.used_at == row.created_at
        assert row.user_id == person.id


def test_a_flood_is_three_mails_an_hour_for_each_address_taken_or_not(
    world: World, book: Guestbook, client: ClientFixture
) -> None:
    taken = world.user(book.tenant).email
    for email in (taken, book.email):
        together(6, lambda _n, email=email: ask(world, client, email).status_code)
        ask(world, client, email.replace("example", "EXAMPLE"))
        assert len(mails_to(world, email, book.tenant.id)) == 2
    world.clock.move(minutes=30)
    for email in (taken, book.email):
        together(6, lambda _n, email=email: ask(world, client, email).status_code)
        assert len(mails_to(world, email, book.tenant.id)) == 3
