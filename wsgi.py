"""For WSGI servers other than the built-in one: `gunicorn wsgi:app`."""

from authserver.app import serve_app

app = serve_app()
