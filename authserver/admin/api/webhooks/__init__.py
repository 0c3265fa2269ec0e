"""Webhooks of a tenant: who is told of its events, and what became of each delivery."""
