"""Every page's URL: of the sign-in's application, and of administration's, which is apart."""

from collections.abc import Iterator

from flask import Flask
from werkzeug.routing import Rule


def applications(app: Flask) -> tuple[Flask, Flask]:
    """Return the application of people's pages and the one of administration's."""
    return app, app.extensions["authserver administration"].made().pages


def every_rule(app: Flask) -> Iterator[Rule]:
    """Return the rules by which something is answered."""
    for one in applications(app):
        yield from (rule for rule in one.url_map.iter_rules() if not rule.build_only)


def view_of(app: Flask, rule: Rule) -> object:
    """Return what answers."""
    return next(
        one.view_functions[rule.endpoint]
        for one in applications(app)
        if rule.endpoint in one.view_functions
    )
