"""What the times of events alone say: kernels that know no signal and no recording.

`late` and `lobes` tell parts of one potential by the lag they keep. Of discharges in trains and
bursts (`trains`, one floor below): `exclusive` units that are one motor unit, `strangers` in a
train, bursts under several numbers (`grouped`), brief contractions (`together`). No muscle's are
events in step with mains (`humming`) and units seen only `amid` movement.
"""
