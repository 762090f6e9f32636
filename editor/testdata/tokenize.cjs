// Colours programs as VS Code does, with its own tokenizer and regular expressions.
// Reads {name: text} as JSON and prints {name: [[{from, to, scopes}, …], …]}, the tokens
// of each line with places in UTF-16 units. Usage: node tokenize.cjs GRAMMAR < PROGRAMS
const fs = require("node:fs");
const oniguruma = require("vscode-oniguruma");
const { INITIAL, Registry, parseRawGrammar } = require("vscode-textmate");

(async () => {
  await oniguruma.loadWASM(fs.readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")).buffer);
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => parseRawGrammar(fs.readFileSync(process.argv[2], "utf8"), process.argv[2]),
  });
  const grammar = await registry.loadGrammar("source.smon");
  const out = {};
  for (const [name, text] of Object.entries(JSON.parse(fs.readFileSync(0, "utf8")))) {
    let stack = INITIAL;
    out[name] = text.split("\n").map((line) => {
      const { tokens, ruleStack } = grammar.tokenizeLine(line, stack);
      stack = ruleStack;
      return tokens.map((t) => ({ from: t.startIndex, to: Math.min(t.endIndex, line.length), scopes: t.scopes }));
    });
  }
  console.log(JSON.stringify(out));
})();
