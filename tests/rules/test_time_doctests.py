"""The examples in the docstrings of `timers/` are true."""

import doctest
import importlib
import pkgutil

import pytest

import timers

MODULES = [f"timers.{module.name}" for module in pkgutil.iter_modules(timers.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples_to_hold() -> None:
    attempted = sum(doctest.testmod(importlib.import_module(name)).attempted for name in MODULES)

    assert attempted >= 15
