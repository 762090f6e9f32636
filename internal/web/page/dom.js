// Elements and the forms of numbers. Text from the network only ever becomes text nodes.

// h makes an element: h("td", {class: "n", onclick: f}, "text", child, …). Attributes that
// are null or false are left out.
export function h(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) e.addEventListener(name.slice(2), value);
    else e.setAttribute(name, value === true ? "" : value);
  }
  e.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return e;
}

// put replaces what is in e, unless it would be the same text.
export function put(e, ...children) {
  if (children.length === 1 && typeof children[0] === "string") {
    if (e.textContent !== children[0]) e.textContent = children[0];
    return e;
  }
  e.replaceChildren(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return e;
}

// rows keeps the children of a list in step with data, so that what has the focus keeps it:
// make(item) gives an element with a method show(item).
export class Rows {
  constructor(parent, key, make) {
    Object.assign(this, { parent, key, make, known: new Map() });
  }
  show(items) {
    const wanted = new Set(items.map(this.key));
    for (const [key, row] of this.known) { // first, or the others would be moved, and lose the focus
      if (wanted.has(key)) continue;
      row.remove();
      this.known.delete(key);
    }
    let at = this.parent.firstElementChild;
    for (const item of items) {
      const key = this.key(item);
      if (!wanted.delete(key)) continue; // twice
      let row = this.known.get(key);
      if (!row) {
        row = this.make(item);
        this.known.set(key, row);
      }
      row.show(item);
      if (row === at) at = at.nextElementSibling;
      else this.parent.insertBefore(row, at);
    }
  }
}

const thousands = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

// count writes a whole number: 1 234 567, with thin spaces.
export const count = (n) => thousands.format(n || 0).replaceAll(",", "\u2009");

// short writes a number in four characters or so: 12.3k.
export function short(n) {
  if (!isFinite(n)) return "–";
  const units = ["", "k", "M", "G", "T"];
  let i = 0;
  while (Math.abs(n) >= 999.5 && i < 4) {
    n /= 1000;
    i++;
  }
  const text = i === 0 && Number.isInteger(n) ? String(n) : String(Number(n.toPrecision(3)));
  return text + units[i];
}

// bytes writes a size in binary units.
export function bytes(n) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let i = 0;
  while (n >= 1024 && i < 4) {
    n /= 1024;
    i++;
  }
  return (i === 0 ? String(n) : n.toPrecision(n >= 1000 ? 4 : 3)) + "\u00a0" + units[i];
}

// number writes a value of a feature.
export function number(v) {
  if (v === null || v === undefined) return "undefined";
  if (typeof v === "number") return Number.isInteger(v) ? count(v) : String(Number(v.toPrecision(5)));
  if (typeof v === "object") return JSON.stringify(v);
  return String(v);
}

export const percent = (x) => (!x ? "0" : x > 0 && x < 0.001 ? "<0.1" : (100 * (x || 0)).toFixed(x < 0.1 ? 1 : 0)) + "\u00a0%";

// clock writes a packet time; day says which day it was.
export const clock = (text) => (text ? text.slice(11, 19) : "–");
export const day = (text) => (text ? text.slice(0, 10) : "");

// seconds between two packet times.
export const between = (from, to) => (Date.parse(to) - Date.parse(from)) / 1000;

// lasting writes a duration in seconds.
export function lasting(s) {
  if (!(s >= 0)) return "–";
  if (s < 10) return s.toFixed(1) + "\u00a0s";
  if (s < 120) return Math.round(s) + "\u00a0s";
  if (s < 7200) return Math.round(s / 60) + "\u00a0min";
  if (s < 172800) return (s / 3600).toFixed(1) + "\u00a0h";
  return Math.round(s / 86400) + "\u00a0d";
}

// keyText writes the key of an entity: values, with commas between.
export const keyText = (key) => Object.values(key || {}).map((v) => (v === null ? "–" : String(v))).join(", ");

// level is a chip with a level, or with another word.
export function level(word, text) {
  return h("span", { class: "chip", "data-level": word || "none" }, text || word || "–");
}

// field is one entry of a list of facts.
export function field(name, ...value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, ...value));
}

// empty says that there is nothing, and what would change that.
export const empty = (head, ...more) => h("div", { class: "empty" }, h("strong", {}, head), h("p", {}, ...more));

// section is a part of a page with a heading.
let sections = 0;
export function section(title, attributes, ...children) {
  const id = "s" + ++sections;
  return h("section", { ...attributes, "aria-labelledby": id }, h("h2", { id }, title), ...children);
}
