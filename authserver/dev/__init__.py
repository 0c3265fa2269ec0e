"""Pages for whoever tries the server out on their own machine: /dev.

Owns what would be a hole anywhere else. Must not exist there: app.py joins it only where the
settings say so, the issuer is a loopback address and mail goes into a folder.
"""
