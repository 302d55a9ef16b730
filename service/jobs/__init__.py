"""What reaches beyond the house: jobs on other machines, mail, short messages.

Celery carries the numbers of rows, and the rows hold every fact: Redis may lose, repeat or delay what it is given;
nothing depends on it but how soon something is done. Each module is imported by itself, so that only what is used is
loaded.
"""
