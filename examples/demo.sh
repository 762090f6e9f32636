#!/usr/bin/env bash
# Compiles the paper's three programs, loads them one after the other into one
# probe that replays a real capture, replaces one with an edited version and
# shows that its state was kept. Run by `make demo`.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
probe=
trap '[ -z "$probe" ] || kill "$probe" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
capture=testdata/pcap/p2p-gnutella.pcap
sock=$work/probe.sock

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

say "compile the paper's programs"
for p in conficker p2p ddos; do
	bin/smcc build -o "$work/$p.so" "examples/$p/$p.smon"
done

say "start a probe that replays $capture, 600 s of traffic, at 60x"
bin/smprobe run --replay "$capture" --speed 60x --socket "$sock" --alerts "$work/alerts.jsonl" --summary "$work/summary.json" --quiet &
probe=$!
for _ in $(seq 100); do [ -S "$sock" ] && break; sleep 0.05; done

for p in conficker p2p ddos; do
	say "load $p"
	bin/smprobe load "$work/$p.so" --socket "$sock"
	sleep 1
done
bin/smprobe list --socket "$sock"

say "wait for a P2P client"
for _ in $(seq 100); do grep -q '"program":"p2p"' "$work/alerts.jsonl" && break; sleep 0.1; done
alerts() { sed -E 's/.*"time":"([^"]*)".*"program":"([^"]*)".*"from":"([^"]*)","to":"([^"]*)".*"message":"([^"]*)","features":(\{[^}]*\}).*/\1  \2  \3 → \4  \5  \6/'; }
alerts <"$work/alerts.jsonl" | head -5
before=$(bin/smprobe show p2p --json --socket "$sock")

say "edit p2p: another message and limit; replace it while it runs"
sed -e 's/is a P2P client/is a P2P client (edited)/' -e 's/max_gap *= 10/max_gap = 20/' examples/p2p/p2p.smon >"$work/p2p.smon"
bin/smcc build -o "$work/p2p-edited.so" "$work/p2p.smon"
bin/smprobe replace "$work/p2p-edited.so" --socket "$sock"
after=$(bin/smprobe show p2p --json --socket "$sock")
bin/smprobe show p2p --limit 5 --socket "$sock"

occupied() { tr -d ' \n' <<<"$1" | grep -o '"states":{"host":{"p2p":[0-9]*' | grep -o '[0-9]*$'; }
echo "hosts in state p2p: $(occupied "$before") before, $(occupied "$after") after"
[ "$(occupied "$after")" -ge "$(occupied "$before")" ] || { echo "demo: state was lost" >&2; exit 1; }

say "unload conficker; the others go on"
bin/smprobe unload conficker --socket "$sock"
bin/smprobe list --socket "$sock"

say "end of the capture"
wait "$probe"
probe=
echo "$(wc -l <"$work/alerts.jsonl") alerts; the last ones:"
alerts <"$work/alerts.jsonl" | tail -5
