"""The names an expression of the content may use: computed once from the content and what is drawn.

The same answer serves the linter and the editors that offer names while somebody types.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from service.content.fields import Field
from service.content.forms import Form
from service.content.lint.shapes import ANY, VALUE, Shape, context, list_of, one_of, typed
from service.content.lint.types import BOOLEAN, DATE, DURATION, INSTANT, NUMBER, TEXT
from service.content.policy import Policy
from service.content.release import Content
from service.domain.people import ROLE_NAMES

# What stands beside the fields of every submission.
SUBMISSION_FIELDS = (
    "at",
    "by",
    "by_name",
    "by_role",
    "department",
    "submitted_department",
    "dispatch_no",
    "instance",
    "started",
)
CASE_FIELDS = (
    "case_no",
    "status",
    "lead_department",
    "received_at",
    "release_no",
    "policy_version",
    "dispatch_no",
    "restricted",
    "process",
    "opened_for",
    "about",
    "period",
)
CLOCK_FIELDS = ("kind", "seq", "dept", "state", "start", "due", "met_at", "breach_at", "base_due", "n")
CLOCK_STATES = frozenset(["running", "met", "met_late", "breached", "expired", "superseded", "cancelled"])
FILE_FIELDS = ("id", "name", "sha256", "size")
# of the fields above, those that are no texts
TYPES: Mapping[str, str] = {
    **dict.fromkeys(("at", "received_at", "start", "due", "met_at", "breach_at", "base_due"), INSTANT),
    **dict.fromkeys(("dispatch_no", "release_no", "seq", "n", "size"), NUMBER),
    "restricted": BOOLEAN,
}
FIELD_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("textfield", "textarea", "select", "radio", "checklist", "taglist"), TEXT),
    "number": NUMBER,
    "checkbox": BOOLEAN,
    "datetime": INSTANT,
}
POLICY_TYPES: Mapping[str, str] = {
    "choice": TEXT,
    "count": NUMBER,
    "day": NUMBER,
    "duration": DURATION,
    "time": TEXT,
}


@dataclass(frozen=True, slots=True)
class HouseFunction:
    """A function of ours, beside those of FEEL: its parameters (`?` may be left out) and what it gives."""

    name: str
    parameters: tuple[str, ...]
    gives: str
    shape: Shape = VALUE  # of what it gives

    @property
    def fewest(self) -> int:
        return sum(not name.endswith("?") for name in self.parameters)

    @property
    def most(self) -> int:
        return len(self.parameters)

    @property
    def shown(self) -> str:
        """As a person would write it: `due("kind", start?)`."""
        return f"{self.name}({', '.join(self.parameters)})"


GIVEN: Mapping[str, Shape] = {
    **dict.fromkeys(
        ("due", "extended", "minutes", "hours", "natural_days", "workdays", "end_of_day"), typed(INSTANT)
    ),
    **dict.fromkeys(("daily", "monthly", "quarterly", "yearly"), typed(INSTANT)),
    **dict.fromkeys(("order_exists", "is_restricted", "on_duty", "in_outage", "awaited"), typed(BOOLEAN)),
    **dict.fromkeys(("month_of", "quarter_of", "year_before", "period_name"), typed(TEXT)),
    **dict.fromkeys(
        ("earlier_cases", "file_cases", "related_files", "filed", "assigned"), list_of(typed(TEXT))
    ),
    **dict.fromkeys(("looks", "access_clues"), typed(NUMBER)),
}
FUNCTIONS: Mapping[str, HouseFunction] = {
    name: HouseFunction(name, tuple(parameters.split()), gives, GIVEN.get(name, VALUE))
    for name, parameters, gives in (
        ("all", "form", "本件中该表单的全部提交"),
        ("mine", "form", "最近一次派单以来该表单的提交"),
        ("clock", "kind which?", "该种时钟最近的一个，已结束的也算"),
        ("clocks", "kind? which?", "该种时钟的全部，或本件的全部时钟，已结束的也算"),
        ("due", "kind start? inputs?", "按时限表算出的截止时间"),
        ("extended", "due approvals", "在原截止上逐次加上批准的日数"),
        ("minutes", "n start?", "n 分钟之后"),
        ("hours", "n start?", "n 小时之后"),
        ("natural_days", "n start?", "n 个自然日之后"),
        ("workdays", "n start?", "n 个工作日之后"),
        ("end_of_day", "start?", "当日 24:00"),
        ("order_exists", "order_no order_round", "分中心工单的这一轮是否已登记"),
        (
            "is_restricted",
            "case_no",
            "该编号的诉求件是否受限；它变为受限时，以 related_case 列指明它的件随之重算",
        ),
        (
            "earlier_cases",
            "order_no contact category title alike",
            "可能是同一诉求的前件；alike 是标题相近的百分数",
        ),
        ("file_cases", "files", "还有哪些诉求件交过内容相同的文件"),
        (
            "related_files",
            "form closed?",
            "以该表单自成一件、关联到本件的那些件；closed 为 true 的只列已办结的",
        ),
        ("looks", "person span", "这个人最近多久内查看受限内容、联系方式或导出的次数"),
        ("access_clues", "person span", "这个人最近多久内因查看过多已提示过几次线索"),
        ("on_duty", "department role", "该部门此刻有没有人在这个岗位上"),
        ("assigned", "form", "图上由哪些岗位办理该表单"),
        ("in_outage", "instant", "这一时刻是否在停机期间"),
        ("daily", "at after?", "每日这一钟点，之后的第一次"),
        ("monthly", "day at after?", "每月这一日的这一钟点，之后的第一次"),
        ("quarterly", "month day at after?", "每季度第几个月这一日的这一钟点，之后的第一次"),
        ("yearly", "month day at after?", "每年这一日的这一钟点，之后的第一次"),
        ("month_of", "instant shift?", "这一时刻所在的月份，或前后几个月，如 2024-05"),
        ("quarter_of", "instant shift?", "这一时刻所在的季度，或前后几个季度，如 2024-Q2"),
        ("year_before", "period", "去年的同一月份或季度"),
        ("period_name", "period", "月份或季度的中文名称，如 2024年5月"),
        ("filed", "form period", "哪些部门就这一月或季度交过该表单"),
        ("awaited", "process period department", "该流程就这一期向该部门提请的件是否还没有交"),
        ("figures", "period department?", "一月或一季度的统计：件数、分类、高频、按时、专题、退回、重复"),
    )
}
# what needs no case: for start events on a timer
OF_STARTS = (
    "daily", "monthly", "quarterly", "yearly", "month_of", "quarter_of", "year_before", "figures", "filed", "on_duty",
)  # fmt: skip
FIGURES = (
    "received", "by_type", "by_category", "high_frequency", "on_time_by_department", "special_study", "returned",
    "repeated", "on_time", "cases_by_category", "departments", "hard_cases",
)  # fmt: skip
HARD_CASE = ("case_no", "department", "category", "extensions", "rounds")


@dataclass(frozen=True)
class Vocabulary:
    """What exists: form keys with their fields, facts, fixed names, functions, roles, clocks, statuses.

    `statuses` and `processes` are known once the diagrams are read; None means: not known here.
    """

    forms: Mapping[str, Form]
    facts: Mapping[str, str]
    columns: Mapping[str, str]
    policy: Policy
    articles: frozenset[str]
    rows: frozenset[str]  # of the deadline table
    clocks: frozenset[str]
    reminded: frozenset[str] = frozenset()  # rows with a reminder ahead of the due time
    row_inputs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    without_length: frozenset[str] = frozenset()  # rows that give the start itself
    roles: frozenset[str] = frozenset(ROLE_NAMES)
    statuses: frozenset[str] | None = None
    processes: frozenset[str] | None = None
    functions: Mapping[str, HouseFunction] = field(default_factory=lambda: FUNCTIONS)

    def with_diagrams(
        self, *, clocks: Iterable[str], statuses: Iterable[str] | None, processes: Iterable[str]
    ) -> Vocabulary:
        """The same with what the diagrams add: clocks without a row, statuses, processes."""
        return replace(
            self,
            clocks=self.clocks | frozenset(clocks),
            statuses=None if statuses is None else frozenset(statuses),
            processes=frozenset(processes),
        )

    @cached_property
    def fixed(self) -> Mapping[str, Shape]:
        """`now`, `actor`, `case`, `policy`."""
        status = one_of("case.status", self.statuses) if self.statuses is not None else typed(TEXT)
        role = one_of("actor.role", self.roles)
        of_actor = _typed("actor", ("person", "name", "department"))
        return {
            "now": typed(INSTANT, "now"),
            "actor": context("actor", {**of_actor, "role": role, "departments": list_of(VALUE)}),
            "case": context("case", {**_typed("case", CASE_FIELDS), "status": status}),
            "policy": _policy(self.policy),
        }

    @cached_property
    def submissions(self) -> Mapping[str, Shape]:
        """Each form's submission as expressions see it."""
        return {
            key: context(key, {**_typed(key, SUBMISSION_FIELDS), **fields_of(form)})
            for key, form in self.forms.items()
        }

    @cached_property
    def clock_record(self) -> Shape:
        """What `clock(…)` gives."""
        inputs = {name: typed(INSTANT, name) for names in self.row_inputs.values() for name in names}
        state = one_of("state", CLOCK_STATES)
        return context("clock(…)", {**_typed("clock(…)", CLOCK_FIELDS), "state": state, **inputs})

    @cached_property
    def figures(self) -> Shape:
        """What `figures(…)` gives."""
        lists = {name: list_of(VALUE) for name in ("special_study", "departments")}
        lists["hard_cases"] = list_of(context("hard_cases", dict.fromkeys(HARD_CASE, VALUE)))
        return context("figures(…)", {**dict.fromkeys(FIGURES, ANY), **lists})

    @cached_property
    def of_starts(self) -> Vocabulary:
        """What there is before a case is: the readings of the policy, and the functions that need no case."""
        return replace(self, forms={}, facts={}, functions={name: self.functions[name] for name in OF_STARTS})

    @cached_property
    def of_figures(self) -> Vocabulary:
        """What there is beside a figure: the readings of the policy."""
        return replace(self, forms={}, facts={}, functions={})

    @property
    def own_of_starts(self) -> Mapping[str, Shape]:
        """What a start event on a timer may name beside them: every department's key."""
        return {"departments": list_of(VALUE)}

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name an expression may use anywhere."""
        return frozenset({*self.fixed, *self.facts, *self.forms})

    def own(self, form: str) -> Mapping[str, Shape]:
        """The bare names of a form's own fields, as its rules and conditions see them."""
        return fields_of(self.forms[form]) if form in self.forms else {}

    def as_data(self) -> dict[str, Any]:
        """The names as JSON, for editors that offer them."""
        return {
            "fixed": {name: sorted(shape.fields) for name, shape in self.fixed.items()},
            "facts": dict(self.facts),
            "forms": {key: _form_data(form) for key, form in sorted(self.forms.items())},
            "functions": {
                f.name: {"parameters": list(f.parameters), "shown": f.shown, "gives": f.gives}
                for f in self.functions.values()
            },
            "submission": list(SUBMISSION_FIELDS),
            "clock": sorted(self.clock_record.fields),
            "clocks": sorted(self.clocks),
            "roles": {role: ROLE_NAMES[role] for role in ROLE_NAMES},
            "articles": sorted(self.articles),
            "statuses": sorted(self.statuses or ()),
            "processes": sorted(self.processes or ()),
        }


def vocabulary_of(content: Content) -> Vocabulary:
    """The names that a release's content makes, but for what its diagrams add."""
    table = content.deadlines
    return Vocabulary(
        forms=content.forms,
        facts=content.facts,
        columns=content.columns,
        policy=content.policy,
        articles=frozenset(content.regulation),
        rows=frozenset(table.kinds),
        clocks=frozenset(table.kinds),
        reminded=_reminded(content),
        row_inputs={kind: frozenset(table.inputs(kind)) for kind in table.kinds},
        without_length=frozenset(kind for kind in table.kinds if table.adds_nothing(kind)),
    )


def _reminded(content: Content) -> frozenset[str]:
    """The kinds of clock with a reminder in any of their rows."""
    source = content.deadlines.source
    if source is None:
        return frozenset()
    leads = [i for i, output in enumerate(source.table.outputs) if output.name == "lead"]
    filled = [row.tests[0] for row in source.table.rules if any(row.results[i] != "null" for i in leads)]
    return frozenset(kind for kind in content.deadlines.kinds if any(f'"{kind}"' in test for test in filled))


def fields_of(form: Form) -> dict[str, Shape]:
    """A form's fields as a tree: groups with a path are contexts."""
    tree: dict[str, Any] = {}
    for one in form.fields:
        level = tree
        for part in one.path[:-1]:
            inner = level.setdefault(part, {})
            level = inner if isinstance(inner, dict) else {}
        level[one.path[-1]] = _field(form, one)
    return {name: _shaped(f"{form.key}.{name}", value) for name, value in tree.items()}


def _shaped(what: str, value: Any) -> Shape:
    if isinstance(value, Shape):
        return value
    return context(what, {name: _shaped(f"{what}.{name}", inner) for name, inner in value.items()})


def _field(form: Form, one: Field) -> Shape:
    what = f"{form.key}.{one.name}"
    value = (
        one_of(what, frozenset(option.value for option in one.options))
        if one.options
        else typed(DATE if one.date_only else FIELD_TYPES.get(one.type), what)
    )
    if one.type == "filepicker":
        value = context(what, _typed(what, FILE_FIELDS))
    return list_of(value) if one.multiple or one.type == "filepicker" else value


def _policy(policy: Policy) -> Shape:
    fields: dict[str, Shape] = {}
    for key, value in policy.values.items():
        entry = policy.entries.get(key)
        if isinstance(value, Mapping):
            of = DURATION if entry is not None and entry.kind == "durations" else TEXT
            fields[key] = context(
                f"policy.{key}", {name: typed(of, f"policy.{key}.{name}") for name in value}
            )
        elif entry is not None and entry.choices:
            fields[key] = one_of(f"policy.{key}", frozenset(entry.choices))
        else:
            fields[key] = typed(POLICY_TYPES.get(entry.kind) if entry else None, f"policy.{key}")
    return context("policy", fields)


def _typed(whose: str, names: Iterable[str]) -> dict[str, Shape]:
    """The fields that the house itself gives, each of its type; they are texts where nothing else is said."""
    return {name: typed(TYPES.get(name, TEXT), f"{whose}.{name}") for name in names}


def _form_data(form: Form) -> dict[str, Any]:
    return {
        "title": form.title,
        "fields": [
            {
                "name": one.name,
                "label": one.label,
                "type": one.type,
                "options": {option.value: option.label for option in one.options},
            }
            for one in form.fields
        ],
    }


__all__ = ["ANY", "FUNCTIONS", "HouseFunction", "Vocabulary", "fields_of", "vocabulary_of"]
