"""What tenants have of their own, put together: limits, brands, domains, issuers, copies."""
