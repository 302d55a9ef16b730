"""Checks that hold whatever the case: none refuses anything, however it is written."""

ALWAYS = (
    "true",
    "1 = 1",
    "not(false)",
    'decision = "pass" or true',
    "decision = decision",
    'decision = "pass" or decision != "pass"',
    'count(all("answer")) &gt;= 0',
    "now &gt;= now",
)
