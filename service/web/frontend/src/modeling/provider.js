// Puts our groups into the properties panel and takes those away that say the same in another way.

import { Group } from "@bpmn-io/properties-panel";
import { entriesOf } from "./entries.js";
import { expressionEntries } from "./expressions.js";
import { withOwnIds } from "./id_entries.js";
import { rulesGroup } from "./rules.js";

// A timer's due time and a multi-instance marker have places of their own, or none in our vocabulary.
const NOT_OURS = new Set(["timer", "multiInstance"]);

class JsjbPropertiesProvider {
  constructor(propertiesPanel, injector, jsjbPage) {
    this.injector = injector;
    this.page = jsjbPage;
    propertiesPanel.registerProvider(200, this);
  }

  getGroups(element) {
    return (groups) => {
      const own = [...expressionEntries(element), ...entriesOf(element, this.page)];
      const general = groups.filter((group) => group.id === "general").map(withOwnIds);
      const others = groups.filter((group) => group.id !== "general" && !NOT_OURS.has(group.id));
      const ours = own.length
        ? [{ id: "jsjb", label: "投诉办理", entries: own, component: Group, shouldOpen: true }]
        : [];
      return [...general, ...ours, rulesGroup(element, this.injector), ...others].filter(Boolean);
    };
  }
}
JsjbPropertiesProvider.$inject = ["propertiesPanel", "injector", "jsjbPage"];

export const provider = {
  __init__: ["jsjbPropertiesProvider"],
  jsjbPropertiesProvider: ["type", JsjbPropertiesProvider],
};
