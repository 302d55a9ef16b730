"""One file for each half of a change: `NNNN_pre_what.py`, `NNNN_post_what.py`."""
