"""Generalization: k-anonymous, l-diverse, t-close tables, searched on a histogram and recoded in SQL."""
