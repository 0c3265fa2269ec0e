"""Clients: the list, one of each kind with its defaults, secrets, programs to paste, a trial."""
