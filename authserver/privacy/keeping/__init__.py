"""For how long events say what they said: a tenant's days for each class, applied each hour.

An event over its time loses its content and keeps number, leaf and chain, so that what is before
and after it can still be proved. It knows no page.
"""
