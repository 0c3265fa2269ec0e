"""Sign-ins beside tokens, their pages, and what the time of a refusal tells: part of `make bench`.

First: client credentials alone and while 50 sign-ins hash, by turns, the server on one core. Then:
400 refused sign-ins of five kinds by turns, each with the time of its answer. Last: the pages, by
turns, one request after the other, those of somebody who is signed in too.
"""

import argparse
import os
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Self
from urllib.parse import urlencode, urljoin, urlsplit

import requests
from browser import Form, Pkce
from load import CONNECTIONS, Load, install_wrk, measure
from operations import BY_NAME
from ours import TENANT, Ours
from report import publish
from run import cores
from target import TargetError

AT_ONCE = 50
LEAST_LEFT = 0.8  # of the throughput of client credentials
MOST_MILLISECONDS = 100  # of a page, at the 95th percentile
TIMEOUT = 120
DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"
MARKS = "<!-- sign-ins, by make bench: begin -->", "<!-- sign-ins, by make bench: end -->"
RIGHT, WRONG = "Right-password-1", "Wrong-password-1"
KINDS = 5  # of refused sign-ins
LOCKS_AFTER, MOST_TRIES = 5, 4  # wrong passwords of an account: one more than we try
ACCOUNT = ("", "/security", "/sessions", "/profile")
MFA = "urn:authserver:acr:mfa"


class SignInPage:
    """One browser at the sign-in page, posting as often as it likes."""

    def __init__(self, target: Ours, path: str = "", **asked: str) -> None:
        self.http = requests.Session()
        begin = target.authorize_url("openid", Pkce.new())
        begin = urljoin(begin, path) if path else f"{begin}&{urlencode(asked)}"
        answer = self.http.get(begin, timeout=TIMEOUT)
        answer.raise_for_status()
        self._page(answer)

    def _keep(self, answer: requests.Response) -> requests.Response:
        for cookie in self.http.cookies:
            cookie.secure = False  # as browsers do to localhost
        return answer

    def _page(self, answer: requests.Response) -> None:
        self._keep(answer)
        form = Form(answer.text)
        self._url, self._hidden = urljoin(answer.url, form.action or answer.url), form.hidden

    def enter(self, email: str, password: str) -> requests.Response:
        """Post credentials that hold, and return the page where that leads."""
        answer = self._post(email, password)
        while "Location" in answer.headers:
            url = urljoin(answer.url, answer.headers["Location"])
            answer = self._keep(self.http.get(url, allow_redirects=False, timeout=TIMEOUT))
        answer.raise_for_status()
        return answer

    def _post(self, email: str, password: str) -> requests.Response:
        parts = urlsplit(self._url)
        answer = self.http.post(
            self._url,
            data=self._hidden | {"email": email, "password": password},
            headers={"Origin": f"{parts.scheme}://{parts.netloc}"},
            allow_redirects=False,
            timeout=TIMEOUT,
        )
        return self._keep(answer)

    def refuse(self, email: str, password: str) -> requests.Response:
        """Post credentials that do not hold, and return the answer."""
        answer = self._post(email, password)
        if answer.ok or answer.status_code == requests.codes.unprocessable_entity:
            self._page(answer)
        return answer


@dataclass
class Crowd:
    """As many browsers as sign in at once, until they are told to stop."""

    target: Ours
    hashed: int = 0
    sent_away: int = 0

    def __post_init__(self) -> None:
        self._end = threading.Event()
        self._pages = [SignInPage(self.target) for _ in range(AT_ONCE)]
        self._threads = [threading.Thread(target=self._work, args=(p,)) for p in self._pages]

    def _work(self, page: SignInPage) -> None:
        while not self._end.is_set():
            answer = page.refuse("nobody@bench.test", WRONG)
            if answer.status_code == requests.codes.service_unavailable:
                self.sent_away += 1
                self._end.wait(float(answer.headers["Retry-After"]))
            else:
                self.hashed += 1

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        time.sleep(1)  # until they all are at it
        return self

    def __exit__(self, *_error: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()


def beside_tokens(target: Ours, load: Load, rounds: int) -> str:
    """Measure client credentials alone and beside the crowd; return a line for the report."""
    operation = BY_NAME["client_credentials"]
    measure(target, operation, load)
    left, hashed = [], []
    for _ in range(rounds):
        alone = measure(target, operation, load).operations_per_second
        crowd = Crowd(target)
        started = time.monotonic()
        with crowd:
            beside = measure(target, operation, load).operations_per_second
            hashed.append(crowd.hashed / (time.monotonic() - started))
        left.append(beside / alone)
    low, high = min(left), max(left)
    return (
        f"- While {AT_ONCE} people sign in at once, client credentials keep {median(left):.0%}"
        f" ({low:.0%} to {high:.0%}) of their throughput (budget {LEAST_LEFT:.0%}:"
        f" {'met' if median(left) >= LEAST_LEFT else 'NOT met'}); meanwhile"
        f" {median(hashed):.1f} passwords a second are checked on the same core."
    )


def _people(target: Ours, name: str, count: int) -> list[str]:
    """Make accounts with a password and return their addresses."""
    emails = [f"{name}-{number}@bench.test" for number in range(count)]
    for email in emails:
        person = ["--tenant", TENANT, "--email", email, "--name", "B", "--verified"]
        target.cli("users", "create", *person, "--password-stdin", text=RIGHT)
    return emails


def _lock(page: SignInPage, emails: list[str]) -> None:
    for email in emails:
        for _ in range(LOCKS_AFTER):
            page.refuse(email, WRONG)


def answer_times(target: Ours, tries: int) -> str:
    """Measure refused sign-ins of every kind by turns; return a line for the report.

    Nobody is tried so often that the account locks, unless it is meant to be locked.
    """
    rounds = max(1, tries // KINDS)
    accounts = -(-rounds // MOST_TRIES)
    kinds = {
        "unknown address": (["nobody@bench.test"], WRONG),
        "wrong password": (_people(target, "wrong", accounts), WRONG),
        "locked": (_people(target, "locked", 1), WRONG),
        "disabled": (_people(target, "disabled", 1), WRONG),
        "empty password": (_people(target, "empty", accounts), ""),
    }
    disabled = kinds["disabled"][0][0]
    target.cli("users", "disable", "--tenant", TENANT, "--email", disabled)
    page = SignInPage(target)
    _lock(page, kinds["locked"][0])
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for turn in range(rounds):
        for kind, (emails, password) in kinds.items():
            answer = page.refuse(emails[turn % len(emails)], password)
            times[kind].append(answer.elapsed.total_seconds() * 1000)
    middle = {kind: median(values) for kind, values in times.items()}
    noise = median(abs(v - middle[k]) for k, values in times.items() for v in values)
    apart = max(middle.values()) - min(middle.values())
    each = ", ".join(f"{kind} {value:.1f}" for kind, value in middle.items())
    return (
        f"- {rounds * KINDS} refused sign-ins by turns, median milliseconds: {each}. The medians"
        f" are {apart:.1f} ms apart; the median deviation of one answer is {noise:.1f} ms."
    )


def page_times(target: Ours, tries: int) -> str:
    """Measure how long pages take; return a line for the report."""
    begin = target.authorize_url("openid", Pkce.new())
    stranger, person = requests.Session(), _signed_in(target)
    setting_up = _at_the_set_up(target)
    pages = {
        "the way to the sign-in page": (stranger, begin),
        "the sign-in page": (stranger, stranger.get(begin, timeout=TIMEOUT).url),
        "forgotten password": (stranger, urljoin(begin, "/login/recover")),
        "an error": (stranger, urljoin(begin, "/oauth/authorize?client_id=unknown")),
        "the set-up of a second factor": setting_up,
        **{f"/account{path}": (person, urljoin(begin, f"/account{path}")) for path in ACCOUNT},
    }
    times: dict[str, list[float]] = {name: [] for name in pages}
    for turn in range(1 + max(2, tries // len(pages))):
        for name, (http, url) in pages.items():
            started = time.perf_counter()
            answer = http.get(url, timeout=TIMEOUT)
            took = time.perf_counter() - started
            if urlsplit(answer.url).path != urlsplit(url).path and url != begin:
                raise TargetError(f"{url} led to {answer.url}: nobody is signed in")
            if turn:  # the first one warms up
                times[name].append(took * 1000)
    late = {name: quantiles(values, n=20)[-1] for name, values in times.items()}
    each = ", ".join(f"{name} {value:.1f}" for name, value in late.items())
    met = "met" if max(late.values()) < MOST_MILLISECONDS else "NOT met"
    return (
        f"- 95th percentile of {sum(map(len, times.values()))} requests for pages by turns,"
        f" milliseconds: {each} (budget {MOST_MILLISECONDS}: {met})."
    )


def _signed_in(target: Ours) -> requests.Session:
    """Return the browser of a person who is signed in."""
    (email,) = _people(target, "reader", 1)
    page = SignInPage(target, "/account")
    page.enter(email, RIGHT)
    return page.http


def _at_the_set_up(target: Ours) -> tuple[requests.Session, str]:
    """Return a browser in which a second factor is being set up, and where."""
    (email,) = _people(target, "factor", 1)
    page = SignInPage(target, acr_values=MFA)
    answer = page.enter(email, RIGHT)
    return page.http, answer.url


def main() -> int:
    """Measure and write the document."""
    parser = argparse.ArgumentParser(prog="benchmarks/sign_in.py", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--tries", type=int, default=400)
    parser.add_argument("--print", action="store_true", help="write no file")
    options = parser.parse_args()
    install_wrk()
    server_core, load_core = cores()
    target = Ours("ours")
    try:
        target.start(server_core)
        if load_core is not None:
            os.sched_setaffinity(0, {load_core})
        load = Load(options.seconds, CONNECTIONS, load_core)
        lines = [
            beside_tokens(target, load, options.rounds),
            answer_times(target, options.tries),
            page_times(target, options.tries),
        ]
    finally:
        target.stop()
    print("\n".join(lines))
    if not options.print:
        publish(DOCUMENT, "\n".join(lines), MARKS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
