"""docs/getting-started.md: from an empty folder to a program that signs somebody in."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.docs.reader import ADA, PATIENCE, Reader
from tests.support.walker import Walker

pytestmark = pytest.mark.processes


def test_program_of_the_page_signs_a_person_in(tmp_path: Path) -> None:
    reader = Reader("docs/getting-started.md", tmp_path)
    reader.type("init")
    reader.type("tenant and person")
    with reader.serving("serve"):
        answers = reader.type("look")
        assert f'"issuer":"{reader.issuer}"' in answers
        assert "ES256  active" in answers
        reader.environment["CLIENT_ID"], secret = reader.register("register the program")
        assert secret == ""
        reader.save("sign_in.py")
        assert _run(reader)["name"] == "Ada Lovelace"


def _run(reader: Reader) -> dict[str, object]:
    """Run the program, do in a browser what it asks for, and return what it prints in the end."""
    with subprocess.Popen(
        reader.text("run the program").split(),
        env=reader.environment,
        cwd=reader.folder,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout
        try:
            url = program.stdout.readline().removeprefix("Open ").strip()
            Walker(ADA).visit(url)
            said, _ = program.communicate(timeout=PATIENCE)
        finally:
            program.kill()
    [printed] = re.findall(r"^\{.*\}$", said, re.MULTILINE)
    return dict(json.loads(printed.replace("'", '"').replace("True", "true")))
