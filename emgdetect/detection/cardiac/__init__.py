"""The heart: its beats are found before any potential is, and taken out of the signal.

`evidence` says what series of waves is a heart, `ectopic` finds its beats of another shape, and
`beats` finds both in a whole recording. `removal` learns what a site sees of them, takes it out
before the first pass and lists it at the end. Beats that potentials show are for `verdicts.heart`.
"""
