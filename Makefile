# NVIDIA's functions are bound at the first call; scripts/build says why. Tests and vet build with these, too.
export GOFLAGS := $(GOFLAGS) -buildvcs=false -ldflags=-extldflags=-Wl,-z,lazy
export FUZZTIME ?= 30s
CHAOS_STEPS ?= 20000

.PHONY: help build test lint bench chaos scenarios adversary demo fuzz docs release release-check clean setup screenshots

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/uratori, which is bin/factcheck under its other name
	scripts/build bin/uratori ./cmd/front
	ln -sfn uratori bin/factcheck

test: lint ## install what is missing, then vet, lint and run all tests with the race detector
	go test -race -p 3 -timeout 20m ./...

lint: setup ## vet, golangci-lint (gofumpt and the floors among it) and govulncheck
	go vet ./...
	.tools/bin/golangci-lint run --allow-serial-runners
	scripts/vulncheck

bench: ## run the benchmarks; BENCH='-only quota' for some of them, BENCH='-o docs/performance.md' to write them down
	go run ./tests/bench $(BENCH)

chaos: ## put the tracker through 20,000 steps of faults, people's edits and kill -9
	CHAOS_STEPS=$(CHAOS_STEPS) go test -count=1 -timeout 3h -run TestChaos -v ./tests/chaos

scenarios: ## have jobs die, hang, overheat and lose things for real, and print what people are told and what is done
	@bash -o pipefail -c "go test -count=1 -timeout 20m -v ./tests/scenarios | grep -v '^ *===\|--- PASS'"

adversary: ## play every way that an agent with a shell can try to have a lie believed, and print how each ends
	@bash -o pipefail -c "go test -count=1 -timeout 10m -v ./tests/adversary | grep -v '^ *===\|--- PASS'"

demo: ## install what the demo needs, and run it; no account is needed
	@scripts/setup demo
	@echo "building, which takes some minutes the first time"
	@go run ./cmd/uratori demo

fuzz: ## fuzz every target for FUZZTIME (30s)
	scripts/fuzz

docs: ## write the references of settings, commands and tools anew, from the program itself
	UPDATE_DOCS=1 go test -count=1 -run 'PageSays' ./tests/docs

screenshots: ## take the pictures of docs/images from a real run, in Chromium
	URATORI_SCREENSHOTS=$(CURDIR)/docs/images go test -count=1 -run TestScreenshots ./tests/browser

release: ## write archives, Debian packages, their contents and licences, and SHA256SUMS to dist
	scripts/release

release-check: ## make the release twice, compare, and run the program from the Debian package
	scripts/release-check

clean: ## remove what was built; the tools in .tools stay
	rm -rf bin dist

setup: ## install what tests need on a bare Debian machine
	@scripts/setup
