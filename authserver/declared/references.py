"""Secrets that a file refers to: in the environment, or in files of their own."""

from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any

from authserver.declared.form import Reference
from authserver.declared.reading import Path, Read, UnfitFile

_MOST = 8192


def resolve(
    form: Any,  # noqa: ANN401  of a form made at run time
    file: Read,
    *,
    environment: Mapping[str, str],
    folder: FilePath,
) -> dict[Path, str]:
    """Return the secrets by the path of what they belong to. Raises UnfitFile, saying no secret."""
    found = {}
    for path, reference in _references(form):
        try:
            found[path] = _value(reference, environment, folder)
        except UnfitFile as unfit:
            line = file.line((*path, "client_secret"))
            raise UnfitFile(
                f"line {line}: {'.'.join(map(str, path))}: {unfit.description}"
            ) from unfit
    return found


def _references(form: Any) -> Iterator[tuple[Path, Reference]]:  # noqa: ANN401  the same
    for slug, tenant in form.tenants.items():
        for name, connection in tenant.connections.items():
            if connection.client_secret is not None:
                yield ("tenants", slug, "connections", name), connection.client_secret


def _value(reference: Reference, environment: Mapping[str, str], folder: FilePath) -> str:
    if reference.env is not None:
        value = environment.get(reference.env)
        if not value:
            raise UnfitFile(f"The environment has no {reference.env}.")
        return value
    path = folder / str(reference.file)
    try:
        with path.open("rb") as opened:
            raw = opened.read(_MOST + 1)
        text = raw.decode().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UnfitFile(f"The file {reference.file} cannot be read.") from error
    if not text or len(raw) > _MOST:
        raise UnfitFile(f"The file {reference.file} is empty, or too large for a secret.")
    return text
