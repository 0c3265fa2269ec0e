"""Uploaded pictures become files of our own making: faces, logos of clients and of tenants."""
