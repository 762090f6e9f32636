// A stand-in for the module vscode: as much of VS Code as vscode-languageclient needs to
// talk to a server about one document. What it does not know is an empty class, or a
// function that registers something.
class Disposable {
  constructor(run = () => {}) {
    this.dispose = run;
  }
}

class EventEmitter {
  listeners = new Set();
  event = (listener, self) => {
    const call = self ? listener.bind(self) : listener;
    this.listeners.add(call);
    return new Disposable(() => this.listeners.delete(call));
  };
  fire(value) {
    return Promise.all([...this.listeners].map((l) => l(value)));
  }
  dispose() {
    this.listeners.clear();
  }
}

class Position {
  constructor(line, character) {
    Object.assign(this, { line, character });
  }
}

class Range {
  constructor(...a) {
    [this.start, this.end] = a.length === 2 ? a : [new Position(a[0], a[1]), new Position(a[2], a[3])];
  }
}

class Uri {
  constructor(path) {
    Object.assign(this, { scheme: "file", authority: "", path, query: "", fragment: "", fsPath: path });
  }
  static file = (path) => new Uri(path);
  static parse = (text) => new Uri(decodeURIComponent(text.replace(/^file:\/\//, "")));
  toString() {
    return "file://" + this.path.split("/").map(encodeURIComponent).join("/");
  }
}

// record is a class that keeps its arguments under these names.
const record = (...names) =>
  class {
    constructor(...args) {
      names.forEach((name, i) => args[i] !== undefined && (this[name] = args[i]));
    }
  };

class MarkdownString {
  constructor(value = "") {
    this.value = value;
  }
  appendMarkdown(text) {
    this.value += text;
    return this;
  }
}

class CancellationTokenSource {
  token = token;
  cancel() {}
  dispose() {}
}

const token = { isCancellationRequested: false, onCancellationRequested: () => new Disposable() };
const settings = {};
const providers = {};
const messages = [];
const documents = [];
const published = new Map(); // URI to lists of diagnostics, the latest last
const changes = new EventEmitter();
const events = new Map();

// event is one of the events that modules offer, by its name.
const event = (name) => events.get(name) ?? events.set(name, new EventEmitter()).get(name);

// open is a module of functions and events: what it is not told of is made up.
const open = (known) =>
  new Proxy(known, {
    get(target, name) {
      if (name in target || typeof name !== "string") return target[name];
      if (/^on(Did|Will)/.test(name)) return event(name).event;
      if (/^register/.test(name)) {
        return (...args) => {
          (providers[name.slice("register".length)] ??= []).push(args.find((a) => Object.getOwnPropertyNames(a ?? {}).some((k) => k.startsWith("provide"))) ?? args[1]);
          return new Disposable();
        };
      }
      return undefined;
    },
  });

const say = (text) => (messages.push(text), Promise.resolve(undefined));

const languages = open({
  match: (selector, document) => ([selector].flat().some((s) => (s.language ?? s) === document.languageId) ? 10 : 0),
  createDiagnosticCollection: () => ({
    set(uri, list) {
      const key = uri.toString();
      published.set(key, [...(published.get(key) ?? []), list ?? []]);
      changes.fire(key);
    },
    delete() {},
    clear() {},
    dispose() {},
  }),
});

const workspace = open({
  textDocuments: documents,
  workspaceFolders: undefined,
  isTrusted: true,
  getConfiguration: (section) => ({ get: (name, value) => settings[section ? `${section}.${name}` : name] ?? value, inspect: () => undefined }),
  createFileSystemWatcher: () => ({ onDidCreate: event("w").event, onDidChange: event("w").event, onDidDelete: event("w").event, dispose() {} }),
});

const channel = () => ({ append() {}, appendLine: (line) => void messages.push(line), show() {}, clear() {}, dispose() {} });
const window = open({ showWarningMessage: say, showErrorMessage: say, showInformationMessage: say, createOutputChannel: channel, visibleTextEditors: [], tabGroups: open({ all: [] }), state: { focused: true } });

const commands = { registerCommand: () => new Disposable(), executeCommand: async () => {} };

const known = {
  Disposable, EventEmitter, Position, Range, Uri, MarkdownString, CancellationTokenSource, languages, workspace, window, commands,
  env: { language: "en", appName: "stand-in", machineId: "0" },
  version: "1.82.0",
  extensions: { getExtension: () => undefined, all: [] },
  Diagnostic: record("range", "message", "severity"),
  Location: record("uri", "range"),
  Hover: record("contents", "range"),
  CompletionItem: record("label", "kind"),
  CompletionList: record("items", "isIncomplete"),
  DocumentSymbol: record("name", "detail", "kind", "range", "selectionRange"),
  SymbolInformation: record("name", "kind", "containerName", "location"),
  TextEdit: record("range", "newText"),
  DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
  CompletionTriggerKind: { Invoke: 0, TriggerCharacter: 1, TriggerForIncompleteCompletions: 2 },
  SymbolKind: new Proxy({}, { get: (_, name) => (name === "File" ? 0 : 1) }),
  CodeActionKind: new Proxy({}, { get: (_, name) => ({ value: String(name), append: (text) => ({ value: text }) }) }),
};
const api = new Proxy(known, { get: (target, name) => (name in target || typeof name !== "string" || !/^[A-Z]/.test(name) ? target[name] : (target[name] = class {})) });

// TextDocument is one that the user changes.
class TextDocument {
  version = 1;
  isUntitled = false;
  isClosed = false;
  isDirty = false;
  constructor(path, languageId, text) {
    Object.assign(this, { uri: Uri.file(path), fileName: path, languageId, text });
  }
  getText() {
    return this.text;
  }
  positionAt(offset) {
    const lines = this.text.slice(0, offset).split("\n");
    return new Position(lines.length - 1, lines.at(-1).length);
  }
  replace(text) {
    const range = new Range(new Position(0, 0), this.positionAt(this.text.length));
    const rangeLength = this.text.length;
    this.text = text;
    this.version++;
    return event("onDidChangeTextDocument").fire({ document: this, contentChanges: [{ range, rangeOffset: 0, rangeLength, text }] });
  }
}

module.exports = {
  api, settings, providers, messages, token,

  // open shows a document to all who listen.
  open(path, languageId, text) {
    const document = new TextDocument(path, languageId, text);
    documents.push(document);
    event("onDidOpenTextDocument").fire(document);
    return document;
  },

  // diagnostics waits for the nth list of a document.
  diagnostics(uri, n) {
    const found = () => published.get(uri.toString())?.[n - 1]?.map((d) => ({ line: d.range.start.line, message: d.message, code: String(d.code?.value ?? d.code) }));
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`no diagnostics came: ${messages.join("\n")}`)), 60000);
      const look = () => {
        const list = found();
        if (list) {
          clearTimeout(limit);
          resolve(list);
        }
      };
      changes.event(look);
      look();
    });
  },
};
