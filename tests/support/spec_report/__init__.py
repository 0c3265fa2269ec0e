"""What the tests prove of which specification: `make spec-report` writes docs/conformance.md.

`requirements.py` reads what is demanded (tests/spec/requirements, a file for each specification),
`marks.py` which test says that it proves it, `plugin.py` what came of them, `page.py` writes.
"""
