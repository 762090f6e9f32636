// What was tried in the place of a program: the version that runs beside it as a shadow, or
// did so last, and why a version was taken back.

import { h, put, count, level, field, section } from "/page/dom.js";
import { api } from "/page/api.js";

const every = 3000; // ms between two questions

const time = (text) => text ? text.replace("T", " ").replace(/\.\d+Z$/, "Z") : "–";

// record is what a version reported, in a line.
const record = (r) => r ? [time(r.time), r.event, r.message || r.topic || r.command || ""].filter(Boolean).join(" ") : "–";

const differences = (r) => h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Differences" }, h("table", {},
  h("thead", {}, h("tr", {}, ["Kind", "Present version", "Tried version"].map((t) => h("th", { scope: "col" }, t)))),
  h("tbody", {}, r.differences.slice(0, 20).map((d) => h("tr", {}, h("th", { scope: "row" }, d.kind), h("td", {}, record(d.old)), h("td", {}, record(d.new)))))));

// results are the words for how a trial stands, with the colour of each.
const results = { running: ["info", "runs beside"], promoted: ["ok", "took its place"], refused: ["high", "was refused"], ended: ["none", "ended early"] };

function shown(r) {
  const [colour, words] = results[r.status] || ["none", r.status];
  const differ = r.differences.length + r.more;
  return [
    h("p", {}, level(colour, words), " ", r.why || ""),
    h("dl", { class: "facts" }, field("Tried version", h("span", { class: "code" }, r.version)), field("Beside", h("span", { class: "code" }, r.against)),
      field("From", time(r.begun)), field("Until", time(r.until)), field("To take its place", r.promote),
      field("Records", count(r.new_records) + ", " + count(r.old_records) + " of the present one"), field("The same", count(r.same)), field("Differ", count(differ)),
      field("Cost", count(r.new_ns_per_packet) + " ns/packet, " + count(r.old_ns_per_packet) + " of the present one")),
    r.cut && h("p", { class: "about" }, "A version reported too much to be kept; what was kept is compared."),
    differ > 0 && differences(r),
    differ > 20 && h("p", { class: "about" }, count(differ - 20) + " more are not shown."),
  ];
}

// trial is the card of the shadow; hidden if none was tried.
export function trial(name) {
  const body = h("div", { class: "trial" });
  const e = section("Shadow", { class: "card", hidden: true }, body);
  let asked = -every, text = "";
  e.update = async () => {
    if (performance.now() - asked < every) return;
    asked = performance.now();
    const d = await api.show(name).catch(() => null);
    if (!d) return;
    e.hidden = !d.shadow;
    const now = JSON.stringify(d.shadow || null);
    if (d.shadow && now !== text) put(body, ...shown(d.shadow));
    text = now;
  };
  return e;
}

// notices are what is to be known of a program before its figures.
export function notices(p) {
  return [
    p.error && "Stopped: " + p.error,
    p.rolled_back && "Rolled back: the version before runs again, with empty memory. " + p.rolled_back,
    p.ahead_until && "Its restored clock is ahead of the packets: its time stands still until " + time(p.ahead_until) + ".",
  ].filter(Boolean).join("\n");
}
