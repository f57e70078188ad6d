"""
What must never happen, whatever else does: each rule looks at one thing.

=== ============================================================ =======================
I1  no build on two builders, no builder with two jobs           tables, machines
I2  one result at most for each time that a build is queued      tables
I3  the bytes recorded are those that the attempt has made       results
I4  who has lost a lease writes nothing, and begins nothing      leases, effects
I5  DIRTY before the first side effect; cleaned before the next  builders, effects,
    job                                                          machines
I6  nothing is lost or stuck: all ends once trouble does         tables, ends
I8  failures are judged: no attempt without end, no hopeless     tables, builders, ends
    builder in use, no good one out of it
I14 what is recorded is handed over, always as the same thing    results, ends
I20 a clock that is set harms nothing, and makes no storm        all, paces
I21 what is cancelled stays so                                   tables, results
=== ============================================================ =======================
"""
