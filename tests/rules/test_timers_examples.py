"""The examples in the docstrings of `timers/` are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import timers

MODULES = [found.name for found in pkgutil.walk_packages(timers.__path__, "timers.")]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_give_what_they_say(name: str):
    result = doctest.testmod(importlib.import_module(name))

    assert result.failed == 0
