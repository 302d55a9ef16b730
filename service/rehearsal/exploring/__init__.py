"""A search over the reachable states of a process, by the real use cases on a store in memory."""
