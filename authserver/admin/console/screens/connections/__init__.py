"""Connections: providers where people sign in, a tenant's own and the platform's."""
