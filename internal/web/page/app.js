// The frame: which view is shown, whether the probe answers, short messages.

import { h, put, short, count } from "/page/dom.js";
import { store } from "/page/store.js";
import { overview } from "/page/overview.js";
import { programView } from "/page/program.js";
import { alertsView } from "/page/alerts.js";
import { dropsView } from "/page/drops.js";
import { loadView } from "/page/change.js";

const main = document.getElementById("main");
const link = document.getElementById("link");
const banner = document.getElementById("banner");

// A view is made by a function of the parts of its address; it is an element with the
// methods update(), and close() if it has something to end.
function make(parts) {
  switch (parts[0]) {
    case "program":
      return parts[1] ? programView(parts[1]) : overview();
    case "alerts":
      return alertsView();
    case "drops":
      return dropsView();
    case "load":
      return loadView();
  }
  return overview();
}

let view = null;

function go() {
  const parts = location.hash.replace(/^#\/?/, "").split("/").map((part) => {
    try { return decodeURIComponent(part); } catch { return part; } // a % that somebody typed
  });
  view?.close?.();
  view = make(parts);
  put(main, view);
  view.update();
  const title = main.querySelector("h1")?.textContent;
  document.title = (title ? title + " · " : "") + "StreaMon";
  for (const a of document.querySelectorAll("nav a")) {
    const mine = a.hash.replace(/^#\/?/, "") === (parts[0] === "program" ? "" : parts[0]);
    if (mine) a.setAttribute("aria-current", "page");
    else a.removeAttribute("aria-current");
  }
}

addEventListener("hashchange", () => {
  if (location.hash === "#main") { // the link that skips the navigation
    main.focus();
    return;
  }
  go();
  main.focus({ preventScroll: true });
  scrollTo(0, 0);
});

document.querySelector(".skip").addEventListener("click", (e) => {
  e.preventDefault();
  main.focus();
});

store.addEventListener("update", () => {
  const s = store.summary;
  link.dataset.state = store.isDown ? "down" : s ? "up" : "";
  put(link.querySelector(".text"), store.isDown ? "no answer" : !s ? "connecting"
    : s.packets.read > 0 ? short(store.rates.packets) + " packets/s" : store.me?.tenant ? "tenant " + store.me.tenant : "no packets yet");
  link.title = s ? count(s.packets.read) + " packets" + (s.last ? ", the newest of " + s.last.slice(0, 19).replace("T", " ") + " UTC" : "") : "";
  const text = !store.isDown ? "" : store.error || (s ? "The probe does not answer. What is shown is the last that is known; trying again …" : "The probe does not answer. Trying again …");
  banner.hidden = text === "";
  put(banner, text);
  document.body.classList.toggle("stale", store.isDown && s !== null);
  view?.update();
});

const note = document.getElementById("note");
let hiding;

// A message at the foot of the page, for a while.
store.addEventListener("message", (e) => {
  put(note, e.detail);
  note.classList.add("shown");
  clearTimeout(hiding);
  hiding = setTimeout(() => note.classList.remove("shown"), 6000);
});
store.addEventListener("missed", (e) => store.say("message", count(e.detail) + " records were dropped: this page is too slow for them"));
store.addEventListener("record", (e) => {
  const { type, record } = e.detail;
  if (type === "alert" && (record.level === "high" || record.level === "critical")) store.say("message", record.level + ": " + record.message);
});

go();
store.begin();
