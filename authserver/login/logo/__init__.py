"""Logos of clients, as sign-in pages show them. URL: /login/logo/<logo_id>."""
