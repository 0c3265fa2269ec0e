"""Signing out, as part of app.py's wiring: what tells clients, and the pages that people see.

Owns how these are built from the services. Must not know what a logout does. No URLs of its own.
"""
