"""A device that asks, and whoever helps it."""

from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from authserver.core.ids import random_bytes
from tests.spec.tools import (
    Stage,
)
from tests.support.browser import Browser
from tests.support.world import UserFixture, World

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
SCOPE = "openid profile orders:read"


@dataclass
class Device:
    """A device, its codes, and whoever helps it."""

    on: Stage
    given: dict[str, Any]
    address: str = ""

    def browser(self) -> Browser:
        """A browser somewhere of its own: wrong codes are counted by address."""
        return somewhere(self.on.world, self.on.prefix, self.address)

    def poll(self, **more: Any) -> TestResponse:
        form = {"grant_type": GRANT, "device_code": self.given["device_code"], **more}
        return self.on.party.send("token", form)

    def later(self) -> TestResponse:
        """Ask when it is time."""
        self.on.world.clock.move(seconds=self.given["interval"])
        return self.poll()


def somewhere(world: World, prefix: str = "", address: str = "") -> Browser:
    browser = Browser(world, prefix)
    browser.http.environ_base["REMOTE_ADDR"] = address or an_address()
    return browser


def an_address() -> str:
    return f"198.{random_bytes(1)[0] % 18 + 20}.{random_bytes(1)[0]}.{random_bytes(1)[0]}"


def ask(on: Stage, **form: Any) -> TestResponse:
    return on.party.send("device_authorization", {"scope": SCOPE, **form})


def enter(browser: Browser, code: str) -> TestResponse:
    page = browser.get(f"{browser.prefix}/device")
    return browser.submit(page, user_code=code)


def arrive(browser: Browser, code: str, person: UserFixture) -> TestResponse:
    """Enter a code and sign in; return the confirmation."""
    answer = enter(browser, code)
    assert answer.status_code == 303, answer.text
    for _ in range(4):
        location = answer.headers.get("Location", "")
        if "/login/password" in location:
            answer = browser.sign_in(answer, person)
        elif answer.status_code == 303:
            answer = browser.follow(answer)
        else:
            break
    return answer


def decide(browser: Browser, page: TestResponse, decision: str = "allow") -> TestResponse:
    """Send the confirmation and follow to the end."""
    answer = browser.submit(page, decision=decision)
    while answer.status_code == 303:
        answer = browser.follow(answer)
    return answer


def approve(device: Device, **more: Any) -> Browser:
    browser = device.browser()
    person = more.get("person", device.on.person)
    done = decide(browser, arrive(browser, device.given["user_code"], person))
    assert "Your device is connected" in done.text
    return browser
