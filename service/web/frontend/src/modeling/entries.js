// The fields of the group 「投诉办理」, element by element.

import { h } from "@bpmn-io/properties-panel/preact";
import {
  CheckboxEntry,
  isCheckboxEntryEdited,
  isSelectEntryEdited,
  isTextAreaEntryEdited,
  isTextFieldEntryEdited,
  SelectEntry,
  TextAreaEntry,
  TextFieldEntry,
} from "@bpmn-io/properties-panel";
import { useService } from "bpmn-js-properties-panel";
import { getBusinessObject } from "bpmn-js/lib/util/ModelUtil.js";
import { isTimedStart } from "./expressions.js";

// What a stage calls is BPMN's own word; all the others are ours.
const CALLED = "calledElement";
const full = (name) => (name === CALLED ? name : `jsjb:${name}`);
const of = (element, name) => getBusinessObject(element).get(full(name));

function useWord(element, name) {
  const modeling = useService("modeling");
  return {
    getValue: () => of(element, name) ?? "",
    setValue: (value) => modeling.updateProperties(element, { [full(name)]: value || undefined }),
  };
}

function Word({ element, id, name, label, description, kind: Kind = TextFieldEntry }) {
  const debounce = useService("debounceInput");
  return h(Kind, { element, id, label, description, debounce, autoResize: true, ...useWord(element, name) });
}

function Choice({ element, id, name, label, description, options }) {
  const given = of(element, name);
  const all = [{ value: "", label: "（不填）" }, ...options];
  if (given && !all.some((one) => one.value === given)) all.push({ value: given, label: `${given}（不认识）` });
  return h(SelectEntry, { element, id, label, description, getOptions: () => all, ...useWord(element, name) });
}

function Yes({ element, id, name, label, description }) {
  const { getValue, setValue } = useWord(element, name);
  return h(CheckboxEntry, { element, id, label, description, setValue, getValue: () => Boolean(getValue()) });
}

// Roles: a text that may hold expressions in braces, and a button for each role that puts it in or takes it out.
function Roles({ element, id, name, label, description }) {
  const page = useService("jsjbPage");
  const debounce = useService("debounceInput");
  const { getValue, setValue } = useWord(element, name);
  const held = String(getValue()).split(",").map((part) => part.trim()).filter(Boolean);
  const flip = (role) => {
    const left = held.includes(role) ? held.filter((one) => one !== role) : [...held, role];
    setValue(left.join(","));
  };
  const chips = page.roles.map((role) =>
    h(
      "button",
      {
        type: "button",
        class: `role-chip${held.includes(role.value) ? " is-held" : ""}`,
        "aria-pressed": held.includes(role.value) ? "true" : "false",
        onClick: () => flip(role.value),
      },
      role.label,
    ),
  );
  return h("div", {}, [
    h(TextFieldEntry, { element, id, label, description, debounce, getValue, setValue }),
    h("div", { class: "role-chips", role: "group", "aria-label": label }, chips),
  ]);
}

const word = (name, label, description) => ({ id: `jsjb-${name}`, component: Word, isEdited: isTextFieldEntryEdited, name, label, description });
const feel = (name, label, description) => ({ ...word(name, label, description), kind: TextAreaEntry, isEdited: isTextAreaEntryEdited });
const roles = (name, label, description) => ({ id: `jsjb-${name}`, component: Roles, isEdited: isTextFieldEntryEdited, name, label, description });
const yes = (name, label, description) => ({ id: `jsjb-${name}`, component: Yes, isEdited: isCheckboxEntryEdited, name, label, description });
const choice = (name, label, options, description) => ({ id: `jsjb-${name}`, component: Choice, isEdited: isSelectEntryEdited, name, label, options, description });

const OUTCOMES = [
  { value: "met", label: "met 已履行" },
  { value: "superseded", label: "superseded 由新时限取代" },
  { value: "cancelled", label: "cancelled 取消" },
];
const SUBJECTS = [
  { value: "new_case", label: "new_case 新开一件" },
  { value: "case", label: "case 须有案件" },
  { value: "any", label: "any 可有可无，另立一件" },
];

const article = (page) => choice("article", "依据条款", page.articles, "本元素落实的规定；留空则检查时会提醒");
const clockWords = (page) => [
  choice("clock", "时钟", page.clocks, "本事件就是这个时钟：时限表的一行"),
  roles("remind", "到期前提醒谁"),
  word("met_by", "提交哪些表单即算履行", "表单名，逗号分隔；活动完成时总算履行"),
  word("closes", "时限过后的答复代码", "只用于会中断活动的时限，例如 E_RETURN_WINDOW_CLOSED"),
];

const startWords = (page) => [
  choice("form", "表单", page.forms),
  roles("assign", "由谁发起", "留空则按所在泳道"),
  choice("subject", "与案件的关系", SUBJECTS),
  choice("clock", "时钟", page.clocks, "提交本表单即履行的时钟"),
  feel("due", "到期（表达式）", '例如 due("risk_report", found_at)'),
  word("rules", "沿用哪项任务的规则", "填那项任务的标识"),
];
// A start event on a timer: nobody hands in a form, and there is no case yet.
const timedWords = () => [
  feel("for", "为哪些部门各开一份（表达式）", "部门的键，例如 departments、figures(month_of(now, -1)).departments；留空为全院一份"),
  feel("about", "为哪些事项各开一份（表达式）", "例如本月高频的分类；留空则不分事项"),
  feel("period", "属于哪一期（表达式）", "例如 month_of(now, -1)；同一部门、同一事项一期只开一份，改了日子也不重复"),
];

const BY_TYPE = {
  "bpmn:Process": () => [feel("department", "所属部门（表达式）", "旁系流程属于哪个部门；留空为承办部门")],
  "bpmn:Participant": () => [],
  "bpmn:Lane": () => [roles("assign", "本泳道由谁办")],
  "bpmn:UserTask": (page) => [
    choice("form", "表单", page.forms),
    roles("assign", "由谁办", "留空则按所在泳道"),
    yes("optional", "可办可不办（在案件页提供，不进待办）"),
    word("rules", "沿用哪项任务的规则", "填那项任务的标识"),
  ],
  "bpmn:StartEvent": (page, element) => (isTimedStart(element) ? timedWords() : startWords(page)),
  "bpmn:CallActivity": (page) => [choice(CALLED, "调用哪个流程", page.processes, "这一阶段画在哪张图里")],
  "bpmn:BoundaryEvent": clockWords,
  "bpmn:IntermediateCatchEvent": clockWords,
  "bpmn:EndEvent": () => [choice("outcome", "未完时钟的结局", OUTCOMES, "留空：做完的算履行，被中断的算取消")],
  "bpmn:IntermediateThrowEvent": (page) => [choice("status", "案件到达的状态", page.statuses)],
  "bpmn:SendTask": (page) => [
    choice("notice", "通知", page.notices),
    roles("to", "发给谁", "岗位，或花括号里的表达式，例如 {assign_co_handling.co_department}"),
    word("item", "督查项目", "纪委线索的项目编号，例如 m2"),
    choice("starts", "启动流程", page.processes),
    choice("with", "带上表单", page.forms),
    choice("stops", "停止流程", page.processes),
    choice("outcome", "停止后时钟的结局", OUTCOMES),
  ],
};

// The article of a pool is that of the process in it, which has no shape of its own.
const WITHOUT_ARTICLE = new Set(["bpmn:SequenceFlow", "bpmn:MessageFlow", "bpmn:Collaboration", "bpmn:Participant", "label"]);

export function entriesOf(element, page) {
  const type = getBusinessObject(element).$type;
  const own = (BY_TYPE[type] || (() => []))(page, element);
  return WITHOUT_ARTICLE.has(type) ? own : [article(page), ...own];
}
