"""The pages for whoever signs a device in: enter its code, confirm, done. URLs: /device*."""
