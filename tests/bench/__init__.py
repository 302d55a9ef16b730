"""What a step costs: `make bench`. Figures are printed, never asserted."""
