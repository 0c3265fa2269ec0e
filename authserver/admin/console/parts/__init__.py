"""What screens are made of: values in lists, lists, details, forms. Data that templates read.

Must not know an operation, nor ask for one: that is the frame's.
"""
