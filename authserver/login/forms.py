"""How pages read queries and forms: by the strict parser of the machine lane, and once (TOP-19)."""

from io import BytesIO

from flask import Request, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.utils import cached_property

from authserver.core import web

_LOOKS = {"GET", "HEAD", "OPTIONS"}
# It says which of its parameters may repeat, and parses as strictly itself.
_READS_ITSELF = "oauth.authorize"

Fields = ImmutableMultiDict[str, str]


class PageRequest(Request):
    """A request whose `args`, `form` and `values` are strict, whoever asks, Flask-WTF included."""

    @cached_property
    def args(self) -> Fields:
        """Return the query. Raises MalformedRequest."""
        return _fields(web.parse_form(self.query_string))

    def _load_form_data(self) -> None:
        """Read the form, for every way that Werkzeug has to one: none leads to its own parser.

        A request that only looks has no form, whatever its body. Raises MalformedRequest.
        """
        if "form" in self.__dict__:
            return
        read = {} if self.method in _LOOKS else web.read_form(self.environ)
        self.__dict__.update(form=_fields(read), files=ImmutableMultiDict(), stream=BytesIO())


def read_strictly() -> None:
    """Refuse an odd query or form before anything else looks at the request.

    Where there is no page, the answer is that there is none.
    """
    if request.endpoint not in {None, _READS_ITSELF}:
        _ = request.args, request.form


def _fields(parsed: dict[str, list[str]]) -> Fields:
    return ImmutableMultiDict((name, value) for name, values in parsed.items() for value in values)
