"""The application for any WSGI server: `gunicorn wsgi:app`. AUTHSERVER_* variables configure it."""

from authserver.app import serve_app

app = serve_app()
