"""Tests reach nothing beyond this machine."""

from __future__ import annotations

import socket

import pytest

# 192.0.2.0/24 is kept for documentation: nothing ever answers there
OUTSIDE = ("192.0.2.1", 80)


def test_a_connection_to_another_machine_is_refused():
    with socket.socket() as attempt, pytest.raises(RuntimeError, match=r"192\.0\.2\.1"):
        attempt.connect(OUTSIDE)


def test_a_name_of_another_machine_is_not_even_looked_up():
    with pytest.raises(RuntimeError, match=r"example\.org"):
        socket.getaddrinfo("example.org", 443)


def test_a_connection_to_this_machine_is_made():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname(), timeout=5) as client:
            reached = client.getpeername()

        assert reached == server.getsockname()
