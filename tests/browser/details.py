"""What nobody has to say of themselves, filled in at /account/profile."""

from collections.abc import Callable

from playwright.sync_api import Page

DETAILS = {
    "given_name": "Nora",
    "family_name": "Ocampo",
    "phone_number": "+49 30 1234567",
    "website": "https://nora.example",
    "street_address": "Hauptstraße 12",
    "postal_code": "10117",
    "locality": "Berlin",
    "country": "Germany",
}
CLOSED = "details:not([open]):has(#given_name)"


def say_more(page: Page, issuer: str, stop: Callable[[str], None]) -> None:
    """Fill in what nobody has to, one of it wrong, and then right; and take it all back.

    The next one to come here in this demo finds it closed, and has something to save.
    """
    page.goto(f"{issuer}/account/profile")
    page.locator(f"{CLOSED} > summary").click()
    for name, text in DETAILS.items():
        page.locator(f"#{name}").fill(text)
    page.locator("#birthdate").fill("31.12.1990")
    page.locator("main form button").click()
    page.get_by_role("alert").wait_for()
    stop("account-details-refused")
    page.locator("#birthdate").fill("1990-12-31")
    page.locator("main form button").click()
    page.locator("[role=status]").wait_for()
    stop("account-details")
    for name in (*DETAILS, "birthdate"):
        page.locator(f"#{name}").fill("")
    page.locator("main form button").click()
    page.locator(CLOSED).wait_for()
