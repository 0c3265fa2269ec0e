"""A person at a browser without scripts: follows redirects, fills in forms, keeps cookies."""

from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import requests

from tests.support.process import Person

TIMEOUT = 30
_MOST_STEPS = 12


class Form(HTMLParser):
    """The first form of a page: where it goes and what it carries."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self.buttons: list[tuple[str, str]] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and self.action is None:
            self.action, self._inside = values["action"], True
        elif self._inside and tag == "input" and "name" in values:
            self.fields[values["name"]] = values.get("value", "")
        elif self._inside and tag == "button" and "name" in values:
            self.buttons.append((values["name"], values.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


class Walker:
    """Signs in and allows what is asked, at a server process."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.http = requests.Session()
        self.pages: list[str] = []

    def walk(self, url: str, until: str) -> str:
        """Go to a URL and on, and return the URL that begins with `until`, not visited.

        For form_post the answer's fields are put into its query.
        """
        answer = self._get(url)
        for _ in range(_MOST_STEPS):
            if answer.is_redirect:
                url = urljoin(answer.url, answer.headers["Location"])
                if url.startswith(until):
                    return url
                answer = self._get(url)
                continue
            form = self._form(answer)
            if form.action is not None and form.action.startswith(until):
                return f"{form.action}?{urlencode(form.fields)}"
            answer = self._submit(answer, form)
        raise AssertionError(f"the sign-in goes in circles: {self.pages}")

    def visit(self, url: str) -> requests.Response:
        """Go to a URL and on, through the server's pages, to the page where it ends."""
        answer = self._get(url)
        for _ in range(_MOST_STEPS):
            if answer.is_redirect:
                answer = self._get(urljoin(answer.url, answer.headers["Location"]))
            elif urlsplit(answer.url).path in {"/login/password", "/login/consent"}:
                answer = self._submit(answer, self._form(answer))
            else:
                return answer
        raise AssertionError(f"the sign-in goes in circles: {self.pages}")

    def approve(self, url: str) -> requests.Response:
        """Go to the page of a device's code, and allow what the device asks for."""
        answer = self._get(url)
        for _ in range(_MOST_STEPS):
            if answer.is_redirect:
                answer = self._get(urljoin(answer.url, answer.headers["Location"]))
            elif urlsplit(answer.url).path.endswith("/device/done"):
                return answer
            else:
                answer = self._submit(answer, self._form(answer))
        raise AssertionError(f"the device is never connected: {self.pages}")

    def submit_first_form(self, page: requests.Response) -> requests.Response:
        """Send the first form of a page."""
        return self._submit(page, self._form(page))

    def _get(self, url: str) -> requests.Response:
        self.pages.append(urlsplit(url).path)
        return self.http.get(url, allow_redirects=False, timeout=TIMEOUT)

    def _form(self, page: requests.Response) -> Form:
        assert page.status_code == 200, f"{page.url}: {page.status_code} {page.text}"
        form = Form(page.text)
        assert form.action is not None, f"{page.url} has no form: {page.text}"
        return form

    def _submit(self, page: requests.Response, form: Form) -> requests.Response:
        data = dict(form.fields)
        if "password" in data:
            data |= {"email": self.person.email, "password": self.person.password}
        if ("decision", "allow") in form.buttons:
            data["decision"] = "allow"
        return self.http.post(
            urljoin(page.url, form.action), data=data, allow_redirects=False, timeout=TIMEOUT
        )


def answered(url: str) -> dict[str, str]:
    """Return the parameters of an answer's URL."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
