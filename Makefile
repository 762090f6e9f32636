# Everything starts from `make help`. The targets need Go 1.26, make and gcc.

PREFIX ?= /usr/local
GO     ?= go
BIN    ?= bin

# The probe is the SDK of its plugins: -trimpath makes its file names, and so
# the plugins, independent of where it was built; -pgo=off keeps the packages it
# shares with plugins as their sources say.
GOFLAGS_BUILD = -trimpath -pgo=off -buildvcs=false -ldflags='-s -w'

.PHONY: help build install demo test check bench bench-figure8 fuzz examples clean

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

install: build ## copy the binaries to $(PREFIX)/bin; no checkout is needed afterwards
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(BIN)/smcc $(BIN)/smprobe $(DESTDIR)$(PREFIX)/bin/

demo: build ## compile the paper's programs, hot-load them into a replaying probe, replace one
	@bash examples/demo.sh

test: build ## run every test
	$(GO) vet ./...
	$(GO) test -timeout 30m ./...

check: build ## what a change must pass: formatting, vet, staticcheck, race detector, goldens, 30 s of fuzzing
	@test -z "$$(gofmt -l $$(git ls-files '*.go' | grep -v testdata))" || { gofmt -l $$(git ls-files '*.go' | grep -v testdata); exit 1; }
	$(GO) vet ./...
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	$(GO) test -race -timeout 60m ./...
	$(GO) test $$(grep -rlE --include='*_test.go' 'flag.Bool\("update"|streamon/internal/testkit"' . | xargs -n1 dirname | sort -u) -run Golden -update && git diff --exit-code
	$(MAKE) fuzz FUZZTIME=5s

FUZZTIME ?= 30s
fuzz: ## fuzz every target for FUZZTIME
	@set -e; for pkg in $$($(GO) list ./...); do \
		for f in $$($(GO) test $$pkg -list '^Fuzz' | grep ^Fuzz || true); do \
			echo "== $$pkg $$f"; $(GO) test $$pkg -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME); \
		done; done

bench: build ## packets per second of each example on the largest capture, and every micro-benchmark
	$(GO) test -run '^$$' -bench . -benchmem ./runtime/...
	$(GO) test -run '^$$' -bench . -benchmem ./examples/
	$(MAKE) bench-figure8

METRICS ?= 1 4 8 16 24 32
ROUNDS  ?= 5
LIMIT   ?= ../shared/bench/limit.c
CAPTURE ?= testdata/pcap/p2p-gnutella.pcap
bench-figure8: build ## the paper's figure 8, beside a C kernel that does nothing else (LIMIT=FILE)
	@set -e; dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; programs=; \
	$(GO) run ./internal/bench/gen "$$dir" $(METRICS); \
	for n in $(METRICS); do \
		$(BIN)/smcc build -q -o "$$dir/worst$$n.so" "$$dir/worst$$n.smon"; programs="$$programs $$dir/worst$$n.so"; \
	done; \
	kernel=; [ ! -e "$(LIMIT)" ] || kernel="--kernel $(LIMIT)"; \
	$(BIN)/smprobe bench --rounds $(ROUNDS) $$kernel --json $(BIN)/figure8.json $$programs; echo; \
	$(BIN)/smprobe bench --rounds $(ROUNDS) --file 0 -r $(CAPTURE) --packets 500000 $$programs

examples: build ## rewrite the examples' expected output after a wanted change
	$(GO) test ./examples/ -run Golden -update

clean: ## remove what the other targets made
	rm -rf bin dist/deps.tar.gz
