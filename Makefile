# dothi: two commands do all. `make demo` shows it, `make test` proves it; `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

DOTHI := target/debug/dothi
CARGO ?= cargo
# One set of packages for all tests: another set means other features, and the whole tree compiled again.
TESTED := --locked --workspace
WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)

.PHONY: help
help: ## Lists what there is
	@echo "dothi"; echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'
	@echo; echo "  make demo RESET=1            begins anew"
	@echo "  make demo PLACE=cambridge    Cambridge (Massachusetts) instead of Phường Sài Gòn"
	@echo "  make demo LAN=1              open to this network, for phones"
	@echo "  make demo PORT=8090          another port"

.PHONY: demo
demo: setup build ## A living city on http://localhost:8080
	@$(if $(PORT),DOTHI_LISTEN=127.0.0.1:$(PORT)) $(if $(LAN),DOTHI_LAN=true) exec $(DOTHI) demo $(if $(PLACE),--place $(PLACE)) $(if $(RESET),--reset)

.PHONY: test
test: ## Unit, API and browser tests, with one summary at the end
	@scripts/test unit api web

.PHONY: test-unit
test-unit: setup pages ## Tests without a database
	@$(CARGO) fmt --all --check
	@scripts/same-features
	@$(CARGO) test $(TESTED) --lib --bins --test core --test worker
	@cd web && npm test

.PHONY: test-api
test-api: setup tested ## What a user would do over HTTP, on a real PostGIS
	@$(DOTHI) with-database -- $(CARGO) test $(TESTED) --test api

.PHONY: test-web
test-web: setup-tests tested ## The pages in a real browser, on the demo place
	@$(DOTHI) with-database -- node tests/web/support/run.mjs

# The binary comes along with the API tests, with the very same features, so that nothing is compiled twice.
.PHONY: tested
tested: pages
	@$(CARGO) test $(TESTED) --test api --no-run

.PHONY: build
build: pages ## The server with its pages, in target/debug
	@$(CARGO) build --locked --bin dothi

.PHONY: pages
pages: web/dist/index.html ## The pages, in web/dist

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	@echo "dothi: building the pages"
	@cd web && npm run build

web/node_modules/.package-lock.json: web/package-lock.json
	@echo "dothi: installing what the pages are built with"
	@cd web && npm ci
	@touch $@

.PHONY: setup
setup: ## Installs what building and running need
	@scripts/setup

.PHONY: setup-tests
setup-tests:
	@scripts/setup --tests

.PHONY: doctor
doctor: build ## Names what is missing on this machine and the command that mends it
	@$(DOTHI) doctor

.PHONY: lint
lint: ## Clippy, as strict as it gets
	@$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

.PHONY: bench
bench: ## Measures the core, in ratios
	@$(CARGO) bench --locked --package dothi-tiles
