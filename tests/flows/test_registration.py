"""Making an account: from the sign-in page through the mail and back to the sign-in."""

import pytest

from authserver.tenants.policy import TenantPolicy
from tests.support.browser import Browser, Party, hidden
from tests.support.joining import (
    CHOSEN,
    NAME,
    Guestbook,
    arrived,
    ask,
    fill_in,
    joined,
    register_page,
)
from tests.support.mails import html_of, link_in, links, mails_to, text_of
from tests.support.trail import events, personal
from tests.support.world import World


@pytest.fixture
def book(world: World) -> Guestbook:
    book = Guestbook(world)
    book.open_to_all()
    return book


def test_whoever_proves_an_address_makes_an_account_and_goes_on(
    world: World, book: Guestbook
) -> None:
    client, browser = world.client(book.tenant), Browser(world)
    sign_in = browser.follow(browser.authorize(client))
    handle = sign_in.request.args["flow"]
    assert f'href="/login/register?flow={handle}"' in sign_in.text
    sent = ask(world, client, book.email, browser)
    assert sent.status_code == 200
    assert "is on its way" in sent.text
    (mail,) = mails_to(world, book.email, book.tenant.id)
    for said in (text_of(mail), html_of(mail)):
        assert book.email in said
        assert f"Tenant {book.tenant.slug}" in said
    link = link_in(mail)
    assert link.startswith("https://auth.example/login/register/new?token=")
    done = fill_in(browser, arrived(world, link, browser), name=NAME, password=CHOSEN)
    assert done.headers["Location"] == "/login/register/done"
    last = browser.follow(done)
    assert "Your account is there" in last.text
    row = book.account()
    assert row is not None
    assert (row.name, row.email_verified, row.home_user_id) == (NAME, True, None)
    assert "as-session" not in str(done.headers)

    goes_on = last.text.partition('class="button button-primary" href="')[2].partition('"')[0]
    again = browser.get(goes_on.replace("&amp;", "&"))
    assert "/login/password" in again.headers["Location"]
    back = browser.sign_in(again, book.person())
    assert "/login/consent" in browser.follow(back).headers["Location"]


@pytest.mark.parametrize(
    ("kind", "role", "held"),
    [
        ("customer", None, ["customer_viewer"]),
        ("customer", "", []),
        ("customer", "FINANCE_ANALYST", ["FINANCE_ANALYST"]),
        ("partner", None, []),
        ("partner", "customer_viewer", ["customer_viewer"]),
        ("internal", None, []),
    ],
)
def test_the_role_is_what_the_tenant_names(
    world: World, kind: str, role: str | None, held: list[str]
) -> None:
    book = Guestbook(world, kind=kind)
    book.open_to_all(registration_role=role)
    client = world.client(book.tenant)
    ask(world, client, book.email)
    assert joined(world, book.link()).status_code == 303
    tokens = Party(world, client).redeem(Browser(world).code(client, book.person())).json
    assert Party(world, client).introspect(tokens["access_token"]).json["roles"] == held


def test_a_link_works_in_another_browser_and_lives_half_an_hour(
    world: World, book: Guestbook
) -> None:
    client = world.client(book.tenant)
    ask(world, client, book.email)
    world.clock.move(minutes=30, seconds=-1)
    browser = Browser(world)
    page = arrived(world, book.link(), browser)
    world.clock.move(seconds=1)
    late = fill_in(browser, page, name=NAME, password=CHOSEN)
    assert late.status_code == 400
    assert "This link is no longer valid" in late.text
    assert "/login/register" not in late.text.partition("<main")[2].replace(
        'action="/login/register', ""
    )
    ask(world, client, book.email)
    done = fill_in(browser, arrived(world, book.link(), browser), name=NAME, password=CHOSEN)
    assert "/login/password?to=overview" in browser.follow(done).text


def test_at_a_tenants_own_issuer_without_a_client(world: World) -> None:
    book = Guestbook(world, own_issuer=True)
    book.open_to_all()
    prefix = f"/t/{book.tenant.slug}"
    browser = Browser(world, prefix)
    sign_in = browser.get(f"{prefix}/login/password", query_string={"to": "overview"})
    assert f'href="{prefix}/login/register?to=overview"' in sign_in.text
    page = browser.get(f"{prefix}/login/register", query_string={"to": "overview"})
    sent = browser.post(f"{prefix}/login/register", data={**hidden(page), "email": book.email})
    assert "is on its way" in sent.text
    assert book.link().startswith(f"https://auth.example{prefix}/login/register/new?token=")
    done = joined(world, book.link())
    assert done.headers["Location"] == f"{prefix}/login/register/done"


def test_who_has_an_account_is_told_so_by_mail(world: World, book: Guestbook) -> None:
    person, client = world.user(book.tenant), world.client(book.tenant)
    ask(world, client, person.email)
    (mail,) = mails_to(world, person.email, book.tenant.id)
    assert mail["Subject"] == "You have an account already"
    assert "https://auth.example/login/password?to=overview" in text_of(mail)
    assert links(world, person.id, "account_exists") == []


def test_the_domains_are_said_and_kept(world: World) -> None:
    book = Guestbook(world)
    book.open_to_all(registration_domains=["corp.example", "xn--bcher-kva.example"])
    client = world.client(book.tenant)
    page = register_page(world, client, Browser(world))
    assert "corp.example, bücher.example" in page.text
    refused = ask(world, client, book.email)
    assert refused.status_code == 400
    assert "Nobody can register with this address." in refused.text
    assert f'value="{book.email}"' in refused.text
    book.email = f"ada.{book.tenant.slug}@BÜCHER.example"
    assert ask(world, client, book.email).status_code == 200
    book.email = book.email.replace("BÜCHER", "xn--bcher-kva")
    assert joined(world, book.link()).status_code == 303


def test_every_step_stands_in_the_trail_with_nothing_of_nobody(
    world: World, book: Guestbook
) -> None:
    client = world.client(book.tenant)
    ask(world, client, book.email)
    (asked,) = events(world, book.tenant.id, "registration.requested")
    assert asked.document["facts"] == {"outcome": "mailed"}
    assert personal(world, asked) == {}
    joined(world, book.link())
    (made,) = events(world, book.tenant.id, "user.registered")
    assert made.document["facts"] == {"roles": ["customer_viewer"]}
    assert made.document["actor"]["kind"] == "user"
    for event in events(world, book.tenant.id):
        assert book.email.encode() not in event.body


def test_a_registration_that_is_switched_off_meanwhile_closes_its_links(
    world: World, book: Guestbook
) -> None:
    ask(world, world.client(book.tenant), book.email)
    link = book.link()
    book.policy(TenantPolicy(registration_open=False))
    assert joined(world, link).status_code == 400
    assert book.account() is None
