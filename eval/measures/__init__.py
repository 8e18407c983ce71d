"""Measures: each a small pure function, with its definition and source in the docstring.

A measure that cannot judge a question declines it with None; it is never scored 0 for that.
"""
