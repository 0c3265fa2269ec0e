"""How pages read queries and forms: by the strict parser of the machine lane, and once (TOP-19).

Some pages take a file. Its form is read in pieces: what is more than the file may have is thrown
away as it comes, so that the page can say so.
"""

from io import BytesIO

from flask import Request, request
from werkzeug.datastructures import FileStorage, ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData
from werkzeug.utils import cached_property

from authserver.core import web

_LOOKS = {"GET", "HEAD", "OPTIONS"}
# It says which of its parameters may repeat, and parses as strictly itself.
_READS_ITSELF = "oauth.authorize"
# Their forms have lists, one value a line.
_HAS_LINES = ("console.", "partner.change_partner_network")
_MULTIPART = "multipart/form-data"
_MB = 1024 * 1024
# Pages that take a file: its name in their form, and how large it may be.
_TAKE_FILES = {
    "account.change_picture": ("picture", 2 * _MB),
    "console.change_logo": ("image", 2 * _MB),
    "console.new_import": ("file", 4 * _MB),
    "console.import_tenant": ("file", 7 * _MB),
}
_MOST_OF_A_BODY = 10 * 1024 * 1024
_PIECE = 32 * 1024
_PARTS = 10

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
        read: dict[str, list[str]] = {}
        files: dict[str, FileStorage] = {}
        if self.method not in _LOOKS:
            taken = _TAKE_FILES.get(self.endpoint or "")
            if taken is not None and self.mimetype == _MULTIPART:
                read, files = _read_upload(self, Upload(*taken))
            else:
                lines = (self.endpoint or "").startswith(_HAS_LINES)
                read = web.read_form(self.environ, lines=lines)
        found = ImmutableMultiDict(files)
        self.__dict__.update(form=_fields(read), files=found, stream=BytesIO())


def read_strictly() -> None:
    """Refuse an odd query or form before anything else looks at the request.

    Where there is no page, the answer is that there is none.
    """
    if request.endpoint not in {None, _READS_ITSELF}:
        _ = request.args, request.form


def _fields(parsed: dict[str, list[str]]) -> Fields:
    return ImmutableMultiDict((name, value) for name, values in parsed.items() for value in values)


class Upload:
    """The parts of a form with a file, as they come."""

    def __init__(self, file: str, most: int) -> None:
        """Begin with none; take the name of the file, and how large it may be."""
        self._file = file
        self._most_of_file = most
        self.fields: dict[str, bytearray] = {}
        self.files: dict[str, bytearray] = {}
        self._part = bytearray()
        self._most = 0

    def begin(self, part: Field | File) -> None:
        """Take the head of a part. Raises MalformedRequest for one that no form of ours has."""
        is_file = isinstance(part, File)
        if part.name in self.fields | self.files:
            raise web.MalformedRequest("a parameter is repeated", detail=f"{part.name[:40]!r}")
        if is_file != (part.name == self._file):
            raise web.MalformedRequest("the form is not one of ours", detail="a file, or none")
        self._part = bytearray()
        (self.files if is_file else self.fields)[part.name] = self._part
        # One byte too many is kept: it says that there were more.
        self._most = self._most_of_file + 1 if is_file else web.MAX_BODY

    def go_on(self, piece: bytes) -> None:
        """Take what the part has room for. Raises BodyTooLarge for a field."""
        room = self._most - len(self._part)
        if len(piece) > room and self._most == web.MAX_BODY:
            raise web.BodyTooLarge("The request body is over 64 kB")
        self._part += piece[:room]


def _read_upload(
    asked: Request, upload: Upload
) -> tuple[dict[str, list[str]], dict[str, FileStorage]]:
    """Return the fields and the file of a form. Raises MalformedRequest."""
    if asked.query_string:
        raise web.MalformedRequest("parameters belong into the request body")
    boundary = asked.mimetype_params.get("boundary", "").encode("latin-1", "replace")
    if not boundary:
        raise web.MalformedRequest("the form is not one of ours", detail="no boundary")
    try:
        _decode(asked, MultipartDecoder(boundary, 2 * web.MAX_BODY, max_parts=_PARTS), upload)
    except (ValueError, RequestEntityTooLarge) as error:
        raise web.MalformedRequest("the form is not one of ours", detail=str(error)) from error
    texts = {name: web.read_text(bytes(value)) for name, value in upload.fields.items()}
    files = {
        name: FileStorage(BytesIO(bytes(value)), name=name) for name, value in upload.files.items()
    }
    return {name: [text] for name, text in texts.items() if text}, files


def _decode(asked: Request, decoder: MultipartDecoder, upload: Upload) -> None:
    left = _announced(asked)
    while True:
        event = decoder.next_event()
        if isinstance(event, Epilogue):
            return
        if isinstance(event, Field | File):
            upload.begin(event)
        elif isinstance(event, Data):
            upload.go_on(event.data)
        elif isinstance(event, NeedData):
            piece = asked.environ["wsgi.input"].read(min(_PIECE, left))
            left -= len(piece)
            decoder.receive_data(piece or None)


def _announced(asked: Request) -> int:
    """Return how long the body is. Raises MalformedRequest above 10 MB, or without a length."""
    length = str(asked.environ.get("CONTENT_LENGTH") or "")
    if not length.isascii() or not length.isdigit():
        raise web.MalformedRequest("Content-Length is not a number")
    if int(length) > _MOST_OF_A_BODY:
        raise web.BodyTooLarge("The request body is over 10 MB")
    return int(length)
