"""How often somebody may try to get into an account: what is counted for good, and by the minute.

Owns the lockout (in SQL, the truth) and the throttle (in memory, against floods). Must not know
what an attempt is made with. No URLs.
"""
