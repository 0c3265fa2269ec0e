"""Many people at once: a file of CSV or JSON lines becomes accounts, in the background.

Owns how rows are read, what each may be, and the step that makes accounts of some of them. What a
job is, `authserver.jobs` owns. A row that cannot be is refused by number, field and code; what it
said is not kept.
"""
