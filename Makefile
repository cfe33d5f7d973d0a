# The verbs a person types. Each does what it needs first: on a machine with Node and npm, any of them may
# come first.
#
# A variable may hold anything: neither make nor the shell reads what is in one. It is handed on by the
# environment, and scripts/with-variables.mjs makes words of it.

# Which targets: make rebuild ONLY="node:22 python"
ONLY ?=
# Where packages come from: catalog, sandbox, or auto (the sandbox where Alpine cannot be reached and the
# catalog publishes to this machine).
PROFILE ?= auto
# More options for the command line, with quotes as in a shell: make rebuild ARGS="--force --json"
ARGS ?=

# The world, where it is not the catalog's: each is an option of the command line.
CATALOG ?=
REGISTRY ?=
MIRROR_PORT ?=
STATE ?= .birdhouse
# For make runs: which run to show, 1 being the last.
SHOW ?=
# For make export and make import: a directory, or an archive that ends in .tar. For make promote: registries.
TO ?=
FROM ?=
# For make matrix: github or gitlab.
CI_SYSTEM ?= github
# For make install-timer: where the units go, below DESTDIR, and whose settings they read; UNIT_DIR and SETTINGS
# are below PREFIX unless given.
DESTDIR ?=
PREFIX ?=

# As they were given: a variable of make's own kind is expanded whenever it is used or handed on, so that a
# $(shell …) in one would run. These two lines are also for GNU make 3.81, which macOS has.
as_given = $(eval override $(1) := $$(value $(1)))$(eval override BIRDHOUSE_$(1) := $$(value $(1)))$(eval export BIRDHOUSE_$(1))
$(foreach name,ONLY PROFILE ARGS CATALOG REGISTRY MIRROR_PORT STATE SHOW TO FROM CI_SYSTEM DESTDIR PREFIX,$(call as_given,$(name)))
ifeq ($(origin UNIT_DIR),undefined)
UNIT_DIR := $(PREFIX)/etc/systemd/system
endif
ifeq ($(origin SETTINGS),undefined)
SETTINGS := $(PREFIX)/etc/birdhouse.env
endif
$(foreach name,UNIT_DIR SETTINGS,$(call as_given,$(name)))

# Another program to run in its place, for tests.
BIRDHOUSE =
RUN = node scripts/with-variables.mjs

.DEFAULT_GOAL := help
.PHONY: help check list render plan explain update rebuild join build smoke publish inspect status scan history rollback prune promote export import sizes runs serve sandbox test unit integration e2e test-all soak peers bench lint format doctor clean distclean matrix summary install-timer uninstall-timer node_modules

help: ## print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{ printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

check: node_modules ## validate the catalog: every mistake at once
	@$(RUN) check $(BIRDHOUSE)

list: node_modules ## show the targets of the catalog
	@$(RUN) list $(BIRDHOUSE)

render: node_modules ## write images/ from the catalog and the templates
	@$(RUN) render $(BIRDHOUSE)

plan: node_modules ## show what would be rebuilt, and why
	@$(RUN) plan $(BIRDHOUSE)

update: node_modules ## show which branch carries which version; ARGS=--write edits the catalog
	@$(RUN) update $(BIRDHOUSE)

explain: node_modules ## tell the full story of targets: make explain ONLY=node:22
	@$(RUN) explain $(BIRDHOUSE)

rebuild: node_modules ## plan, build, smoke-test and publish what is due
	@$(RUN) rebuild $(BIRDHOUSE)

join: node_modules ## publish what several machines made, each with rebuild --half of one platform
	@$(RUN) join $(BIRDHOUSE)

build: node_modules ## only build, due or not
	@$(RUN) build $(BIRDHOUSE)

smoke: node_modules ## only smoke-test what was built
	@$(RUN) smoke $(BIRDHOUSE)

publish: node_modules ## only smoke-test and publish what was built
	@$(RUN) publish $(BIRDHOUSE)

inspect: node_modules ## show what published targets hold: make inspect ONLY=node:22 ARGS=--sbom
	@$(RUN) inspect $(BIRDHOUSE)

status: node_modules ## show what the registry holds: age, size, vulnerabilities, what is due
	@$(RUN) status $(BIRDHOUSE)

scan: node_modules ## look for vulnerabilities in what is published, and write down what became of each
	@$(RUN) scan $(BIRDHOUSE)

history: node_modules ## show what tags pointed at, and what changed in between: make history ONLY=node:22
	@$(RUN) history $(BIRDHOUSE)

rollback: node_modules ## move tags back to where they pointed before: make rollback ONLY=node:22
	@$(RUN) rollback $(BIRDHOUSE)

prune: node_modules ## remove builds older than what the catalog keeps: make prune ARGS=--dry-run
	@$(RUN) prune $(BIRDHOUSE)

promote: node_modules ## take builds on to another registry: make promote FROM=ghcr.io/birds-staging TO=ghcr.io/birds
	@$(RUN) promote $(BIRDHOUSE)

export: node_modules ## write published targets to a directory or a tar: make export ONLY=node:22 TO=node.tar
	@$(RUN) export $(BIRDHOUSE)

import: node_modules ## publish what was exported elsewhere: make import FROM=node.tar
	@$(RUN) import $(BIRDHOUSE)

sizes: node_modules ## show what published images spend their bytes on, by package
	@$(RUN) sizes $(BIRDHOUSE)

.PHONY: site
site: node_modules ## write static pages of what the registry holds to site/
	@$(RUN) site $(BIRDHOUSE)

runs: node_modules ## list what runs did; make runs SHOW=1 tells of the last one
	@$(RUN) runs $(BIRDHOUSE)

serve: node_modules ## keep this machine's registry running, to pull from; Ctrl-C ends it
	@$(RUN) serve $(BIRDHOUSE)

sandbox: node_modules ## keep the sandbox's registry and mirror running, to pull from; Ctrl-C ends it
	@$(RUN) sandbox $(BIRDHOUSE)

test: lint unit integration e2e ## types, lint, unit, integration and end-to-end tests

lint: node_modules ## types, lint, the order of the rooms, unused code, and whether what is generated is up to date
	@npm run -s types
	@npm run -s lint
	@npm run -s rooms
	@npm run -s unused
	@node scripts/start.mjs render --check

unit: node_modules ## unit tests alone: seconds
	@npm run -s unit

integration: node_modules ## tests of the parts that start processes or talk to servers: half a minute
	@npm run -s integration

e2e: node_modules ## the command line against real engines and a real registry
	@npm run -s e2e

test-all: node_modules ## what takes longer: every image of the catalog built, nights that nobody watches, faults, peers
	@npm run -s full

soak: node_modules ## the same, and what is slow and rare whole: every version, a month of nights, 120 targets: hours
	@BIRDHOUSE_TEST_SOAK=1 npm run -s full

peers: node_modules ## ask programs of others what they make of our images: needs Go for some, and minutes
	@npm run -s peers

bench: node_modules ## measure what is promised to be quick, each beside a peer or a limit
	@npm run -s bench

.PHONY: screenshots
screenshots: node_modules ## make the docs' pictures of a run's page anew
	@npm run -s screenshots

format: node_modules ## format the code
	@npm run -s format

doctor: node_modules ## look at all that a run needs: engine, registry, credentials, mirror, keys, clock, disk
	@$(RUN) doctor $(BIRDHOUSE)

matrix: node_modules ## print the jobs of a CI run, as one line that a workflow takes for its output
	@plan=$$($(RUN) matrix $(BIRDHOUSE)); status=$$?; \
	if [ "$$BIRDHOUSE_CI_SYSTEM" = github ]; then printf 'plan='; fi; printf '%s\n' "$$plan"; exit $$status

summary: ## print what the last run did, for a CI's summary page
	@if [ -f "$$BIRDHOUSE_STATE/runs/latest.md" ]; then cat -- "$$BIRDHOUSE_STATE/runs/latest.md"; fi

# The units hold the folder and the Node that they run, and are made anew after either has moved.
install-timer: ## rebuild every night: installs a systemd timer and its service
	@node schedule/systemd/install.mjs
	@if [ -z "$$BIRDHOUSE_DESTDIR" ]; then systemctl daemon-reload && systemctl enable --now birdhouse.timer; fi

uninstall-timer: ## remove the timer and its service
	@if [ -z "$$BIRDHOUSE_DESTDIR" ]; then systemctl disable --now birdhouse.timer; fi
	@folder="$$BIRDHOUSE_DESTDIR$$BIRDHOUSE_UNIT_DIR"; rm -f -- "$$folder/birdhouse.service" "$$folder/birdhouse.timer"
	@if [ -z "$$BIRDHOUSE_DESTDIR" ]; then systemctl daemon-reload; fi

clean: node_modules ## remove old layouts and the engine's leftovers, by the catalog's rule
	@$(RUN) clean $(BIRDHOUSE)

distclean: ## remove all layouts, the sandbox and its registry
	rm -rf .birdhouse

# npm writes this file last of all and removes it first: where it is not there, or older than what it follows from, an
# installation was broken off or has yet to be.
node_modules: node_modules/.package-lock.json
node_modules/.package-lock.json: package.json package-lock.json
	npm ci --include=dev --no-audit --no-fund
	@touch $@
