# The commands of everyday work. `make check` runs everything CI runs, in the same order.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

export CARGO_INCREMENTAL ?= 1
# The cases of random tests are the same in each run here. `cargo test` alone makes new ones.
export PROPTEST_RNG_SEED ?= 1
PEER_DIR := $(CURDIR)/target/peer
# PocketBase, for the differential tests; the tests are skipped where it is not installed.
export STEADING_PEER ?= $(PEER_DIR)/bin/pocketbase

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: build
build: ## Build the server with the dashboard inside (debug)
	cargo build

.PHONY: dev
dev: ## Run the server and the dashboard's dev server together
	cargo build
	trap 'kill 0' EXIT; cargo run & npm --prefix admin-ui run dev & wait

.PHONY: demo
demo: build ## Load the Chinook record shop into ./demo_data and say what to try
	demo/load.sh target/debug/steading demo_data

.PHONY: bench
bench: ## Measure against PocketBase and a bare handler (takes some twelve minutes)
	cargo bench --bench http

.PHONY: pictures
pictures: build ## Take the pictures of docs/first-hour.md
	npm --prefix admin-ui run pictures

.PHONY: tools
tools: ## Install what the tests need: Chromium, PocketBase, npm packages
	tools/install.sh

.PHONY: check
check: tools fmt clippy test deny ui js e2e ## Everything CI runs

.PHONY: fmt
fmt:
	cargo fmt --check

.PHONY: clippy
clippy:
	cargo clippy --all-targets -- -D warnings

.PHONY: test
test: ## Unit and integration tests of the server
	cargo test

.PHONY: deny
deny:
	tools/banned.sh

.PHONY: advisories
advisories: ## Known holes in what we build on; needs cargo-deny and a network
	cargo deny check advisories
	npm --prefix admin-ui audit --omit=dev

.PHONY: ui
ui: ## Types, lint, unit tests and unused code of the dashboard
	npm --prefix admin-ui run check

.PHONY: js
js: build ## The official SDK, and the comparison with PocketBase
	npm --prefix tests/js test

.PHONY: e2e
e2e: build ## The dashboard in a real browser
	npm --prefix admin-ui run e2e
