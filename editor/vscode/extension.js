// The client of StreaMon programs: it starts `smcc lsp` and talks to it over its
// standard input and output, and shows what `smcc graph` draws.

const { execFile } = require("node:child_process");
const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

/** @type {LanguageClient | undefined} */
let client;

/** smcc returns the compiler as the user set it. */
function smcc() {
  return vscode.workspace.getConfiguration("streamon").get("smcc") || "smcc";
}

/** start starts the server, and says once what to do if that fails. */
async function start() {
  if (!vscode.workspace.getConfiguration("streamon").get("server")) {
    return;
  }
  const server = { command: smcc(), args: ["lsp"], transport: TransportKind.stdio };
  client = new LanguageClient("streamon", "StreaMon", server, {
    documentSelector: [
      { scheme: "file", language: "smon" },
      { scheme: "untitled", language: "smon" },
    ],
  });
  try {
    await client.start();
  } catch (err) {
    client = undefined;
    const choice = await vscode.window.showWarningMessage(
      `StreaMon: ${server.command} lsp does not start (${err.message}). Colours and snippets work without it.`,
      "Settings",
    );
    if (choice) {
      vscode.commands.executeCommand("workbench.action.openSettings", "streamon.smcc");
    }
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

/** graph shows the states of the program in the editor. */
function graph() {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId !== "smon" || document.isUntitled) {
    vscode.window.showInformationMessage("StreaMon: open a program (.smon) that is saved.");
    return;
  }
  execFile(smcc(), ["graph", document.fileName], { maxBuffer: 1 << 26 }, (err, svg, messages) => {
    if (err) {
      vscode.window.showErrorMessage(`StreaMon: ${messages.split("\n")[0] || err.message}`);
      return;
    }
    const panel = vscode.window.createWebviewPanel("streamon.graph", `States of ${document.fileName.split(/[\\/]/).pop()}`, {
      viewColumn: vscode.ViewColumn.Beside,
      preserveFocus: true,
    });
    // The drawing has no script and refers to nothing; the policy holds it to that.
    panel.webview.html = `<!doctype html><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<body>${svg}</body>`;
  });
}

/** @param {vscode.ExtensionContext} context */
async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("streamon.graph", graph),
    vscode.commands.registerCommand("streamon.restart", async () => {
      await stop();
      await start();
    }),
    vscode.workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration("streamon.smcc") || change.affectsConfiguration("streamon.server")) {
        await stop();
        await start();
      }
    }),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
