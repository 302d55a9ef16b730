"""The words of the house: cases, clocks, people, permissions, errors. No I/O."""
