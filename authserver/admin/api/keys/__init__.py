"""What is asked about keys: those that sign, and those that programs present."""
