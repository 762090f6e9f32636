// What changes the probe: load, replace, unload, and what a new generation inherited.

import { h, put, count, field, empty, section } from "/page/dom.js";
import { api } from "/page/api.js";
import { store } from "/page/store.js";

// report lists what became of every structure.
export function report(memory) {
  if (!memory.length) return h("p", { class: "about" }, "The program has no memory.");
  const kept = memory.filter((m) => m.kept).length;
  return h("div", {}, h("p", {}, h("strong", {}, count(kept) + " of " + count(memory.length)), " structures kept their content."),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "What became of the memory" }, h("table", { class: "report" }, h("caption", { class: "hidden" }, "What became of the memory"),
      h("thead", {}, h("tr", {}, ["Structure", "", "Why"].map((t) => h("th", { scope: "col" }, t || h("span", { class: "hidden" }, "Kept"))))),
      h("tbody", {}, memory.map((m) => h("tr", { class: m.kept ? "kept" : m.why === "new" ? "" : "fresh" }, h("th", { scope: "row", class: "code" }, m.name),
        h("td", {}, m.kept ? "kept" : m.why === "new" ? "new" : (m.why || "").startsWith("dropped") ? "dropped" : "begins anew"), h("td", { class: "about" }, m.why || "declared alike")))))));
}

// failure shows an error as it was sent; that of a compiler has lines.
function failure(e) {
  return h("div", { class: "failure", role: "alert" }, h("strong", {}, "Nothing was changed."), h("pre", {}, e.message), e.hint && h("p", {}, e.hint));
}

// source is the choice of a program: a file of this machine, or one in the probe's folder.
function source(id) {
  const file = h("input", { type: "file", id: id + "-file", accept: ".smon,.xml,.so" });
  const path = h("input", { type: "text", id: id + "-path", placeholder: "p2p.so", autocomplete: "off", spellcheck: "false" });
  const e = h("div", { class: "filters" },
    h("label", { for: id + "-file" }, "Program of this machine (.smon, .xml, .so)", file),
    h("label", { for: id + "-path" }, "or a plugin on the probe", path));
  // request uploads what has to be, and returns the part of the request that names the program.
  e.request = async (say) => {
    const f = file.files[0];
    if (f) {
      say(f.name.endsWith(".so") ? "uploading …" : "compiling; the first program takes some ten seconds …");
      const up = await api.upload(f.name, f);
      return { request: { upload: up.upload }, log: up.log, program: up.program };
    }
    if (path.value.trim()) return { request: { path: path.value.trim() } };
    throw new Error("Choose a file, or name a plugin on the probe.");
  };
  e.update = () => {
    const me = store.me;
    file.disabled = !me || !me.write || Boolean(me.no_upload && !me.operator);
    path.disabled = !me || Boolean(me.no_load);
    file.title = me?.no_upload || "";
    path.title = me?.no_load || "";
  };
  e.clear = () => { file.value = ""; path.value = ""; };
  return e;
}

// why says what the caller cannot do, and nothing if there is nothing.
function limits() {
  const me = store.me;
  if (!me) return "";
  if (!me.write) return "Your token may only read: programs cannot be changed with it.";
  return [me.no_load && "Loading: " + me.no_load + ".", me.no_upload && "Sources: " + me.no_upload + "."].filter(Boolean).join(" ");
}

// run does something once at a time, and shows how it went.
async function run(button, into, f) {
  button.disabled = true;
  const say = (text) => put(into, h("p", { class: "about", role: "status" }, text));
  try {
    await f(say);
  } catch (e) {
    put(into, failure(e));
  }
  button.disabled = false;
}

export function change(name) {
  const from = source("replace");
  const result = h("div", { class: "result" });
  const about = h("p", { class: "about" });
  const replace = h("button", { type: "submit", class: "main" }, "Replace");
  const unload = h("button", { type: "button", class: "danger" }, "Unload");
  const form = h("form", {}, from, h("div", { class: "row" }, replace, unload), about, result);
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    run(replace, result, async (say) => {
      const { request, log } = await from.request(say);
      say("replacing …");
      const g = await api.replace({ ...request, name });
      put(result, h("div", { class: "done", role: "status" }, h("h3", {}, "Generation " + g.generation + " runs"),
        h("dl", { class: "facts" }, field("Source", h("span", { class: "code" }, g.version))), report(g.memory), log && h("pre", {}, log)));
      from.clear();
      store.say("changed", name);
    });
  });
  let sure = 0;
  unload.addEventListener("click", () => {
    if (performance.now() - sure > 5000) {
      sure = performance.now();
      put(unload, "Unload " + name + ": sure?");
      setTimeout(() => put(unload, "Unload"), 5000);
      return;
    }
    run(unload, result, async () => {
      await api.unload(name);
      store.say("message", name + " was unloaded");
      location.hash = "#/";
    });
  });
  form.update = () => {
    from.update();
    put(about, limits());
    replace.disabled ||= !store.me?.write;
    if (store.me?.write && !result.querySelector("[role=status].about")) replace.disabled = false;
    unload.disabled = !store.me?.write;
  };
  return form;
}

export function loadView() {
  const from = source("load");
  const name = h("input", { type: "text", id: "load-name", placeholder: "as the program", autocomplete: "off", spellcheck: "false", pattern: "[A-Za-z0-9_\\-]{1,64}" });
  const set = h("input", { type: "text", id: "load-set", placeholder: "limit=20 period=30s", autocomplete: "off", spellcheck: "false" });
  const vlans = h("input", { type: "text", id: "load-vlans", placeholder: "all", inputmode: "numeric", autocomplete: "off" });
  const nets = h("input", { type: "text", id: "load-nets", placeholder: "all", autocomplete: "off", spellcheck: "false" });
  const result = h("div", { class: "result" });
  const about = h("p", { class: "about" });
  const button = h("button", { type: "submit", class: "main" }, "Load");
  const words = (input) => input.value.split(/[\s,]+/).filter(Boolean);
  const form = h("form", {}, from, h("div", { class: "filters" },
    h("label", { for: "load-name" }, "Name of the instance", name), h("label", { for: "load-set" }, "Parameters", set),
    h("label", { for: "load-vlans" }, "VLANs it is shown", vlans), h("label", { for: "load-nets" }, "Networks it is shown", nets)),
  h("div", { class: "row" }, button), about, result);
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    run(button, result, async (say) => {
      const { request, log, program } = await from.request(say);
      const named = name.value.trim() || program;
      if (words(set).length && !named) throw new Error("Give the instance a name: parameters go by it.");
      const slice = words(vlans).length || words(nets).length ? { vlans: words(vlans).map(Number), nets: words(nets) } : undefined;
      say("loading …");
      const g = await api.load({ ...request, name: name.value.trim() || undefined, set: words(set).map((s) => named + "." + s), slice });
      put(result, h("div", { class: "done", role: "status" }, h("h3", {}, h("a", { href: "#/program/" + encodeURIComponent(g.program) }, g.program), " runs"), report(g.memory), log && h("pre", {}, log)));
      from.clear();
    });
  });
  const e = h("div", { class: "view narrow" }, h("h1", {}, "Load a program"), section("New instance", { class: "card" }, h("p", { class: "about" }, "It sees the packets from the next batch on; the others do not notice."), form));
  e.update = () => {
    from.update();
    put(about, limits());
    if (store.me && !store.me.write) button.disabled = true;
  };
  return e;
}

// parameters is the table of a program's parameters.
export function parameters(name) {
  const body = h("tbody", {});
  const result = h("div", { class: "result" });
  const save = h("button", { type: "submit", class: "main" }, "Set");
  const form = h("form", {}, h("div", { class: "scroll" }, h("table", { class: "values parameters" }, h("caption", { class: "hidden" }, "Parameters"),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Name"), h("th", { scope: "col" }, "Value"), h("th", { scope: "col" }, "Type"), h("th", { scope: "col", class: "n" }, "Default"))), body)), h("div", { class: "row" }, save), result);
  const none = empty("The program has no parameters.");
  form.hidden = none.hidden = true;
  const e = h("div", {}, form, none);
  let inputs = [], loaded = false;
  const written = (p, v) => (p.type === "duration" ? v + "s" : String(v));
  e.refresh = async () => {
    try {
      const { params } = await api.params(name);
      loaded = true;
      form.hidden = params.length === 0;
      none.hidden = params.length > 0;
      inputs = params.map((p) => {
        const id = "param-" + p.name;
        const input = h("input", { id, value: written(p, p.value), autocomplete: "off", spellcheck: "false" });
        input.was = input.value;
        input.param = p.name;
        return [p, input];
      });
      put(body, inputs.map(([p, input]) => h("tr", {}, h("th", { scope: "row", class: "code" }, h("label", { for: input.id }, p.name)), h("td", {}, input),
        h("td", { class: "about" }, p.type), h("td", { class: "n" + (JSON.stringify(p.value) === JSON.stringify(p.default) ? " about" : "") }, written(p, p.default)))));
    } catch (err) {
      if (!inputs.length) put(none, h("p", {}, err.message));
      none.hidden = inputs.length > 0;
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(save, result, async () => {
      const changed = inputs.map(([, i]) => i).filter((i) => i.value.trim() !== i.was);
      if (!changed.length) throw new Error("No value is another one.");
      const g = await api.setParams(name, Object.fromEntries(changed.map((i) => [i.param, i.value.trim()])));
      put(result, h("p", { class: "done", role: "status" }, "Generation " + g.generation + " runs with " + changed.map((i) => i.param + " = " + i.value.trim()).join(", ") + "; it keeps all memory."));
      await e.refresh();
      store.say("changed", name);
    });
  });
  e.update = () => {
    if (store.me && !store.me.write) save.disabled = true;
    if (!loaded && !store.isDown) e.refresh();
  };
  e.refresh();
  return e;
}
