"""What is stored about people, why and for how long (GDPR Articles 13 and 30).

The columns say themselves that they are personal, and what erasure does to them; here is what each
table of them is for. Copies (Article 20) walk the same list. It knows nobody's data.
"""
