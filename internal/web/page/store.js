// What the page knows of the probe: the last summary, rates, alerts, and values over time.
// Views listen for "update", about every second, and for "record".

import { api, stream } from "/page/api.js";

const maxAlerts = 500;
const maxPoints = 4000; // of one entity
const maxEntities = 1000; // whose values are kept

class Store extends EventTarget {
  me = null;
  summary = null; // the newest one
  at = 0; // when it came, ms
  rates = { packets: 0, bytes: 0, history: [] }; // packets and bytes a second
  programRates = new Map(); // instance → packets a second
  alerts = []; // newest first: {id, record, text}
  known = new Set(); // their texts: a probe that was started again numbers its records anew
  isDown = false;
  error = "";
  series = new Map(); // "program entity" → Series
  chosen = new Map(); // instance → keys of the entities that are plotted

  say(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }

  program(name) { return this.summary?.programs.find((p) => p.name === name); }

  // of returns the values over time of one entity.
  of(program, key) {
    const id = program + " " + JSON.stringify(key);
    const s = this.series.get(id) || new Series();
    this.series.delete(id); // so that those that were of use last are last
    this.series.set(id, s);
    if (this.series.size > maxEntities) this.forget();
    return s;
  }

  // forget drops the values of the entity that nobody plots and nothing was heard of longest.
  forget() {
    const plotted = new Set([...this.chosen].flatMap(([program, keys]) => keys.map((k) => program + " " + JSON.stringify(k))));
    for (const id of this.series.keys()) {
      if (plotted.has(id)) continue;
      this.series.delete(id);
      return;
    }
  }

  // choose adds an entity to those that are plotted, or takes it out.
  choose(program, key, on = true) {
    const id = JSON.stringify(key);
    const rest = (this.chosen.get(program) || []).filter((k) => JSON.stringify(k) !== id);
    this.chosen.set(program, on ? [...rest, key].slice(-4) : rest);
    this.say("chosen");
  }
  isChosen(program, key) {
    return (this.chosen.get(program) || []).some((k) => JSON.stringify(k) === JSON.stringify(key));
  }

  async begin() {
    this.poll();
    await this.identify();
    const old = await this.patiently(() => api.alerts({ limit: 256 }));
    old.alerts.forEach((r) => this.keep(r));
    this.say("update");
    const opened = async () => { // of what came meanwhile nothing is lost, from whatever probe it is
      for (const r of (await this.patiently(() => api.alerts({ limit: 256 }))).alerts) this.take("alert", r);
      this.say("update");
    };
    stream({ types: "alert,publish", after: old.last || undefined }, new AbortController().signal,
      (type, record) => this.take(type, record), opened).catch((e) => this.say("message", "Alerts do not come any more: " + e.message));
  }

  async identify() {
    this.me = await this.patiently(() => api.me());
    this.say("update");
  }

  // patiently tries until the probe answers.
  async patiently(f) {
    for (;;) {
      try {
        return await f();
      } catch {
        await new Promise((go) => setTimeout(go, 1500));
      }
    }
  }

  take(type, record) {
    if (type === "dropped") {
      this.say("missed", record.dropped);
      return;
    }
    if (this.keep(record)) this.say("record", { type, record });
  }

  // keep notes a record, and returns whether it is a new one.
  keep(r) {
    const text = r.type === "alert" ? JSON.stringify(r) : "";
    if (this.known.has(text)) return false;
    const name = r.instance || r.program;
    const values = r.features || (r.type === "publish" ? r.fields : null);
    if (r.entity && Object.keys(r.entity).length > 0) {
      const s = this.of(name, r.entity);
      for (const step of r.path || []) s.state(step.since, step.state);
      if (values) s.values(r.time, values);
      if (r.to) s.state(r.time, r.to);
    }
    if (r.type === "alert") {
      this.alerts.unshift({ record: r, id: ++this.numbers, text });
      this.known.add(text);
      for (const a of this.alerts.splice(maxAlerts)) this.known.delete(a.text);
    }
    return true;
  }
  numbers = 0;

  async poll() {
    for (;;) {
      const begun = performance.now();
      try {
        const s = await api.summary();
        this.measure(s, performance.now());
        if (this.isDown) this.identify();
        this.isDown = false;
        this.error = "";
      } catch (e) {
        this.isDown = true;
        this.error = e.status ? e.message : "";
      }
      this.say("update");
      const pause = this.isDown ? 1500 : document.hidden ? 5000 : 1000;
      await new Promise((go) => setTimeout(go, Math.max(200, pause - (performance.now() - begun))));
    }
  }

  measure(s, now) {
    const old = this.summary;
    const dt = (now - this.at) / 1000;
    if (old && dt > 0) {
      const rate = (a, b) => Math.max(0, (a - b) / dt);
      this.rates.packets = rate(s.packets.read, old.packets.read);
      this.rates.bytes = rate(s.packets.bytes, old.packets.bytes);
      this.rates.history.push(this.rates.packets);
      this.rates.history = this.rates.history.slice(-90);
      for (const p of s.programs) {
        const before = old.programs.find((o) => o.name === p.name);
        this.programRates.set(p.name, before ? rate(p.packets, before.packets) : 0);
      }
    }
    this.summary = s;
    this.at = now;
  }
}

// Series is what is known of one entity, by packet time.
class Series {
  times = []; // s
  columns = new Map(); // feature → values, parallel to times
  states = []; // [time, state], in order of time
  changed = 0;

  values(time, values) {
    const t = Date.parse(time) / 1000;
    let i = this.times.length;
    while (i > 0 && this.times[i - 1] > t) i--;
    if (this.times[i - 1] === t) {
      i--;
    } else {
      this.times.splice(i, 0, t);
      for (const c of this.columns.values()) c.splice(i, 0, null);
    }
    for (const [name, v] of Object.entries(values)) {
      const x = typeof v === "boolean" ? Number(v) : v;
      if (typeof x !== "number") continue;
      if (!this.columns.has(name)) this.columns.set(name, Array(this.times.length).fill(null));
      this.columns.get(name)[i] = x;
    }
    if (this.times.length > maxPoints) {
      this.times.shift();
      for (const c of this.columns.values()) c.shift();
    }
    this.changed++;
  }

  state(time, name) {
    const t = Date.parse(time) / 1000;
    let i = this.states.length;
    while (i > 0 && this.states[i - 1][0] > t) i--;
    if (this.states[i - 1]?.[1] === name) return;
    if (this.states[i]?.[1] === name && this.states[i][0] === t) return;
    this.states.splice(i, 0, [t, name]);
    if (this.states.length > maxPoints) this.states.shift();
    this.changed++;
  }
}

export const store = new Store();
