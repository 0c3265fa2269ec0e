"""Walks through what an organization has of its own: settings, looks, policy, limits, domains."""

import re
from io import BytesIO

from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.walk import Stop, send, sign_out
from tests.browser.walk_console import enter
from tests.support.demo import Demo

COLOUR = "#0a7d55"
_FORMS = (
    "console-logo",
    "console-formats",
    "console-policy-change",
    "console-issuer",
    "console-copy-new",
    "console-copy-take",
)
_DETAILS = (
    *("console-settings", "console-policy", "console-limits"),
    *("console-domain", "console-domains"),
)
# The template that each stop shows.
STOPS = {
    **dict.fromkeys(_FORMS, "console/form"),
    **dict.fromkeys(_DETAILS, "console/detail"),
    "console-looks": "console/looks",
    "console-copies-none": "console/list",
    "console-copy": "console/copy",
    "account-branded": "account/overview",
}


def tenancy(page: Page, demo: Demo, stop: Stop) -> None:
    """Set everything once, see it on pages of people, and take it away again."""
    enter(page, demo, "admin@initech.test")
    page.locator('.rail-body a:has(use[href$="#settings"])').click()
    page.wait_for_url("**/console/tenants/ten_*")
    tenant = page.url
    _looks(page, tenant, stop)
    page.goto(f"{tenant}/settings/formats")
    stop("console-formats")
    page.goto(f"{tenant}/settings")
    stop("console-settings")
    page.goto(f"{tenant}/policy")
    stop("console-policy")
    page.goto(f"{tenant}/policy/change")
    stop("console-policy-change")
    page.goto(f"{tenant}/limits")
    stop("console-limits")
    _domains(page, tenant, stop)
    page.goto(f"{demo.issuer}/account")
    stop("account-branded")
    _plain(page, tenant)
    sign_out(page, demo)
    _copies(page, demo, stop)
    sign_out(page, demo)


def _looks(page: Page, tenant: str, stop: Stop) -> None:
    page.goto(f"{tenant}/logo")
    stop("console-logo")
    page.locator("#image").set_input_files(
        FilePayload(name="logo.png", mimeType="image/png", buffer=_logo())
    )
    send(page)
    page.wait_for_url(f"{tenant}/settings")
    page.goto(f"{tenant}/settings/looks")
    page.locator("#accent").fill(COLOUR)
    button = page.locator(".preview-card .button")
    expect(button).to_have_css("background-color", "rgb(10, 125, 85)")
    stop("console-looks")
    page.locator("#website").fill("https://initech.example/")
    send(page)
    page.wait_for_url(f"{tenant}/settings")


def _domains(page: Page, tenant: str, stop: Stop) -> None:
    page.goto(f"{tenant}/domains/new")
    page.locator("#domain").fill("initech.example")
    send(page)
    page.wait_for_url("**/domains/initech.example")
    stop("console-domain")
    page.goto(f"{tenant}/domains")
    stop("console-domains")
    page.goto(f"{tenant}/issuer/move")
    stop("console-issuer")


def _copies(page: Page, demo: Demo, stop: Stop) -> None:
    """Take a tenant away, as one who may do all that anybody may there."""
    enter(page, demo, "admin@acme.test")
    page.locator('.rail-body a:has(use[href$="#settings"])').click()
    page.wait_for_url("**/console/tenants/ten_*")
    tenant = page.url
    page.goto(f"{tenant}/copies")
    stop("console-copies-none")
    page.goto(f"{tenant}/copies/new")
    stop("console-copy-new")
    for field in ("#passphrase", "#again"):
        page.locator(field).fill("correct horse battery")
    send(page)
    page.wait_for_url("**/copies/job_*")
    page.get_by_role("link", name=re.compile("Download|Herunterladen")).wait_for()
    stop("console-copy")
    copy = page.url
    page.goto(f"{copy}/take")
    stop("console-copy-take")
    with page.expect_download() as downloading:
        page.locator("main form button").click()
    assert downloading.value.suggested_filename == "acme.copy"
    page.goto(f"{copy}/delete")
    send(page)
    page.wait_for_url(f"{tenant}/copies")


def _plain(page: Page, tenant: str) -> None:
    page.goto(f"{tenant}/logo/remove")
    send(page)
    page.wait_for_url(f"{tenant}/settings")
    page.goto(f"{tenant}/settings/looks")
    page.locator("#accent").fill("")
    page.locator("#website").fill("")
    send(page)
    page.wait_for_url(f"{tenant}/settings")


def _logo() -> bytes:
    """Return a wide logo with a clear background."""
    image = Image.new("RGBA", (256, 128))
    draw = ImageDraw.Draw(image)
    draw.polygon([(64, 8), (120, 64), (64, 120), (8, 64)], fill=(10, 125, 85, 255))
    draw.polygon([(192, 8), (248, 64), (192, 120), (136, 64)], fill=(240, 170, 40, 255))
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
