"""Webhooks: which servers are told of events, and what became of each delivery."""
