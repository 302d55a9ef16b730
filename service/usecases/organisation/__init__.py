"""The organisation: who is given which role for how long, who stands in, who is away."""
