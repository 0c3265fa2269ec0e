"""Debian's Chromium under Playwright, watched: what it said, and whom it spoke to."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support import needs

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_OURS = {"localhost", "127.0.0.1"}
_PATIENCE = 20_000


def executable() -> str | None:
    """Return where Chromium is."""
    return os.environ.get(needs.CHROMIUM) or needs.chromium()


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Start the browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=_ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Watch:
    """What a page must not do."""

    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._see(request.url))

    def _hear(self, message: Any) -> None:
        # Chromium reports the status of an error page as if it were an error of the page.
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            self.complaints.append(message.text)

    def _see(self, url: str) -> None:
        self.urls.append(url)
        if urlsplit(url).hostname not in _OURS:
            self.strangers.append(url)


@contextmanager
def watched_page(browser: Browser, **options: Any) -> Iterator[tuple[Page, Watch]]:
    """Open a page in a browser profile of its own."""
    context: BrowserContext = browser.new_context(**options)
    context.set_default_timeout(_PATIENCE)
    page, watch = context.new_page(), Watch()
    watch.follow(page)
    yield page, watch
    context.close()
