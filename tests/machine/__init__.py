"""
Two stores that are asked the same, and must answer the same.

Hypothesis makes up what managers and people do, in any order and far too late; a store
in PostgreSQL and one in memory do it side by side, and laws are held against what is
in the tables then.
"""
