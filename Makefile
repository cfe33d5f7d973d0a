# The verbs a person types. Each does what it needs first: on a machine with Node and npm, any of them may
# come first.

# Which targets: make rebuild ONLY="node:22 python"
ONLY ?=
# Where packages come from: catalog, sandbox, or auto (the sandbox exactly when Alpine cannot be reached).
PROFILE ?= auto
# More options for the command line: make rebuild ARGS="--force --json"
ARGS ?=

BIRDHOUSE = npm run -s birdhouse --
WORLD = --profile $(PROFILE)
.DEFAULT_GOAL := help
.PHONY: help check list render plan explain update rebuild build smoke publish history rollback sizes sandbox test unit e2e test-all bench lint format doctor clean distclean

help: ## print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{ printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

check: node_modules ## validate the catalog: every mistake at once
	@$(BIRDHOUSE) check $(ARGS)

list: node_modules ## show the targets of the catalog
	@$(BIRDHOUSE) list $(ONLY) $(ARGS)

render: node_modules ## write images/ from the catalog and the templates
	@$(BIRDHOUSE) render $(ARGS)

plan: node_modules ## show what would be rebuilt, and why
	@$(BIRDHOUSE) plan $(ONLY) $(WORLD) $(ARGS)

update: node_modules ## show which branch carries which version; ARGS=--write edits the catalog
	@$(BIRDHOUSE) update $(ONLY) $(WORLD) $(ARGS)

explain: node_modules ## tell the full story of targets: make explain ONLY=node:22
	@$(BIRDHOUSE) explain $(ONLY) $(WORLD) $(ARGS)

rebuild: node_modules ## plan, build, smoke-test and publish what is due
	@$(BIRDHOUSE) rebuild $(ONLY) $(WORLD) $(ARGS)

build: node_modules ## only build, due or not
	@$(BIRDHOUSE) build $(ONLY) $(WORLD) $(ARGS)

smoke: node_modules ## only smoke-test what was built
	@$(BIRDHOUSE) smoke $(ONLY) $(WORLD) $(ARGS)

publish: node_modules ## only smoke-test and publish what was built
	@$(BIRDHOUSE) publish $(ONLY) $(WORLD) $(ARGS)

history: node_modules ## show what tags pointed at, and what changed in between: make history ONLY=node:22
	@$(BIRDHOUSE) history $(ONLY) $(WORLD) $(ARGS)

rollback: node_modules ## move tags back to where they pointed before: make rollback ONLY=node:22
	@$(BIRDHOUSE) rollback $(ONLY) $(WORLD) $(ARGS)

sizes: node_modules ## show what published images spend their bytes on, by package
	@$(BIRDHOUSE) sizes $(ONLY) $(WORLD) $(ARGS)

sandbox: node_modules ## keep the sandbox's registry and mirror running, to pull from; Ctrl-C ends it
	@$(BIRDHOUSE) sandbox $(ARGS)

test: lint unit e2e ## types, lint, unit and end-to-end tests

lint: node_modules ## types, lint, and whether what is generated is up to date
	@npm run -s types
	@npm run -s lint
	@$(BIRDHOUSE) render --check

unit: node_modules ## unit tests alone: seconds
	@npm run -s unit

e2e: node_modules ## the command line against real engines and a real registry
	@npm run -s e2e

test-all: node_modules ## what takes longer: the whole catalog, built twice
	@npm run -s full

bench: node_modules ## measure what is promised to be quick, each beside a peer or a limit
	@npm run -s bench

format: node_modules ## format the code
	@npm run -s format

doctor: node_modules ## look at all that a run needs: engine, registry, credentials, mirror, keys, clock, disk
	@$(BIRDHOUSE) doctor $(WORLD) $(ARGS)

clean: node_modules ## remove old layouts and the engine's leftovers, by the catalog's rule
	@$(BIRDHOUSE) clean $(ARGS)

distclean: ## remove all layouts, the sandbox and its registry
	rm -rf .birdhouse

node_modules: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch node_modules
