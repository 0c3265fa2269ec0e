"""An uploaded file becomes a picture of our own making, and nothing else of it stays.

Only the three formats are even looked at, whatever the file is called. What is in the header
decides whether it is decoded at all: a few bytes can stand for gigabytes. Pixels alone are taken
over, into a new file: no metadata (where a photograph was taken), no second file behind the first.
Pillow is imported by who uploads: nobody else pays for it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING

from authserver.core.problems import Problem, Unavailable

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_BYTES = 2 * 1024 * 1024
SIDE = 256
LOGO_BOX = (640, 128)  # width and height in pixels: four times what a page shows
_MAX_PIXELS = 4096 * 4096
_MAX_SIDE = 10_000
_FORMATS = ("PNG", "JPEG", "WEBP")
_ORIENTATION = 0x0112  # EXIF
_PATIENCE = 5.0  # seconds
_QUALITY = 86

# Takes a plain image and how the camera was held; returns it in its size.
Fit = Callable[["Image", int], "Image"]

# Decoding takes up to a hundred megabytes for a moment: one at a time in a process.
_one_at_a_time = Lock()


class Flaw(StrEnum):
    """What is wrong with an uploaded file."""

    MISSING = "missing"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    NOT_A_PICTURE = "not_a_picture"


class UnfitPicture(Problem):
    """The file is no picture that can be taken; `flaw` says why."""

    code = "unfit_picture"
    title = "The picture cannot be used"

    def __init__(self, flaw: Flaw, detail: str = "") -> None:
        """Say what is wrong."""
        super().__init__(f"Not usable: {flaw.value}.", detail=detail)
        self.flaw = flaw


@dataclass(frozen=True)
class Logo:
    """A logo in its own proportions: for pages, and for mail programs that read no WebP."""

    webp: bytes
    png: bytes
    width: int
    height: int


def make(data: bytes, *, whole: bool = False) -> bytes:
    """Return the middle of a picture as a square WebP, or all of it with a margin.

    Raises UnfitPicture, Unavailable.
    """
    clean = _guarded(data, (2 * SIDE, 2 * SIDE), _padded if whole else _square)
    return _encoded(clean, "WEBP", quality=_QUALITY)


def make_logo(data: bytes) -> Logo:
    """Return a logo that fits LOGO_BOX. Raises UnfitPicture, Unavailable."""
    clean = _guarded(data, (2 * LOGO_BOX[0], 2 * LOGO_BOX[0]), _boxed)
    webp, png = _encoded(clean, "WEBP", lossless=True), _encoded(clean, "PNG", optimize=True)
    return Logo(webp, png, clean.width, clean.height)


def _guarded(data: bytes, enough: tuple[int, int], fit: "Fit") -> "Image":
    """Decode an upload and fit it: one at a time, and whatever fails is no picture."""
    if not data:
        raise UnfitPicture(Flaw.MISSING)
    if len(data) > MAX_BYTES:
        raise UnfitPicture(Flaw.TOO_LARGE)
    if not _one_at_a_time.acquire(timeout=_PATIENCE):
        raise Unavailable(detail="other pictures are being made")
    try:
        return _made(data, enough, fit)
    except UnfitPicture:
        raise
    except Exception as error:
        raise UnfitPicture(Flaw.NOT_A_PICTURE, detail=type(error).__name__) from error
    finally:
        _one_at_a_time.release()


def _made(data: bytes, enough: tuple[int, int], fit: "Fit") -> "Image":
    from PIL import Image  # noqa: PLC0415  see above

    with Image.open(BytesIO(data), formats=_FORMATS) as opened:
        width, height = opened.size
        if width * height > _MAX_PIXELS or max(width, height) > _MAX_SIDE:
            raise UnfitPicture(Flaw.TOO_MANY_PIXELS, detail=f"{width} x {height}")
        opened.draft("RGB", enough)  # a large photograph is decoded smaller
        opened.load()
        turned = opened.getexif().get(_ORIENTATION, 1)
        small = fit(_plain(opened), turned)
    # Out of the pixels alone: what else an image object carries would be saved with it.
    return Image.frombytes(small.mode, small.size, small.tobytes())


def _encoded(clean: "Image", kind: str, **how: int) -> bytes:
    out = BytesIO()
    clean.save(out, kind, **how)
    return out.getvalue()


def _plain(image: "Image") -> "Image":
    """Return it in red, green and blue, with its transparency if it has any."""
    if image.mode in {"RGB", "RGBA"}:
        return image
    if image.mode.startswith("I;16"):
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    clear = image.mode in {"LA", "PA", "La", "RGBa"} or "transparency" in image.info
    return image.convert("RGBA" if clear else "RGB")


def _square(image: "Image", turned: int) -> "Image":
    from PIL.Image import Resampling  # noqa: PLC0415  see above

    width, height = image.size
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    box = (left, top, left + side, top + side)
    small = image.resize((SIDE, SIDE), Resampling.LANCZOS, box=box, reducing_gap=2.0)
    return _upright(small, turned)


def _boxed(image: "Image", turned: int) -> "Image":
    from PIL.Image import Resampling  # noqa: PLC0415  see above

    upright = _upright(image, turned)
    upright.thumbnail(LOGO_BOX, Resampling.LANCZOS, reducing_gap=2.0)
    return upright


def _padded(image: "Image", turned: int) -> "Image":
    from PIL import Image as images  # noqa: PLC0415, N813  see above

    image.thumbnail((SIDE, SIDE), images.Resampling.LANCZOS, reducing_gap=2.0)
    square = images.new("RGBA", (SIDE, SIDE))
    square.paste(image, ((SIDE - image.width) // 2, (SIDE - image.height) // 2))
    return _upright(square, turned)


def _upright(image: "Image", orientation: int) -> "Image":
    """Turn it as the camera was held (EXIF 2.32, 4.6.4 A)."""
    from PIL.Image import Transpose  # noqa: PLC0415  see above

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    turn = turns.get(orientation)
    return image if turn is None else image.transpose(turn)
