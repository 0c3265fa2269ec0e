"""What `make run` shows: demo data, a demo relying party and a demo resource server.

Owns the demo's people and clients, and two small applications that use the server as anybody's
would, over HTTP alone. Must not be used where the issuer is not a loopback address: its passwords
are public. URLs: http://localhost:8001 (relying party) and http://localhost:8002 (resource server).
"""
