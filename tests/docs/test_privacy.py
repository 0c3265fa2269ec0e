"""docs/privacy.md: its program tells a copy that is signed from one that was changed."""

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from authserver.privacy.exports.service import Person
from authserver.wiring.privacy import make_exports
from tests.docs.pages import Page
from tests.support.browser import Browser
from tests.support.world import UserFixture, World


def archive_of(world: World, user: UserFixture) -> bytes:
    actor, person = (
        replace(world.operator, principal=user.tenant.id),
        Person(user.tenant.id, user.id),
    )
    exports = make_exports(world.services)
    return world.services.database.write(lambda tx: exports.hand_over(tx, person, actor=actor))


def changed(archive: bytes) -> bytes:
    """Return an archive in which a name is another one."""
    into = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as files, zipfile.ZipFile(into, "w") as other:
        for name in files.namelist():
            text = files.read(name)
            json_file = name.endswith(".json")
            other.writestr(name, text.replace(b"example", b"elpmaxe") if json_file else text)
    return into.getvalue()


@pytest.mark.any_database
def test_program_of_the_page_proves_a_copy_and_notices_a_change(
    world: World, tmp_path: Path
) -> None:
    user = world.user(world.tenant())
    archive = archive_of(world, user)
    program = tmp_path / "verify_copy.py"
    program.write_text(Page.read("docs/privacy.md").block("verify_copy.py").text)
    (tmp_path / "jwks.json").write_text(json.dumps(Browser(world).get("/oauth/jwks").json))

    def run(content: bytes) -> "subprocess.CompletedProcess[str]":
        (tmp_path / "ada.zip").write_bytes(content)
        return subprocess.run(
            [sys.executable, program.name, "ada.zip", "jwks.json"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    good, bad = run(archive), run(changed(archive))
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.startswith("signed by https://auth.example: ")
    assert user.id in good.stdout
    assert (bad.returncode, bad.stderr) == (1, "the copy was changed\n")
