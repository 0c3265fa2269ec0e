"""What is known of the installation at work. Must not know how it is asked, nor shown."""
