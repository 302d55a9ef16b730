"""Past cases replayed on a draft: what really happened, under a virtual clock, and where the draft goes otherwise."""
