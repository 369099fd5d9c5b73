"""What each potential is called: the verdicts, in the order in which they are passed.

`heart`; `judging` by shape; `pulses` of a clock and what is `common` to sites far apart, both told
by `coincidence`; `crosstalk` of a neighbour; then by timing what is left (`timing`, with trains of
`faint` units, and `counted`, asked last).
`clockwork` changes no verdict: it warns of counted units that keep time like a machine.
"""
