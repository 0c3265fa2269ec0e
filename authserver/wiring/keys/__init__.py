"""Signing keys and API keys: part of the wiring."""
