"""Papers of a case: the sheet, the narrative, and the package of a report, made of what the case holds."""
