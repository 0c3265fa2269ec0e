"""The application for any WSGI server: `gunicorn wsgi:app`. AUTHSERVER_* variables configure it."""

import os

from authserver.app import create_app
from authserver.settings import from_environment

app = create_app(from_environment(os.environ))
