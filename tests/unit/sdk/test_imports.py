import subprocess
import sys

import pytest


def modules_after(statement: str) -> set[str]:
    code = f"{statement}; import sys; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["authserver.sdk.verifier", "authserver.sdk.flask"])
def test_the_sdk_imports_nothing_of_the_server(module: str) -> None:
    loaded = modules_after(f"import {module}")
    ours = {name for name in loaded if name.partition(".")[0] == "authserver"}
    assert module in ours
    assert {name for name in ours if not f"{name}.".startswith("authserver.sdk.")} == {"authserver"}
    assert not {"sqlalchemy", "flask_sqlalchemy", "authlib"} & loaded


def test_the_verifier_needs_no_web_framework() -> None:
    assert not {"flask", "werkzeug", "jinja2"} & modules_after("import authserver.sdk.verifier")
