"""Screens about people: who there is, one of them, what is done for them, who is asked in."""
