// Chinese for the drawing tools: the two published catalogues, and what both leave out.

import zn from "bpmn-js-i18n/translations/zn.js";
import * as zh from "bpmn-js-i18n-zh";

const OWN = {
  "Toggle Token Simulation": "令牌演示",
  General: "基本",
  Documentation: "说明",
  "Element documentation": "元素说明",
  "Process documentation": "流程说明",
  "Participant Name": "泳池名称",
  "Participant ID": "泳池标识",
  "Process name": "流程名称",
  "Process ID": "流程标识",
  Name: "名称",
  ID: "标识",
  Executable: "可执行",
  Error: "错误",
  "Error code": "错误代码",
  "Global error reference": "引用的错误",
  "Open minimap": "打开缩略图",
  "Close minimap": "收起缩略图",
  "Select an element to edit its properties.": "点选图上的元素，在这里改它的属性。",
  "Multiple elements selected. Select a single element to edit its properties.": "选中了多个元素；请只选一个。",
  "Toggle section": "展开或收起",
  "Create new list item": "新增一条",
  "Delete item": "删除这一条",
  "List contains {numOfItems} items": "共 {numOfItems} 条",
  "List contains 1 item": "共 1 条",
  "Section contains data": "已填写",
  "Section contains an error": "有错误",
  "<empty>": "（空）",
  Search: "查找",
  "No matching elements": "没有匹配的元素",
  "Change element": "换成别的元素",
  "Terminate end event": "终止结束事件",
};
// The head of the panel names the kind of element with a space before every capital.
const KINDS = {
  Process: "流程",
  Collaboration: "流程图",
  Participant: "泳池",
  Lane: "泳道",
  Task: "任务",
  "User Task": "用户任务",
  "Send Task": "通知任务",
  "Call Activity": "阶段（调用流程）",
  "Sub Process": "子流程",
  "Start Event": "开始事件",
  "Timer Start Event": "定时开始",
  "End Event": "结束事件",
  "Error End Event": "错误结束事件",
  "Terminate End Event": "终止结束事件",
  "Escalation End Event": "升级结束事件",
  "Intermediate Throw Event": "里程碑",
  "Timer Intermediate Catch Event": "等待到时",
  "Timer Boundary Event": "时限（边界计时）",
  "Error Boundary Event": "错误边界事件",
  "Escalation Boundary Event": "升级边界事件",
  "Boundary Event": "边界事件",
  "Exclusive Gateway": "分支",
  "Parallel Gateway": "并行",
  "Inclusive Gateway": "多选分支",
  "Sequence Flow": "连线",
  "Conditional Flow": "带条件的连线",
  "Default Flow": "默认连线",
  "Text Annotation": "注释",
  "Timer Boundary Event (Non Interrupting)": "时限（边界计时，不中断）",
  "Boundary Event (Non Interrupting)": "边界事件（不中断）",
};
const catalogue = Object.assign({}, zn, ...Object.values(zh), OWN, KINDS);

export function translate(template, values = {}) {
  const text = catalogue[template] || template;
  return text.replace(/{([^}]+)}/g, (_, name) => values[name] ?? `{${name}}`);
}

export const chinese = { translate: ["value", translate] };

// The token simulation cannot be translated; its words are replaced as it puts them on the page.
const SIMULATION = new Map([
  ["Token Simulation", "令牌演示"],
  ["Toggle Simulation Log", "演示记录"],
  ["Simulation Log", "演示记录"],
  ["No Entries", "还没有记录"],
  ["Reset Simulation", "重新开始"],
  ["Play Simulation", "继续"],
  ["Pause Simulation", "暂停"],
  ["Play/Pause Simulation", "暂停或继续"],
  ["Trigger Event", "触发这个事件"],
  ["Add pause point", "在这里停一下"],
  ["Remove pause point", "不在这里停"],
  ["Set Sequence Flow", "选择走哪条线"],
  ["Found unsupported elements", "有不支持演示的元素"],
  ["Not supported", "不支持演示"],
  ["Finished", "走完了"],
  ["Process Instance", "流程实例"],
]);
const PREFIXED = [
  [/^Focus process instance\s*/, "只看流程实例 "],
  [/^Set animation speed = (.*)$/, "演示速度 $1"],
  [/^Process (\S+) started$/, "流程 $1 开始"],
  [/^Process (\S+) finished$/, "流程 $1 结束"],
];

function inChinese(text) {
  const known = SIMULATION.get(text.trim());
  if (known) return known;
  const found = PREFIXED.find(([pattern]) => pattern.test(text));
  return found ? text.replace(...found) : text;
}

export function speakChinese(root) {
  const put = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const text = inChinese(node.data);
      if (text !== node.data) node.data = text;
    } else if (node.nodeType === Node.ELEMENT_NODE) {
      const title = node.getAttribute("title");
      if (title && inChinese(title) !== title) node.setAttribute("title", inChinese(title));
      node.childNodes.forEach(put);
    }
  };
  const watch = new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach(put)));
  watch.observe(root, { childList: true, subtree: true });
  put(root);
}
