"""The partner plane: where a partner's own people look after the partner's own clients.

Owns four pages: the clients, one client with its use and refusals, its secrets, its addresses.
They perform operations of the API for the person who is signed in, so that permission, trail and
transaction are the operation's. Must not know a service or a table of clients.

They are there for people of a partner tenant who hold `clients:read`; figures need `usage:read`,
changes `clients:write`. Limits are not theirs to change. URLs: /partner, /partner/....
"""
