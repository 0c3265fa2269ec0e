"""Pictures for tests: made here, honest ones and others."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from tests.support.browser import Browser, hidden


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), **more: Any) -> bytes:
    """Return a file whose left half is red and whose right half is blue."""
    mode = more.pop("mode", "RGB")
    image = Image.new("RGB", size, (220, 20, 20))
    image.paste((20, 20, 220), (size[0] // 2, 0, *size))
    out = BytesIO()
    if mode == "I;16":
        image = Image.new(mode, size, 40_000)
    image.convert(mode).save(out, kind, **more)
    return out.getvalue()


def claiming(width: int, height: int) -> bytes:
    """Return a small PNG whose header claims any size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checked = name + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = zlib.compress(b"\x00" * 1_000_000, 9)
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def upload(browser: Browser, data: bytes, name: str = "me.png", **fields: Any) -> TestResponse:
    """Send the form of the page with a file."""
    page = browser.get(f"{browser.prefix}/account/picture")
    state = {n: v for n, v in hidden(page).items() if n != "do"}
    form = {**state, "picture": FileStorage(BytesIO(data), name), **fields}
    boundary, body = encode_multipart(form)  # in memory: a file of its own is nobody's to close
    return browser.post(
        f"{browser.prefix}/account/picture",
        data=body,
        content_type=f"multipart/form-data; boundary={boundary}",
    )


def url_on(page: TestResponse) -> str | None:
    """Return the URL of the picture that a page shows."""
    _, mark, rest = page.text.partition('<img src="/account/picture/')
    return f"/account/picture/{rest.partition(chr(34))[0]}" if mark else None


def shown(answer: TestResponse) -> Image.Image:
    """Return the picture of an answer."""
    assert answer.status_code == 200
    return Image.open(BytesIO(answer.data))
