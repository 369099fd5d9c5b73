"""What each potential is called: the verdicts, in the order in which they are passed.

`heart`; `judging` by shape; `common` to sites far apart; `crosstalk` of a neighbour; then by
timing what is left (`timing`, with trains of `faint` units, and `counted`, asked last).
`clockwork` changes no verdict: it warns of counted units that keep time like a machine.
"""
