"""Clients: the applications, services and partners that ask for tokens.

Owns their registration, secrets, and the pure policy of what each may do (grant, redirect, scope,
address, rate). Must not know people, sessions or how a token is made. No URLs of its own.
"""
