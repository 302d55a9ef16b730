"""Runs use cases under a virtual clock: worked cases, simulation, replay of past cases on a draft."""
