"""The time of a site that may be counted: a muscle at rest, and a trace that can be read.

`activity` is what the scan tells: `swelling` of the noise is a `contraction`, a weak one
(`tension`) or one of `flares`, and many candidates are `crowding`. `unrest` is what potentials tell
besides: many weak ones in one rhythm are tremor (`rhythm`), many at once a weak contraction
(`throng`), some that come again and again breathing (`bouts`). `hush` and `edges` find where such
time begins and ends, `exposure` divides the time.
"""
