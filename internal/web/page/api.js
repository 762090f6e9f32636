// Requests to the probe. Where it needs a token, the page asks for it once and keeps it as
// long as the tab is open.

export class Problem extends Error {
  constructor(status, message, hint) {
    super(message);
    Object.assign(this, { status, hint });
  }
}

const token = {
  get() { try { return sessionStorage.getItem("token"); } catch { return token.here; } },
  set(text) { token.here = text; try { sessionStorage.setItem("token", text); } catch { /* until the page is left */ } },
};

let asking = null;

// askToken opens the form and waits until it is filled in.
function askToken(why) {
  asking ||= new Promise((done) => {
    const dialog = document.getElementById("ask");
    const field = document.getElementById("ask-token");
    if (why) document.getElementById("ask-why").textContent = why;
    dialog.addEventListener("cancel", (e) => e.preventDefault());
    dialog.addEventListener("close", () => {
      token.set(field.value.trim());
      field.value = "";
      asking = null;
      done();
    }, { once: true });
    if (!dialog.open) dialog.showModal();
  });
  return asking;
}

// send asks until the probe knows who asks.
// A summary comes within milliseconds; options.within bounds each try, in ms.
async function send(method, path, body, options = {}) {
  for (;;) {
    const headers = {};
    const used = token.get();
    if (used) headers.Authorization = "Bearer " + used;
    if (body !== undefined && !options.raw) headers["Content-Type"] = "application/json";
    const response = await fetch(path, {
      method, headers, cache: "no-store", signal: options.within ? AbortSignal.timeout(options.within) : options.signal,
      body: body === undefined ? undefined : options.raw ? body : JSON.stringify(body),
    }).catch(() => { throw new Problem(0, "the probe does not answer"); });
    if (response.status === 401) {
      const said = await response.json().catch(() => ({}));
      if (used === token.get()) await askToken(used ? "The probe does not take this token: " + said.error : "");
      continue;
    }
    if (!response.ok) {
      const said = await response.json().catch(() => ({}));
      throw new Problem(response.status, said.error || "the probe answered " + response.status, said.hint);
    }
    return response;
  }
}

const json = async (...args) => (await send(...args)).json();
const program = (name) => "/v1/programs/" + encodeURIComponent(name);

// query writes parameters, without those that are empty.
const query = (values) => {
  const list = Object.entries(values).filter(([, v]) => v !== undefined && v !== null && v !== "");
  return list.length ? "?" + new URLSearchParams(list) : "";
};

export const api = {
  me: () => json("GET", "/v1/me"),
  summary: () => json("GET", "/v1/programs", undefined, { within: 15000 }),
  show: (name) => json("GET", program(name) + "?limit=0"),
  machines: (name) => json("GET", program(name) + "/machines"),
  graph: async (name) => (await send("GET", program(name) + "/graph")).text(),
  states: (name, q) => json("GET", program(name) + "/states" + query(q)),
  params: (name) => json("GET", program(name) + "/params"),
  setParams: (name, set) => json("PATCH", program(name) + "/params", { set }),
  lists: (name) => json("GET", program(name) + "/lists"),
  setList: (name, list, text) => json("PUT", program(name) + "/lists/" + encodeURIComponent(list), text, { raw: true }),
  top: (name) => json("GET", program(name) + "/top?limit=10"),
  alerts: (q) => json("GET", "/v1/alerts" + query(q)),
  records: (name) => json("GET", program(name) + "/features?limit=200"),
  metrics: async () => (await send("GET", "/metrics")).text(),
  upload: (file, body) => json("POST", "/v1/uploads" + query({ file }), body, { raw: true }),
  load: (request) => json("POST", "/v1/programs", request),
  replace: (request) => json("PUT", "/v1/programs", request),
  unload: (name) => json("DELETE", program(name)),
};

// stream calls got(type, record, number) for each record until signal is aborted, and down()
// whenever it has to begin anew. The probe says every 15 s that it is still there: a connection
// that is silent for longer is dead, as after a laptop slept. EventSource cannot send a token, so events are read here
// (WHATWG HTML §9.2).
const silence = 40000; // ms

export async function stream(q, signal, got, opened, down) {
  let last = q.after || 0;
  for (let wait = 500; !signal.aborted; wait = Math.min(2 * wait, 8000)) {
    const dead = new AbortController();
    let timer = 0;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => dead.abort(), silence);
    };
    try {
      const response = await send("GET", "/v1/stream" + query({ ...q, after: last || undefined }), undefined, { signal: AbortSignal.any([signal, dead.signal]) });
      opened?.();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "", event = {};
      for (;;) {
        alive();
        const { done, value } = await reader.read();
        if (done) break;
        text += value;
        const lines = text.split("\n");
        text = lines.pop();
        for (const line of lines) {
          const at = line.indexOf(": ");
          if (line === "") {
            if (event.data) {
              if (event.id) last = Number(event.id);
              got(event.event, JSON.parse(event.data), Number(event.id));
            }
            event = {};
          } else if (at > 0) {
            event[line.slice(0, at)] = line.slice(at + 2);
          }
        }
        wait = 500;
      }
    } catch (e) {
      if (signal.aborted) return;
      if (e instanceof Problem && e.status >= 400 && e.status < 500 && e.status !== 429) throw e;
    } finally {
      clearTimeout(timer);
    }
    down?.();
    await new Promise((go) => setTimeout(go, wait));
  }
}
