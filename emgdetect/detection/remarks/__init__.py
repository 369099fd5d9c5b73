"""What a person should know of a recording's signals before trusting its rates.

Each site is looked at once more, in pieces (`pieces`): whether two sites carry the same signal
(`twins`), whether its noise grew or fell, or the amplifier's gain was changed (`steadiness`).
"""
