"""Administration: the REST API and the console, for people, programs and keys with permissions.

Owns who may call (`caller`, `reach`), how a call becomes an answer (`rest`), and what can be asked
(`api`, one file for each resource). Everything is done by the services that commands use, too. Must
not know how a token is made, nor a row of another feature.

URLs: `/api/v1/...`, at every issuer.
"""
