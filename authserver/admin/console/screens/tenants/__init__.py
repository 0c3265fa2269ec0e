"""Tenants: the list, one of them, a new one, what it asks of its people; opening another's."""
