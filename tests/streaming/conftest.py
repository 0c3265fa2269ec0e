"""A certificate of a collector."""

from tests.attacks.conftest import tls_files_of_idp_example

__all__ = ["tls_files_of_idp_example"]
