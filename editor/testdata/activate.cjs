// Runs the extension with stand-ins for the editor and the client, and prints what
// it does as JSON. Usage: node activate.cjs EXTENSION
const Module = require("node:module");
const path = require("node:path");

const did = { commands: [], started: [], stopped: 0, warnings: [] };
const settings = { smcc: "/opt/smcc", server: true };
let fails = false;

const fakes = {
  vscode: {
    workspace: {
      getConfiguration: () => ({ get: (name) => settings[name] }),
      onDidChangeConfiguration: () => ({ dispose() {} }),
    },
    commands: {
      registerCommand: (name, run) => (did.commands.push(name), { name, run, dispose() {} }),
      executeCommand() {},
    },
    window: { showWarningMessage: async (text) => void did.warnings.push(text) },
    ViewColumn: { Beside: -2 },
  },
  "vscode-languageclient/node": {
    TransportKind: { stdio: 0 },
    LanguageClient: class {
      constructor(id, name, server, options) {
        did.started.push({ command: server.command, args: server.args, transport: server.transport, selector: options.documentSelector });
      }
      async start() {
        if (fails) throw new Error("spawn ENOENT");
      }
      async stop() {
        did.stopped++;
      }
    },
  },
};
const load = Module._load;
Module._load = (request, ...rest) => fakes[request] ?? load(request, ...rest);

(async () => {
  const extension = require(path.resolve(process.argv[2]));
  const context = { subscriptions: [] };
  await extension.activate(context);
  await context.subscriptions.find((s) => s.name === "streamon.restart").run();
  fails = true;
  await context.subscriptions.find((s) => s.name === "streamon.restart").run();
  await extension.deactivate();
  console.log(JSON.stringify(did));
})();
