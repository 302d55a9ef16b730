"""What can be done: one file per command. Each is one transaction that commits whole or not at all."""
