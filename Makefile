# The verbs a person types. Each does what it needs first: on a machine with Node and npm, any of them may
# come first.

# Which targets: make rebuild ONLY="node:22 python"
ONLY ?=
# Where packages come from: catalog, sandbox, or auto (the sandbox exactly when Alpine cannot be reached).
PROFILE ?= auto
# More options for the command line: make rebuild ARGS="--force --json"
ARGS ?=

# The world, where it is not the catalog's: each is an option of the command line.
CATALOG ?=
REGISTRY ?=
MIRROR_PORT ?=
STATE ?= .birdhouse
# For make runs: which run to show, 1 being the last.
SHOW ?=
# For make export and make import: a directory, or an archive that ends in .tar.
TO ?=
FROM ?=
# For make matrix: github or gitlab.
CI_SYSTEM ?= github
# For make install-timer: where the units go, below DESTDIR, and whose settings they read.
DESTDIR ?=
PREFIX ?=
UNIT_DIR ?= $(PREFIX)/etc/systemd/system
SETTINGS ?= $(PREFIX)/etc/birdhouse.env
# For make docker-store.
DAEMON_JSON ?= /etc/docker/daemon.json

BIRDHOUSE = npm run -s birdhouse --
PLACE = $(if $(CATALOG),--catalog $(CATALOG))
KEPT = $(PLACE) --state $(STATE)
WORLD = $(KEPT) --profile $(PROFILE) $(if $(REGISTRY),--registry $(REGISTRY)) $(if $(MIRROR_PORT),--mirror-port $(MIRROR_PORT))
.DEFAULT_GOAL := help
.PHONY: help check list render plan explain update rebuild build smoke publish inspect history rollback prune export import sizes runs sandbox test unit e2e test-all bench lint format doctor clean distclean matrix summary docker-store install-timer uninstall-timer

help: ## print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{ printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

check: node_modules ## validate the catalog: every mistake at once
	@$(BIRDHOUSE) check $(PLACE) $(ARGS)

list: node_modules ## show the targets of the catalog
	@$(BIRDHOUSE) list $(ONLY) $(PLACE) $(ARGS)

render: node_modules ## write images/ from the catalog and the templates
	@$(BIRDHOUSE) render $(PLACE) $(ARGS)

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

inspect: node_modules ## show what published targets hold: make inspect ONLY=node:22 ARGS=--sbom
	@$(BIRDHOUSE) inspect $(ONLY) $(WORLD) $(ARGS)

history: node_modules ## show what tags pointed at, and what changed in between: make history ONLY=node:22
	@$(BIRDHOUSE) history $(ONLY) $(WORLD) $(ARGS)

rollback: node_modules ## move tags back to where they pointed before: make rollback ONLY=node:22
	@$(BIRDHOUSE) rollback $(ONLY) $(WORLD) $(ARGS)

prune: node_modules ## remove builds older than what the catalog keeps: make prune ARGS=--dry-run
	@$(BIRDHOUSE) prune $(ONLY) $(WORLD) $(ARGS)

export: node_modules ## write published targets to a directory or a tar: make export ONLY=node:22 TO=node.tar
	@$(BIRDHOUSE) export $(ONLY) $(WORLD) --to "$(TO)" $(ARGS)

# Where nothing is reached it is not the sandbox: the profile is only handed on where it was chosen.
import: node_modules ## publish what was exported elsewhere: make import FROM=node.tar
	@$(BIRDHOUSE) import "$(FROM)" $(ONLY) $(if $(filter auto,$(PROFILE)),$(KEPT) $(if $(REGISTRY),--registry $(REGISTRY)),$(WORLD)) $(ARGS)

sizes: node_modules ## show what published images spend their bytes on, by package
	@$(BIRDHOUSE) sizes $(ONLY) $(WORLD) $(ARGS)

runs: node_modules ## list what runs did; make runs SHOW=1 tells of the last one
	@$(BIRDHOUSE) runs $(if $(SHOW),show $(SHOW)) --state $(STATE) $(ARGS)

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

test-all: node_modules ## what takes longer: the whole catalog built twice, a month of nights, faults, 200 targets
	@npm run -s full

bench: node_modules ## measure what is promised to be quick, each beside a peer or a limit
	@npm run -s bench

.PHONY: screenshots
screenshots: node_modules ## make the docs' pictures of a run's page anew
	@npm run -s screenshots

format: node_modules ## format the code
	@npm run -s format

doctor: node_modules ## look at all that a run needs: engine, registry, credentials, mirror, keys, clock, disk
	@$(BIRDHOUSE) doctor $(WORLD) $(ARGS)

matrix: node_modules ## print the jobs of a CI run, as one line that a workflow takes for its output
	@plan=$$($(BIRDHOUSE) plan $(ONLY) $(WORLD) --matrix $(CI_SYSTEM) $(ARGS)); status=$$?; \
	if [ "$(CI_SYSTEM)" = github ]; then echo "plan=$$plan"; else echo "$$plan"; fi; exit $$status

summary: ## print what the last run did, for a CI's summary page
	@if [ -f "$(STATE)/runs/latest.md" ]; then cat "$(STATE)/runs/latest.md"; fi

docker-store: ## turn on docker's containerd image store on a CI machine, which is thrown away afterwards
	@echo '{"features": {"containerd-snapshotter": true}}' | sudo tee $(DAEMON_JSON)
	@sudo systemctl restart docker

# The units hold the folder and the Node that they run, and are made anew after either has moved.
install-timer: node_modules ## rebuild every night: installs a systemd timer and its service
	@mkdir -p "$(DESTDIR)$(UNIT_DIR)"
	@sed -e 's|@DIRECTORY@|$(CURDIR)|g' -e "s|@NODE@|$$(command -v node)|g" -e 's|@SETTINGS@|$(SETTINGS)|g' \
	  schedule/systemd/birdhouse.service > "$(DESTDIR)$(UNIT_DIR)/birdhouse.service"
	@cp schedule/systemd/birdhouse.timer "$(DESTDIR)$(UNIT_DIR)/birdhouse.timer"
	@mkdir -p .birdhouse
	@if [ -z "$(DESTDIR)" ]; then systemctl daemon-reload && systemctl enable --now birdhouse.timer; fi

uninstall-timer: ## remove the timer and its service
	@if [ -z "$(DESTDIR)" ]; then systemctl disable --now birdhouse.timer; fi
	@rm -f "$(DESTDIR)$(UNIT_DIR)/birdhouse.service" "$(DESTDIR)$(UNIT_DIR)/birdhouse.timer"
	@if [ -z "$(DESTDIR)" ]; then systemctl daemon-reload; fi

clean: node_modules ## remove old layouts and the engine's leftovers, by the catalog's rule
	@$(BIRDHOUSE) clean $(KEPT) $(ARGS)

distclean: ## remove all layouts, the sandbox and its registry
	rm -rf .birdhouse

node_modules: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch node_modules
