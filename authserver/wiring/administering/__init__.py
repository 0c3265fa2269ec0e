"""The administration API, put together part by part: beside administration.py."""
