"""
A farm in which everything fails, deterministically.

The real works of one or several managers run on a clock that jumps from event to event,
against simulated workers, a database, a librarian and programs, all of which fail as
chance will have it; a seed is a whole history. ``python -m tests.simulation --help``.
"""
