# KF Console. `make help` lists the targets.

SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
TOOL    := $(GO) tool -modfile=tools.mod
TMP     := $(CURDIR)/.e2e

# Packages where several goroutines meet run under the race detector, each package once.
RACE := ./internal/kf/... ./internal/auth/... ./internal/ops/... ./internal/live/... ./cmd/console/run/...

# The version is not stamped from the repository: a checkout of another user would stop the build. Program, tests and linters are
# built alike, so that each package is compiled once, and once more for the race detector, which needs cgo.
export GOFLAGS := $(filter-out -buildvcs=% -trimpath,$(GOFLAGS)) -buildvcs=false -trimpath
export CGO_ENABLED := 0
export PLAYWRIGHT_DRIVER_PATH := $(TMP)/driver
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Build and start the demo on http://127.0.0.1:8080
	@exec bin/console demo

.PHONY: build
build: ## Build bin/console
	@$(GO) build -ldflags '-s -w -X main.version=$(VERSION)' -o bin/console ./cmd/console

.PHONY: test
test: deps check unit e2e ## Everything: generated code, format, vet, lint, architecture, unit, golden, contract, handler and browser tests

.PHONY: check
check: generated format vet lint ## Generated code up to date, gofmt, go vet, staticcheck, errcheck

.PHONY: generated
generated: # every *_templ.go is what its template gives; works without git as well
	@before=$$(find web -name '*_templ.go' -print0 | sort -z | xargs -0r sha256sum); \
	$(TOOL) templ generate -log-level warn; \
	after=$$(find web -name '*_templ.go' -print0 | sort -z | xargs -0r sha256sum); \
	if [ "$$before" != "$$after" ]; then \
		echo 'generated code was not up to date; it is now:'; diff <(echo "$$before") <(echo "$$after") | sed -n 's/^> [0-9a-f]* */  /p'; exit 1; \
	fi

.PHONY: format
format:
	@list=$$(gofmt -l cmd internal web e2e | grep -v '_templ\.go$$' || true); if [ -n "$$list" ]; then echo 'not formatted:' $$list; exit 1; fi

.PHONY: vet
vet:
	@$(GO) vet -tags e2e ./...

.PHONY: lint
lint:
	@$(TOOL) staticcheck -tags e2e ./...
	@$(TOOL) errcheck -tags e2e -ignoregenerated -ignoretests -exclude <(echo "(io.ReadCloser).Close") ./...

.PHONY: unit
unit: ## All tests but those in the browser
	@CGO_ENABLED=1 $(GO) test -vet=off -race $(RACE)
	@$(GO) test -vet=off $$($(GO) list ./... | grep -v -F -x "$$($(GO) list $(RACE))")

.PHONY: e2e
e2e: deps build ## The browser tests; RUN=Name narrows them, and screenshots are in e2e/artifacts
	@CONSOLE_BINARY=$(CURDIR)/bin/console PLAYWRIGHT_NODEJS_PATH=$$(command -v node) AXE_SCRIPT=$(TMP)/axe/axe.min.js \
		$(GO) test -vet=off -count=1 -tags e2e $(if $(RUN),-v -run '$(RUN)') -timeout 15m ./e2e/...

.PHONY: deps
deps: # installs what the tests need and is missing; a second run installs nothing
	@e2e/deps.sh $(TMP)

.PHONY: dev
dev: ## Start the demo anew at each change of a template or of Go code
	@GOFLAGS=-buildvcs=false $(TOOL) templ generate -watch -open-browser=false -proxy http://127.0.0.1:8080 -cmd '$(GO) run ./cmd/console demo'

.PHONY: generate
generate: ## Write the *_templ.go of every template
	@$(TOOL) templ generate -log-level warn

.PHONY: fmt
fmt: ## Format Go code and templates
	@gofmt -w cmd internal web e2e && $(TOOL) templ fmt web

.PHONY: golden
golden: ## Write the golden files anew; look at the difference before committing it
	@$(GO) test -vet=off -count=1 $$(grep -rl --include='*_test.go' 'flag.Bool("update"' internal web | xargs -n1 dirname | sort -u | sed 's,^,./,') -update

.PHONY: bench
bench: build ## Print each performance row as ours / limit = ratio (target)
	@CONSOLE_BINARY=$(CURDIR)/bin/console $(GO) test -vet=off -count=1 -p 1 -tags bench -run '^TestBench' -v -timeout 30m ./... | grep -E '^P[0-9]|^(---|===)? *FAIL|panic'

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME (default 10s)
	@$(GO) test -vet=off -list '^Fuzz' ./... | awk '/^Fuzz/ { names = names " " $$1 } /^ok/ { n = split(names, each); for (i = 1; i <= n; i++) print $$2, each[i]; names = "" }' | \
	while read -r package name; do \
		echo "$$package $$name"; $(GO) test -vet=off -run '^$$' -fuzz "^$$name$$" -fuzztime $${FUZZTIME:-10s} "$$package"; \
	done

.PHONY: soak
soak: ## Kill the sync over and over while 50 000 messages arrive; then everything is there once
	@$(GO) test -vet=off -count=1 -tags soak -run '^TestSoak' -v -timeout 30m ./internal/live | grep -vE '^=== '

.PHONY: clean
clean: ## Remove what was built and fetched; data/ stays
	@rm -rf bin .e2e e2e/artifacts
