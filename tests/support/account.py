"""The account pages as a person uses them."""

from werkzeug.test import TestResponse

from authserver.login.entry import DESTINATIONS
from tests.support.browser import Browser, hidden
from tests.support.world import UserFixture, World

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
    " Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)

_ELSEWHERE = {
    "overview": "",
    "add_factor": "/factors/add",
    "rename_factor": "/factors/rename",
    "remove_factor": "/factors/remove",
    "backup_codes": "/factors/codes",
    "end_trust": "/factors/trust",
    "sign_ins": "/sign-ins",
    "api_keys": "/api-keys",
    "privacy_export": "/privacy/export",
    "erasure": "/privacy/erasure",
}

ACCOUNT_PAGES = [page for page, there in DESTINATIONS.items() if there.startswith("account.")]


def url(page: str) -> str:
    """Return the URL of an account page by its name."""
    return "/account" + _ELSEWHERE.get(page, f"/{page}")


def arrive(browser: Browser, answer: TestResponse) -> TestResponse:
    """Go where the answer sends; a page about nothing in particular sends on to another one."""
    page = browser.follow(answer)
    return browser.follow(page) if page.status_code == 303 else page


def enter(browser: Browser, user: UserFixture, page: str = "overview") -> TestResponse:
    """Sign in by way of an account page and return the page."""
    answer = browser.sign_in(browser.get(browser.prefix + url(page)), user)
    assert answer.status_code == 303, answer.text
    return browser.follow(answer)


def ask(browser: Browser, page: str, about: str) -> TestResponse:
    """Follow the link that leads to a question: whether to end what `about` names."""
    return browser.get(browser.prefix + url(page), query_string={"about": about})


def agree(browser: Browser, page: str, about: str) -> TestResponse:
    """Go through a question to its end and return the answer to the form."""
    question = ask(browser, page, about)
    assert question.status_code == 200, question.headers
    return browser.submit(question)


def signed_in_from(world: World, user: UserFixture, user_agent: str) -> Browser:
    """Return another browser of a person, signed in."""
    browser = Browser(world)
    browser.http.environ_base.update(HTTP_USER_AGENT=user_agent)
    enter(browser, user)
    return browser


def open_guest(browser: Browser, world: World, person: UserFixture) -> UserFixture:
    """Make the signed-in person a guest in a tenant of its own; the pages act for that from now."""
    guest = world.guest(person, world.tenant())
    form = hidden(browser.get("/account/tenants"))
    opened = browser.post("/account/tenants", data={**form, "about": guest.id})
    assert opened.status_code == 303
    return guest
