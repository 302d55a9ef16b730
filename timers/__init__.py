"""Time: the clock, the Beijing calendar, the arithmetic of deadlines and the firing loop. Standard library only."""
