"""A tenant is copied into a file, encrypted, and made of one in another installation.

Owns what is in a copy and what is not, the file's format, and both ways. What a copy holds keeps
its ids, so that applications know the same people; what is bound to the installation that it comes
from (passwords, keys, sessions, the trail) is not in it, and is named. No URLs; the commands are
`authserver tenants export|import`.
"""
