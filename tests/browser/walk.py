"""Walks through the demo's pages and stops at each: for photographs, and for axe."""

import itertools
import re
from collections.abc import Callable

from playwright.sync_api import FilePayload, Page

from tests.browser.details import say_more
from tests.browser.joining import invited, open_sign_in
from tests.support.demo import PASSWORD, Demo, mailed_link, newly_mailed_link
from tests.support.pictures import picture

ACCOUNT = (
    "overview", "profile", "email", "picture", "security", "sessions", "applications", "tenants",
    "privacy",
)  # fmt: skip
NEW = "Better-Lantern-8"
Stop = Callable[[str], None]
_NUMBERS = itertools.count()


def hosted(page: Page, demo: Demo, stop: Stop, email: str = "noc@acme.test") -> None:
    """Sign in to the demo, look around, sign out. Nobody with that address did so before."""
    page.goto(demo.application)
    page.get_by_role("link", name="Sign in").click()
    stop("sign-in")
    sign_in(page, email)
    page.wait_for_url("**/login/consent**")
    stop("consent")
    page.locator("button[value=allow]").click()
    page.get_by_role("button", name="/operations").click()
    stop("demo")
    page.goto(f"{demo.application}/callback")
    stop("demo-problem")
    post_back(page, demo)
    stop("form-post")
    page.goto(demo.application)
    page.get_by_role("button", name="Sign out").click()
    stop("demo-signed-out")
    page.goto(demo.issuer)
    stop("home")
    page.goto(f"{demo.issuer}/login/logout")
    stop("sign-out")
    page.goto(f"{demo.issuer}/oauth/authorize?client_id=unknown")
    stop("error")
    sign_out(page, demo)
    stop("signed-out")
    sign_out_by_application(page, demo, stop, email)


def sign_out_by_application(page: Page, demo: Demo, stop: Stop, email: str) -> None:
    """Sign out as applications ask for it: well, and badly."""
    page.goto(demo.application)
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, email)
    page.wait_for_url(f"{demo.application}/")
    page.get_by_role("button", name="Sign out").click()
    there = page.get_by_role("link", name="Sign out there too").get_attribute("href") or ""
    unproved = re.sub(r"&id_token_hint=[^&]*", "", there)
    page.goto(unproved)
    page.wait_for_url("**/login/logout?**")
    stop("sign-out-asked")
    page.goto(unproved.replace("signed-out", "elsewhere"))
    page.wait_for_url("**/login/logout?**")
    stop("sign-out-misfit")
    page.goto(there)
    page.wait_for_url(f"{demo.application}/signed-out")
    stop("demo-signed-out-everywhere")
    page.goto(unproved)
    page.wait_for_url("**/login/signed-out?**")
    stop("signed-out-back")


def post_back(page: Page, demo: Demo) -> None:
    """Come to the page that posts an answer, and let it stay: its script does nothing here."""
    page.route("**/form_post.js", lambda route: route.fulfill(content_type="text/javascript"))
    begun = page.request.get(f"{demo.application}/sign-in", max_redirects=0)
    page.goto(f"{begun.headers['location']}&response_mode=form_post")
    page.locator("#form-post").wait_for()


def recover(page: Page, demo: Demo, stop: Stop) -> None:
    """Ask for a new password, follow the link of the mail, set one, follow the link again."""
    email = f"{new_person(demo)}@initech.test"
    page.goto(demo.application)
    page.get_by_role("link", name="Sign in").click()
    page.locator('a[href*="/login/recover"]').click()
    page.locator("#email").fill(email)
    stop("recover")
    send(page)
    page.locator(".status-good").wait_for()
    stop("recover-sent")
    link = mailed_link(demo, email)
    page.goto(link)
    stop("new-password")
    page.locator("#password").fill("short")
    send(page)
    page.get_by_role("alert").wait_for()
    stop("new-password-refused")
    page.locator("#password").fill(NEW)
    send(page)
    page.wait_for_url("**/login/recover/done")
    stop("password-done")
    page.goto(link)
    stop("link-closed")


def join(page: Page, demo: Demo, stop: Stop) -> None:
    """Follow an invitation to a tenant, be refused, join; then as a guest; then a dead link."""
    link = invited(demo, "new.colleague@initech.test")
    page.goto(link)
    stop("invitation")
    page.locator("#name").fill("Grace Hopper")
    page.locator("#password").fill("short")
    send(page)
    page.get_by_role("alert").wait_for()
    stop("invitation-refused")
    page.locator("#password").fill(NEW)
    send(page)
    page.wait_for_url("**/login/invitation/done")
    stop("invitation-done")
    page.goto(link)
    stop("invitation-closed")
    page.goto(f"{demo.issuer}/login/password?to=overview")
    sign_in(page, "support@acme.test")
    page.wait_for_url("**/account")
    page.goto(invited(demo, "support@acme.test"))
    stop("invitation-guest")


def register(page: Page, demo: Demo, stop: Stop) -> None:
    """Make an account from the sign-in page: an address, the mail, a name and a password."""
    handle = open_sign_in(page, demo)
    stop("sign-in-register")
    page.goto(f"{demo.issuer}/login/register?flow={handle}")
    stop("register")
    page.locator("#email").fill("somebody@elsewhere.test")
    send(page)
    page.get_by_role("alert").wait_for()
    stop("register-refused")
    page.locator("#email").fill("grace@initech.test")
    send(page)
    page.locator(".status-good").wait_for()
    stop("register-sent")
    link = mailed_link(demo, "grace@initech.test")
    page.goto(link)
    stop("register-new")
    page.locator("#name").fill("Grace Hopper")
    page.locator("#password").fill(NEW)
    send(page)
    page.wait_for_url("**/login/register/done")
    stop("register-done")
    page.goto(link)
    stop("register-closed")


def pages_of_the_account(page: Page, demo: Demo, stop: Stop) -> None:
    """Sign in with two accounts, see each page of one of them, and a question."""
    for email in ("ops@initech.test", "noc@acme.test"):
        page.goto(f"{demo.issuer}/login/password?to=overview")
        sign_in(page, email)
        page.wait_for_url("**/account")
    allow(page, demo)
    for name in ACCOUNT:
        page.goto(f"{demo.issuer}/account" + ("" if name == "overview" else f"/{name}"))
        stop(f"account-{name}")
    page.goto(f"{demo.issuer}/account/sessions?about=others")
    stop("account-question")
    page.goto(f"{demo.issuer}/account/profile")
    page.locator("#zoneinfo").fill("Mars/Base")
    page.locator("main form button").click()
    stop("account-refused")
    page.locator(".switcher summary").click()
    stop("account-switcher")
    say_more(page, demo.issuer, stop)
    page.goto(f"{demo.issuer}/account/privacy?about=copy")
    ask = page.locator("main form button").click
    page.goto(newly_mailed_link(demo, "noc@acme.test", ask))
    stop("account-export")


def choose_account(page: Page, demo: Demo, stop: Stop) -> None:
    """Be asked which account, choose a guest's, be asked for the password of another."""
    for email in ("noc@acme.test", "viewer@globex.test", "support@acme.test"):
        page.goto(f"{demo.issuer}/login/password?to=overview")
        sign_in(page, email)
        page.wait_for_url("**/account")
    page.goto(f"{demo.application}/sign-in?prompt=select_account")
    page.wait_for_url("**/login/account**")
    stop("choose-account")
    begun = page.request.get(f"{demo.application}/sign-in?prompt=select_account", max_redirects=0)
    page.goto(begun.headers["location"].replace("select_account", "login+select_account"))
    page.locator("button[name=account]").last.click()
    page.wait_for_url("**/login/password**")
    stop("sign-in-to-a-chosen-account")
    page.goto(f"{demo.issuer}/account/tenants")
    stop("account-guests")
    page.locator("button[name=about]").click()
    page.wait_for_url("**/account")
    page.goto(f"{demo.issuer}/account/security")
    stop("account-security-of-a-guest")
    page.goto(f"{demo.issuer}/account/password")
    stop("account-elsewhere")


def entry(page: Page, demo: Demo, stop: Stop) -> None:
    """Replace a temporary password, take a picture, and let the address change by two mails."""
    name = new_person(demo, "--temporary")
    page.goto(f"{demo.issuer}/login/password?to=picture")
    sign_in(page, f"{name}@initech.test")
    page.wait_for_url("**/login/change/password**")
    stop("change-password")
    page.locator("#password").fill(PASSWORD)
    send(page)
    page.locator("[role=alert]").wait_for()
    stop("change-password-refused")
    page.locator("#password").fill(NEW)
    send(page)
    page.wait_for_url("**/account/picture")
    page.locator("#picture").set_input_files(a_file(picture("PNG", (600, 400))))
    send(page)
    page.wait_for_url("**/account/profile")
    page.goto(f"{demo.issuer}/account/picture")
    page.locator("#picture").set_input_files(a_file(b"no picture"))
    page.locator("main form button[type=submit]").first.click()
    page.locator(".field-error").wait_for()
    stop("picture-refused")
    want(page, demo, f"{name}.new@initech.test")
    stop("email-waiting")
    keep = mailed_link(demo, f"{name}@initech.test")
    link = mailed_link(demo, f"{name}.new@initech.test")
    page.goto(keep)
    stop("email-keep")
    page.goto(link)
    stop("email-confirm")
    send(page)
    page.wait_for_url("**/login/recover/done")
    stop("email-done")
    page.goto(f"{demo.issuer}/account/email")
    page.locator("#email").fill(f"{name}.new@initech.test")
    page.locator("main form button[type=submit]").last.click()
    page.locator(".field-error").wait_for()
    stop("email-refused")


def new_person(demo: Demo, *more: str, confirmed: bool = True) -> str:
    """Create a person of a demo tenant, with a password for more options; return the name."""
    number, run = next(_NUMBERS), demo.installation.run
    name = f"grace.hopper.{number}" if number else "grace.hopper"
    who = ("--tenant", "initech", "--email", f"{name}@initech.test")
    run("users", "create", *who, "--name", "Grace Hopper", *["--verified"][: int(confirmed)])
    run("users", "set-password", *who, *more, stdin=PASSWORD)
    return name


def want(page: Page, demo: Demo, email: str) -> None:
    """Ask for another address."""
    page.goto(f"{demo.issuer}/account/email")
    page.locator("#email").fill(email)
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/account/profile")


def a_file(data: bytes) -> FilePayload:
    """Return a file to upload."""
    return {"name": "me.png", "mimeType": "image/png", "buffer": data}


def sign_in(page: Page, email: str) -> None:
    """Fill in the password page, in any language."""
    page.locator("#email").fill(email)
    page.locator("#password").fill(PASSWORD)
    send(page)


def send(page: Page) -> None:
    """Send the page's only form."""
    page.locator("main form button[type=submit]").click()


def sign_out(page: Page, demo: Demo) -> None:
    """Sign every account out of the server."""
    page.goto(f"{demo.issuer}/login/logout")
    page.locator("main form button").click()
    page.wait_for_url("**/login/signed-out")


def allow(page: Page, demo: Demo) -> None:
    """Let the demo application in, if it is not yet."""
    page.goto(demo.application)
    page.get_by_role("link", name="Sign in").click()
    there = re.compile(rf"^({demo.issuer}/login/(account|consent)|{demo.application}/$)")
    page.wait_for_url(there)
    if "/login/account" in page.url:
        page.locator("button[name=account]").first.click()
        page.wait_for_url(re.compile(rf"^({demo.issuer}/login/consent|{demo.application}/$)"))
    if "/login/consent" in page.url:
        page.locator("button[value=allow]").click()
        page.wait_for_url(f"{demo.application}/")
