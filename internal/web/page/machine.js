// The state machines of a program, as the probe draws them, with how many entities are in
// each state.

import { h, put, count, empty } from "/page/dom.js";
import { api } from "/page/api.js";
import { store } from "/page/store.js";

const svg = "http://www.w3.org/2000/svg";
const make = (name, attributes) => {
  const e = document.createElementNS(svg, name);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  return e;
};

// badge puts a number on the corner of a state's box.
function badge(group) {
  const box = group.querySelector("rect");
  const right = Number(box.getAttribute("x")) + Number(box.getAttribute("width")), y = Number(box.getAttribute("y"));
  const back = make("rect", { class: "badge", rx: 9, height: 18, y: y - 9 });
  const text = make("text", { class: "badge-text", y: y + 4, "text-anchor": "middle" });
  const e = make("g", { class: "count" });
  e.append(back, text);
  group.append(e);
  let last = null;
  return (n) => {
    const written = count(n);
    if (n === last) return;
    const width = Math.max(20, 12 + 7 * written.length);
    back.setAttribute("width", width);
    back.setAttribute("x", right - width / 2 - 6);
    text.setAttribute("x", right - 6);
    text.textContent = written;
    e.classList.toggle("none", n === 0);
    group.classList.toggle("occupied", n > 0);
    group.setAttribute("aria-label", group.dataset.state + ", " + written + (n === 1 ? " entity" : " entities"));
    if (last !== null) flash(group);
    last = n;
  };
}

// flash shows for a moment that something happened.
function flash(e) {
  e.classList.remove("flash");
  void e.getBoundingClientRect(); // so that it begins anew
  e.classList.add("flash");
}

export function machine(name) {
  const frame = h("div", { class: "scroll machine", tabindex: "0", role: "region", "aria-label": "State machine" });
  let version = "", badges = [];
  const draw = async (p) => {
    const mine = version = p.version + " " + p.generation;
    let text;
    try {
      text = await api.graph(name);
    } catch (e) {
      if (version !== mine) return; // of another generation by now
      version = "";
      put(frame, empty("The machine cannot be drawn.", e.message));
      return;
    }
    if (version !== mine) return;
    // The page has its own colours, and takes no style from elsewhere.
    const doc = new DOMParser().parseFromString(text.replace(/<style>[^<]*<\/style>/, ""), "image/svg+xml").documentElement;
    doc.setAttribute("role", "group");
    const e = document.importNode(doc, true);
    badges = [...e.querySelectorAll("g[data-state]")].map((g, i, all) => {
      g.setAttribute("role", "img");
      const isFirst = all.findIndex((o) => o.dataset.entity === g.dataset.entity) === i;
      return isFirst ? null : { group: g, show: badge(g) }; // the default state is not counted
    }).filter(Boolean);
    put(frame, e);
    show(p);
  };
  const show = (p) => {
    for (const b of badges) b.show(p.states[b.group.dataset.entity]?.[b.group.dataset.state] || 0);
  };
  const record = (e) => {
    const r = e.detail.record;
    if ((r.instance || r.program) !== name || !r.to || r.from === r.to) return;
    for (const g of frame.querySelectorAll("g[data-to]")) {
      if (g.dataset.to === r.to && (g.dataset.from === r.from || g.dataset.from === "")) flash(g);
    }
  };
  store.addEventListener("record", record);
  frame.update = (p) => {
    if (version !== p.version + " " + p.generation) draw(p);
    else show(p);
  };
  frame.close = () => store.removeEventListener("record", record);
  return frame;
}
