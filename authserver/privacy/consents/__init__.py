"""The record of what people allowed, refused and took back, with the very text that they read.

What an application may do now is asked of `oauth` alone; this is the proof, and is only added to.
"""
