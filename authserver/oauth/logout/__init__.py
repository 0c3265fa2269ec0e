"""Sessions that end: asked for by a client, and told to clients.

Owns the request of a client (RP-Initiated Logout), what clients are told by their servers
(Back-Channel Logout) and by the browser (Front-Channel Logout). Must not know why a session ended:
what is live no more is over, whoever did it. URL: /oauth/logout.
"""
