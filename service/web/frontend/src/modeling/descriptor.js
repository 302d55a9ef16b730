// The jsjb vocabulary as a moddle descriptor: what bpmn-js reads, keeps and writes of namespace jsjb.

const text = (name) => ({ name, isAttr: true, type: "String" });
const yes = (name) => ({ name, isAttr: true, type: "Boolean" });
const words = (name, type, ...properties) => ({ name, isAbstract: true, extends: [`bpmn:${type}`], properties });

export const descriptor = {
  name: "接诉即办",
  uri: "http://jsjb.example/bpmn",
  prefix: "jsjb",
  xml: { tagAlias: "lowerCase" },
  types: [
    words("OfAny", "BaseElement", text("article")),
    words("OfProcess", "Process", text("department")),
    words("OfLane", "Lane", text("assign")),
    words(
      "OfStart",
      "StartEvent",
      text("form"),
      text("assign"),
      text("subject"),
      text("clock"),
      text("due"),
      text("rules"),
      text("for"),
      text("about"),
      text("period"),
    ),
    words("OfUserTask", "UserTask", text("form"), text("assign"), yes("optional"), text("rules")),
    words("OfBoundary", "BoundaryEvent", text("clock"), text("remind"), text("met_by"), text("closes")),
    words("OfWait", "IntermediateCatchEvent", text("clock"), text("remind"), text("met_by"), text("closes")),
    words("OfEnd", "EndEvent", text("outcome")),
    words("OfMilestone", "IntermediateThrowEvent", text("status")),
    words(
      "OfSend",
      "SendTask",
      text("notice"),
      text("item"),
      text("to"),
      text("starts"),
      text("with"),
      text("stops"),
      text("outcome"),
    ),
    {
      name: "Rule",
      superClass: ["Element"],
      meta: { allowedIn: ["bpmn:UserTask", "bpmn:StartEvent"] },
      properties: [text("code"), text("article"), text("check"), text("message"), text("after")],
    },
  ],
};
