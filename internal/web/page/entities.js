// Entities that are not in the default state: search, and choose for the plot.

import { h, put, Rows, clock, day, between, lasting, keyText, level, empty, count } from "/page/dom.js";
import { api } from "/page/api.js";
import { store } from "/page/store.js";
import { machinesOf } from "/page/alerts.js";

const shown = 100;

export function entities(name) {
  const state = h("select", { id: "state" }, h("option", { value: "" }, "any"));
  const key = h("input", { id: "key", type: "search", placeholder: "a part of the key", autocomplete: "off", spellcheck: "false" });
  const body = h("tbody", {});
  const about = h("p", { class: "more", role: "status" });
  const none = empty("All entities are in the default state.", "Those that leave it are listed here.");
  const table = h("div", { class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Entities" }, h("table", { class: "entities" }, h("caption", { class: "hidden" }, "Entities in states"),
    h("thead", {}, h("tr", {}, ["Entity", "State", "Since"].map((t) => h("th", { scope: "col" }, t)), h("th", { scope: "col", class: "n" }, "For"), h("th", { scope: "col" }, h("span", { class: "hidden" }, "Plot")))), body));
  none.hidden = table.hidden = true;
  let last = null, levels = {}, kinds = 1, version = "";
  const rows = new Rows(body, (x) => x.entity + " " + JSON.stringify(x.key), (x) => {
    const text = keyText(x.key);
    const button = h("button", { type: "button", class: "quiet", "aria-label": "Plot " + text, "aria-pressed": "false" }, "plot");
    button.addEventListener("click", () => store.choose(name, x.key, button.getAttribute("aria-pressed") === "false"));
    const cells = [h("td", {}), h("td", {}), h("td", { class: "n" })];
    const tr = h("tr", {}, h("th", { scope: "row", class: "code" }, text, kinds > 1 && h("span", { class: "about" }, x.entity)), cells, h("td", { class: "n" }, button));
    let was = null;
    tr.show = (x) => {
      const now = x.state + " " + levels[x.state];
      if (was !== now) put(cells[0], level(levels[x.state], x.state));
      was = now;
      put(cells[1], clock(x.since));
      cells[1].title = day(x.since) + " UTC";
      put(cells[2], lasting(between(x.since, last)));
      button.setAttribute("aria-pressed", String(store.isChosen(name, x.key)));
    };
    return tr;
  });
  let busy = false, again = false, asked = 0;
  const ask = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    asked = performance.now();
    try {
      const answer = await api.states(name, { state: state.value, key: key.value.trim(), limit: shown });
      last = answer.last;
      for (const x of answer.entities) store.of(name, x.key).state(x.since, x.state);
      rows.show(answer.entities);
      const n = answer.entities.length;
      put(about, n ? (answer.more ? "the first " : "") + count(n) + (n === 1 ? " entity" : " entities") + (answer.more ? "; narrow the search for others" : "") : "");
      none.hidden = n > 0;
      table.hidden = n === 0;
      put(none.firstChild, key.value || state.value ? "No entity fits." : "All entities are in the default state.");
    } catch (e) {
      put(about, e.message);
    }
    busy = false;
    if (again) {
      again = false;
      ask();
    }
  };
  state.addEventListener("change", ask);
  key.addEventListener("input", ask);
  const e = h("div", {}, h("div", { class: "filters" }, h("label", { for: "state" }, "State", state), h("label", { for: "key" }, "Key contains", key)), about, table, none);
  e.update = (p) => {
    const names = [...new Set(Object.values(p.states).flatMap((s) => Object.keys(s)))];
    if (version !== p.version) {
      version = p.version;
      machinesOf(name, version).then((m) => { levels = Object.fromEntries(m.states.map((s) => [s.name, s.level])); ask(); }, () => { version = ""; });
    }
    kinds = Object.keys(p.states).length;
    for (const n of names) {
      if (![...state.options].some((o) => o.value === n)) state.append(h("option", { value: n }, n));
    }
    if (performance.now() - asked > 1800) ask();
  };
  e.refresh = ask;
  return e;
}
