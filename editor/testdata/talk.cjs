// Runs the extension with its real client and the real smcc lsp, and a stand-in for the
// editor: opens a program, corrects it, and asks what VS Code would ask. Prints as JSON what
// came back. Usage: node talk.cjs EXTENSION SMCC < {"bad": text, "good": text, "path": file}
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const vscode = require("./vscode.cjs");

const load = Module._load;
Module._load = function (request, parent, ...rest) {
  if (request === "vscode") return vscode.api;
  // The extension has no packages of its own in a checkout: those of the tests are taken.
  return load.call(this, request.startsWith("vscode-languageclient") && !request.startsWith(".") ? require.resolve(request) : request, parent, ...rest);
};

(async () => {
  const input = JSON.parse(fs.readFileSync(0, "utf8"));
  vscode.settings["streamon.smcc"] = path.resolve(process.argv[3]);
  vscode.settings["streamon.server"] = true;
  vscode.settings["streamon.trace.server"] = "off";
  const extension = require(path.resolve(process.argv[2]));
  const context = { subscriptions: [] };
  await extension.activate(context);

  const out = { providers: Object.keys(vscode.providers).sort() };
  const document = vscode.open(input.path, "smon", input.bad);
  out.bad = await vscode.diagnostics(document.uri, 1);
  document.replace(input.good);
  out.good = await vscode.diagnostics(document.uri, 2);

  const ask = async (kind, method, ...args) => (await vscode.providers[kind][0][method](document, ...args, vscode.token)) ?? null;
  const at = (text, ahead = 0) => document.positionAt(document.getText().indexOf(text) + ahead);
  const hover = await ask("HoverProvider", "provideHover", at("tcp.flags", 5));
  out.hover = [hover?.contents ?? []].flat().map((c) => c.value ?? c);
  const typed = { triggerKind: 1, triggerCharacter: "." };
  const list = await vscode.providers.CompletionItemProvider[0].provideCompletionItems(document, at("tcp.flags", 4), vscode.token, typed);
  out.completion = (list?.items ?? list ?? []).map((i) => i.label.label ?? i.label);
  const definition = await ask("DefinitionProvider", "provideDefinition", at("set n[", 4));
  out.definition = [definition].flat().map((d) => d.range.start.line);
  out.symbols = (await ask("DocumentSymbolProvider", "provideDocumentSymbols")).map((s) => s.name);
  out.format = (await ask("DocumentFormattingEditProvider", "provideDocumentFormattingEdits", { tabSize: 2, insertSpaces: true })).map((e) => e.newText);

  await extension.deactivate();
  out.messages = vscode.messages;
  console.log(JSON.stringify(out));
  process.exit(0);
})().catch((err) => {
  console.error(err);
  process.exit(1);
});
