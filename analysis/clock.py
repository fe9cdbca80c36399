"""Times as people read them. Pure."""

MINUTE_S = 60
HOUR_S = 3600
DAY_S = 86400


def clock(ms: int) -> str:
    """Return a place in a recording: 1:05, or 1:02:03 from an hour on."""
    minutes, seconds = divmod(ms // 1000, MINUTE_S)
    hours, minutes = divmod(minutes, MINUTE_S)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def rough(seconds: float) -> str:
    """Return a length of time with no more precision than anybody needs: 40 s, 3 min, 2 h, 4 d."""
    whole = max(0, round(seconds))
    if whole < MINUTE_S:
        return f"{whole} s"
    if whole < HOUR_S:
        return f"{round(whole / MINUTE_S)} min"
    if whole < 2 * DAY_S:
        return f"{round(whole / HOUR_S)} h"
    return f"{round(whole / DAY_S)} d"
