"""Functions of contexts."""

from collections.abc import Mapping, Sequence

from service.feel.access import member
from service.feel.builtins.registry import builtin
from service.feel.limits import Run
from service.feel.values import Value, adopt

Context = Mapping[str, Value]


@builtin("get value", "context: context, key: string")
def get_value(run: Run, context: Context, key: str) -> Value:
    return adopt(context.get(key))


@builtin("get value", "context: context, keys: list")
def get_value_along(run: Run, context: Context, keys: Sequence[Value]) -> Value:
    """The value found by going along the keys."""
    current: Value = context
    for key in keys:
        if not isinstance(key, str) or not isinstance(current, Mapping):
            return None
        current = member(current, key)
    return current if keys else None


@builtin("get entries", "context: context")
def get_entries(run: Run, context: Context) -> list[Context]:
    return [{"key": key, "value": adopt(value)} for key, value in context.items()]


@builtin("context", "entries: list")
def context_of(run: Run, entries: Sequence[Value]) -> Context | None:
    """A context of `{key, value}` entries; null where one is none, or a key comes twice."""
    made: dict[str, Value] = {}
    for entry in entries:
        if not isinstance(entry, Mapping) or "value" not in entry:
            return None
        key = entry.get("key")
        if not isinstance(key, str) or key in made:
            return None
        made[key] = entry["value"]
    return made


@builtin("context put", "context: context, key: string, value: any")
def context_put(run: Run, context: Context, key: str, value: Value) -> Context:
    return {**context, key: value}


@builtin("context put", "context: context, keys: list, value: any")
def context_put_along(run: Run, context: Context, keys: Sequence[Value], value: Value) -> Context | None:
    """The context with the value put in along the keys; contexts on the way are made where missing."""
    if not keys or not all(isinstance(key, str) for key in keys):
        return None
    top = dict(context)
    current = top
    for key in keys[:-1]:
        inner = current.get(key)
        if inner is not None and not isinstance(inner, Mapping):
            return None
        current[key] = dict(inner or {})
        current = current[key]
    current[keys[-1]] = value
    return top


@builtin("context merge", "contexts: list")
def context_merge(run: Run, contexts: Sequence[Value]) -> Context | None:
    """All entries in one context; a later one replaces an earlier one of its name."""
    made: dict[str, Value] = {}
    for context in contexts:
        if not isinstance(context, Mapping):
            return None
        run.spend(len(context))
        made.update(context)
    return made
