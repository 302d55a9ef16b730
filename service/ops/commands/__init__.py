"""One file per family of commands. Each offers `register(group)`; `service.ops.cli` finds them by themselves.

A file here imports only click and the standard library at its top: what a command needs is imported when
it runs, so that `jsjb --help` stays quick and a broken part does not take the other commands with it.
"""
