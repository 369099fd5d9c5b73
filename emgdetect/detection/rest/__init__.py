"""The time of a site that may be counted: a muscle at rest, and a trace that can be read.

`swelling` of the noise is a `contraction`, a weak one (`tension`) or one of `flares`; many
candidates are `crowding`, and many weak ones in one rhythm are tremor (`rhythm`). `hush` and
`edges` find where such time begins and ends, `exposure` puts all together: first with candidates,
then anew with the potentials of units.
"""
