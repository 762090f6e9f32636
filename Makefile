# Everything starts from `make help`. The targets need Go 1.26, make and gcc.

PREFIX ?= /usr/local
GO     ?= go
BIN    ?= bin

# The probe is the SDK of its plugins: -trimpath makes its file names, and so
# the plugins, independent of where it was built; -pgo=off keeps the packages it
# shares with plugins as their sources say.
GOFLAGS_BUILD = -trimpath -pgo=off -buildvcs=false -ldflags='-s -w'

.PHONY: help build docs plots dashboard install demo test test-outage test-arm64 check bench bench-quick bench-micro fuzz cost editor examples clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

build: dist/deps.tar.gz ## compile smcc and smprobe into bin/
	@mkdir -p $(BIN)
	CGO_ENABLED=1 $(GO) build $(GOFLAGS_BUILD) -o $(BIN)/ ./cmd/smcc ./cmd/smprobe

# What a static probe needs beside our own sources; smcc carries it. Several makes
# may run at once (tests do that), and dist is embedded: nothing half done in there.
dist/deps.tar.gz: go.mod go.sum $(wildcard internal/*/*.go)
	@mkdir -p dist bin
	@tmp=bin/.deps.$$$$; $(GO) run ./internal/sdk/pack -o $$tmp ./internal/smprobe && mv $$tmp $@

SHARE = $(DESTDIR)$(PREFIX)/share
install: build ## copy binaries, manual pages and completion for shells below $(PREFIX); no checkout is needed afterwards
	install -d $(DESTDIR)$(PREFIX)/bin $(SHARE)/man/man1 $(SHARE)/bash-completion/completions $(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d
	install -m 755 $(BIN)/smcc $(BIN)/smprobe $(DESTDIR)$(PREFIX)/bin/
	@set -e; for c in smcc smprobe; do \
		$(BIN)/smcc man $$c > $(SHARE)/man/man1/$$c.1; \
		$(BIN)/smcc completion bash > $(SHARE)/bash-completion/completions/$$c; \
		$(BIN)/smcc completion fish > $(SHARE)/fish/vendor_completions.d/$$c.fish; \
	done; $(BIN)/smcc completion zsh > $(SHARE)/zsh/site-functions/_streamon

docs: build plots dashboard ## draw the pictures of the documentation, in doc/img
	@mkdir -p doc/img
	@set -e; for p in examples/*/*.smon doc/tutorial/worm.smon; do $(BIN)/smcc graph $$p -o doc/img/graph-$$(basename $$p .smon).svg; done
	$(BIN)/smcc test examples/ddos --run '^flood$$' --graph $(BIN)/reached && cp $(BIN)/reached/ddos.svg doc/img/reached-ddos.svg

dashboard: build ## take the pictures of the dashboard in doc/img, with Chromium
	$(GO) test ./cmd/smprobe -run TestDashboardPictures -update

plots: ## draw those of runs alone: doc/img/plot-*.svg
	$(GO) test ./cmd/smcc -run TestPictures -update

demo: build ## compile the paper's programs, hot-load them into a replaying probe, replace one
	@bash examples/demo.sh

# The two packages that take longest come first: begun last, they would be waited for alone.
test: build ## run every test
	$(GO) vet ./...
	$(GO) test -timeout 30m ./examples ./cmd/smprobe ./...

test-outage: ## sinks whose receivers are dead or slow for a whole minute
	STREAMON_OUTAGE=60s $(GO) test ./internal/sink -run Outage -v -parallel 12 -timeout 10m

# What kernels do on amd64 is done by twins elsewhere.
test-arm64: ## the tests of what programs link, for arm64, in an emulator; needs qemu-user-static
	GOARCH=arm64 $(GO) test -timeout 30m -exec qemu-aarch64-static ./runtime/...

check: build ## what a change must pass: formatting, vet (other systems too), staticcheck, race detector, goldens, 30 s of fuzzing
	@test -z "$$(gofmt -l $$(git ls-files '*.go' | grep -v testdata))" || { gofmt -l $$(git ls-files '*.go' | grep -v testdata); exit 1; }
	$(GO) vet ./...
	GOARCH=arm64 $(GO) vet ./...
	GOOS=darwin GOARCH=arm64 $(GO) vet ./...
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	$(GO) test -race -timeout 60m ./...
	$(GO) test $$(grep -rlE --include='*_test.go' 'flag.Bool\("update"|streamon/internal/testkit"' . | xargs -n1 dirname | sort -u) -run Golden -update && git diff --exit-code
	$(MAKE) fuzz FUZZTIME=5s

# Without a limit the first input of interest may be made smaller for all of the time.
FUZZTIME ?= 30s
fuzz: ## fuzz every target for FUZZTIME
	@set -e; for pkg in $$($(GO) list ./...); do \
		for f in $$($(GO) test $$pkg -list '^Fuzz' | grep ^Fuzz || true); do \
			echo "== $$pkg $$f"; $(GO) test $$pkg -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x; \
		done; done

# What bench measures: METRICS of figure 8, ROUNDS of PACKETS each, 1 … WORKERS workers, on
# synthetic packets and on CAPTURES; RACE packets of the first of them for whole
# processes; LIMIT is the C kernel that figure 8 is compared with.
METRICS  ?= 1 4 8 16 24 32
ROUNDS   ?= 5
PACKETS  ?= 2000000
WORKERS  ?= $(shell nproc)
RACE     ?= 1500000
LIMIT    ?= ../shared/bench/limit.c
TRACES   ?= ../shared/traces
BASELINE ?= testdata/bench/baseline.json
OUT      ?= $(BIN)/bench
CAPTURES ?= $(or $(wildcard $(addprefix $(TRACES)/,mix/goprobe-mix.pcap mix/echo-500conn.pcap.gz detect/synflood-spoofed.pcap)),testdata/pcap/p2p-gnutella.pcap)

bench: build ## every figure that is asked of the probe: tables, targets, JSON and the drawing in bin/bench; some 15 minutes
	@set -e; mkdir -p $(OUT); rm -f $(OUT)/*.smon $(OUT)/*.so $(OUT)/micro.txt; \
	$(GO) run ./internal/bench/gen $(OUT) $(METRICS); cp examples/*/*.smon $(OUT)/; \
	for p in $(OUT)/*.smon; do $(BIN)/smcc build -q -o "$${p%.smon}.so" "$$p"; done; \
	$(GO) test -c -o $(OUT)/packet.test ./runtime/packet; $(GO) test -c -o $(OUT)/capture.test ./internal/capture; \
	for i in $$(seq $(ROUNDS)); do \
		(cd runtime/packet && $(abspath $(OUT))/packet.test -test.run '^$$' -test.bench '/tcp4$$' -test.benchtime 200ms); \
		(cd internal/capture && $(abspath $(OUT))/capture.test -test.run '^$$' -test.bench 'Read' -test.benchtime 200ms); \
	done > $(OUT)/micro.txt; \
	kernel=; [ ! -e "$(LIMIT)" ] || kernel="--kernel $(LIMIT)"; \
	baseline=; [ ! -e "$(BASELINE)" ] || baseline="--baseline $(BASELINE)"; \
	captures=; for c in $(CAPTURES); do captures="$$captures -r $$c"; done; \
	$(BIN)/smprobe bench -v --suite --rounds $(ROUNDS) --packets $(PACKETS) --workers $(WORKERS) --race $(RACE) $$kernel $$baseline $$captures \
		--micro $(OUT)/micro.txt --json $(OUT)/bench.json --figure $(OUT)/figure8.svg --record $(OUT)/baseline.json $(OUT)/*.so

bench-quick: ## the same with fewer packets, rounds and metrics: an impression in two minutes
	@$(MAKE) bench METRICS="1 16" ROUNDS=3 PACKETS=400000 RACE=100000 OUT=$(BIN)/bench-quick

bench-micro: ## every micro-benchmark, and packets per second of each example on the largest captures
	$(GO) test -run '^$$' -bench . -benchmem ./runtime/... ./internal/capture
	$(GO) test -run '^$$' -bench . -benchmem ./examples/

cost: ## record what operations cost on this machine, for the estimates of smcc explain; goldens that show them follow
	$(GO) run ./internal/bench/costs -o codegen/cost/table.json
	$(GO) test ./cmd/smcc -run GoldenExplain -update
	$(GO) test ./doc -update

editor: ## test the files for editors with the packages that VS Code has; needs node and npm
	npm install --prefix editor/testdata --no-audit --no-fund
	$(GO) test -count=1 -v ./editor -run 'Original|Client|Manifest'

examples: build ## rewrite the examples' expected output after a wanted change
	$(GO) test ./examples/ -run Golden -update

clean: ## remove what the other targets made
	rm -rf bin dist/deps.tar.gz
