"""A browser, the demo it looks at, and a page that is watched."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.chromium import executable, running_chromium, watched_page
from tests.support.demo import Demo, running_demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Run the demo once for all tests of a worker."""
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start the browser once for all tests of a worker."""
    if executable() is None:
        pytest.skip("no Chromium: the browser tests")
    with running_chromium() as browser:
        yield browser


@pytest.fixture(params=[True, False], ids=["with-scripts", "without-scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    """Tell whether the browser runs scripts."""
    return bool(request.param)


@pytest.fixture
def page(chromium: Browser, *, scripts: bool) -> Iterator[Page]:
    """Open a page that must complain of nothing and speak to nobody else (R-16)."""
    with watched_page(chromium, java_script_enabled=scripts) as (opened, watch):
        yield opened
    assert watch.complaints == []
    assert watch.strangers == []
