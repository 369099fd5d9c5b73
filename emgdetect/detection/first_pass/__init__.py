"""The first pass: candidates that need no known waveform, and the units they form.

`scan` finds them with a generic bank, on grids also by what electrodes see together (`shared`);
`background` learns the noise anew where nothing was found, `thresholds` says how high a score has
to be. `units` cuts candidates, those in `chains` apart from each other, and has them sorted by
waveform (`sorting`, `likeness`); `doublets` and `confused` tell which of the units are one.
"""
