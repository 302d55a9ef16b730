"""The command `jsjb`. Each module in `service/ops/commands/` registers its own commands on the group."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from service.domain.telling import told
from service.ops import commands
from service.ops.edge import sentence


class House(click.Group):
    """The group `jsjb`: an error ends a command with its sentence, not with a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except BrokenPipeError:
            raise  # whoever read the output has gone; click ends the command quietly
        except Exception as err:
            for finding in told(getattr(err, "findings", ())):
                click.echo(finding.as_line(), err=True)
            raise sentence(err) from err


def make_group() -> House:
    """The group with every command family found in `service/ops/commands/`, in the order of their names."""
    group = House(
        "jsjb", help="诉求件办理系统的命令。", context_settings={"help_option_names": ["-h", "--help"]}
    )
    for found in sorted(pkgutil.iter_modules(commands.__path__), key=lambda module: module.name):
        if not found.name.startswith("_"):
            importlib.import_module(f"{commands.__name__}.{found.name}").register(group)
    return group


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and leave with its exit code: 0 well, 1 refused or findings, 2 wrong usage."""
    make_group().main(args=arguments, prog_name="jsjb")
    raise SystemExit(0)


if __name__ == "__main__":
    main()
