"""Webhooks: servers of a tenant that are told what happened (Standard Webhooks 1.0).

Owns endpoints and their secrets, which events they want, deliveries (rows written in the
transaction of the event) and the worker that makes them. Must not know what an event means:
everything told is in the trail. No URLs of its own; the administration API has them.
"""
