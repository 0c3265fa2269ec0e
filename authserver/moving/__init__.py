"""Tenants that move: copies are asked for, kept for a day and taken; others are handed over.

Owns the file's seal, the pieces of what was made, and how the jobs are opened. What is in a copy,
and what becomes of one, `authserver.copies` knows, which does the work. No URLs.
"""
