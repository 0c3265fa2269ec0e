"""Figures: the installation's, a tenant's, a client's, as charts and as tables."""
