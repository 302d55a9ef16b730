"""What the pages show: one module per screen, each a few statements on a connection of `SqlStore.reading`."""
