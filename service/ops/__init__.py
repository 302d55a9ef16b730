"""The composition root: settings, wiring, commands, health. Nothing below imports from here."""
