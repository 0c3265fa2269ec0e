"""A tenant that demands a second factor, and a person's authenticator app beside the browser."""

import time

import pyotp
from playwright.sync_api import Page

from tests.support.demo import PASSWORD, Demo

TENANT, EMAIL = "orchid", "ada@orchid.example"


def demanding_tenant(demo: Demo, slug: str = TENANT, email: str = EMAIL) -> str:
    """Create a tenant with a mandatory second factor and a person in it; return the address."""
    run = demo.installation.run
    run("tenants", "create", slug, "--name", slug.capitalize(), "--type", "customer")
    who = ("--tenant", slug, "--email", email, "--name", "Ada Lovelace")
    run("users", "create", *who, "--password-stdin", "--verified", stdin=PASSWORD)
    run("tenants", "set", slug, "--mfa", "required")
    return email


def trusting_tenant(demo: Demo, slug: str = "lotus", email: str = "ada@lotus.example") -> str:
    """Create a tenant whose people may trust a browser, and one of them; return the address."""
    run = demo.installation.run
    run("tenants", "create", slug, "--name", slug.capitalize(), "--type", "customer")
    who = ("--tenant", slug, "--email", email, "--name", "Ada Lovelace")
    run("users", "create", *who, "--password-stdin", "--verified", stdin=PASSWORD)
    run("tenants", "set", slug, "--trusted-devices", "30")
    return email


def secret_on(page: Page) -> str:
    """Return the text secret, which is there without a script, too."""
    page.locator(".secret summary").click()
    return page.locator(".secret code").inner_text().replace(" ", "")


def code_of(secret: str) -> str:
    """Return the code of now."""
    return pyotp.TOTP(secret).generate_otp(int(time.time()) // 30)


def next_code_of(secret: str) -> str:
    """Return the code of the next step, which counts already: a clock may be off by one."""
    return pyotp.TOTP(secret).generate_otp(int(time.time()) // 30 + 1)
