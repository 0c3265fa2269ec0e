"""Configuration as code: what is written down in a file is made so, in one transaction.

Owns the file's form, how it is read (strictly, every complaint with its line), what is there in the
same form, and the difference. Everything is done by the services that commands and the API use.
What a file does not name stays as it is. No URLs: `authserver plan`, `apply` and `export`.
"""
