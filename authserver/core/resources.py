"""Where templates, static files and migrations are: beside the code, or inside the wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).parent.parent
_BUNDLED = _PACKAGE / "_bundled"


def folder(name: str) -> Path:
    """Return the folder `templates`, `static` or `migrations`."""
    return (_BUNDLED if _BUNDLED.is_dir() else _PACKAGE.parent) / name
