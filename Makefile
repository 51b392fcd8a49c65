# Every command of the project. `make up` and `make test` need no other set-up.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
stage ?= dev
# A process each: a suite that speaks to moto and one that speaks to the emulator would otherwise
# share clients and bound tables. Those that use the deployed stack share one.
SUITES := tests/unit tests/infra tests/contract,tests/end_to_end,tests/browser \
  $(filter-out %__.py %__pycache__,$(wildcard tests/integration/*))
user ?= alice
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: up down reset status logs outputs token demo test test-quick verify check format bench synth deploy docs locks setup clean chromium

help:  ## List the targets.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.installed node_modules/.installed  ## Install what development needs, from the locks.

$(VENV)/.installed: locks/development.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@echo "Installing the Python packages (about a minute the first time)"
	@$(RUN) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@$(RUN) -m pip install --quiet --require-hashes --no-deps -r locks/development.txt
	@$(RUN) -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "ayinel_live.pth").write_text(str(pathlib.Path("layers/shared/python").resolve()) + "\n")'
	@touch $@

node_modules/.installed: package-lock.json
	@command -v npm >/dev/null || { echo "Node is missing: install Node.js 20 or newer with npm" >&2; exit 1; }
	@echo "Installing the CDK CLI"
	@npm ci --silent --no-fund --no-audit
	@touch $@

web/node_modules/.installed: web/package-lock.json
	@echo "Installing the pages' packages"
	@npm ci --prefix web --silent --no-fund --no-audit
	@touch $@

chromium:
	@command -v chromium >/dev/null || { echo "Installing Debian's chromium for the browser tests"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; }

up: setup  ## Run the whole platform on this machine.
	@$(RUN) -m local up

down: setup  ## Stop it; its state stays.
	@$(RUN) -m local down

reset: setup  ## Stop it and wipe its state.
	@$(RUN) -m local reset

status: setup  ## Say what runs.
	@$(RUN) -m local status

logs: setup  ## Show what the functions and servers wrote last.
	@$(RUN) -m local logs

outputs: setup  ## Print the addresses as JSON.
	@$(RUN) -m local outputs

token: setup  ## Print a bearer token: make token user=NAME.
	@$(RUN) -m local token $(user)

demo: setup  ## Publish a test pattern, chat and watch the counts until Ctrl-C.
	@$(RUN) -m local demo

test: setup chromium web/node_modules/.installed  ## Run all tests but the long ones (15 minutes at most).
	@set -e; for suite in $(SUITES); do \
	  echo "== $$suite"; $(RUN) -m pytest -q -m "not slow" $$(echo $$suite | tr , ' '); \
	done
	@npm --prefix web run --silent test
	@npm --prefix web run --silent build >/dev/null && npm --prefix web run --silent size

verify: setup chromium web/node_modules/.installed  ## Run what takes longer: load, faults, fuzzing, every page, benchmarks.
	@$(RUN) -m pytest -q tests/unit -m hypothesis --hypothesis-profile=explore
	@$(RUN) -m pytest tests -m slow --ignore=tests/load --ignore=tests/faults
	@$(RUN) -m pytest tests/load
	@$(RUN) -m pytest tests/faults
	@$(RUN) -m tests.benchmarks

check: setup web/node_modules/.installed  ## Lint, types, import rule, drift of the generated documents.
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check --quiet .
	@$(RUN) -m mypy
	@mkdir -p build
	@$(VENV)/bin/lint-imports --no-logo >build/lint-imports.log || { cat build/lint-imports.log; exit 1; }
	@$(RUN) -m functions.openapi --check docs/openapi.json
	@$(RUN) -m functions.asyncapi --check docs/asyncapi.json
	@$(RUN) -m functions.event_schemas --check docs/events
	@PATH="$(abspath $(VENV))/bin:$$PATH" npm --prefix web run --silent drift

format: setup  ## Format the Python code.
	@$(RUN) -m ruff check --fix --quiet . ; $(RUN) -m ruff format --quiet .

bench: setup  ## Print the benchmarks' table and write build/benchmarks.json.
	@$(RUN) -m tests.benchmarks

docs: setup  ## Generate docs/openapi.json, docs/asyncapi.json and the schemas in docs/events.
	@$(RUN) -m functions.openapi > docs/openapi.json
	@$(RUN) -m functions.asyncapi > docs/asyncapi.json
	@$(RUN) -m functions.event_schemas docs/events

locks: setup  ## Renew the hashed locks from pyproject.toml.
	@$(RUN) -m infra.locks --upgrade

synth: setup  ## Synthesise a stage's templates: make synth stage=dev.
	@node_modules/.bin/cdk synth --quiet --context stage=$(stage) --output build/cdk/$(stage) --app "$(RUN) -m infra.app"
	@echo "The templates of $(stage) are in build/cdk/$(stage)"

deploy: setup  ## Deploy to AWS: make deploy stage=dev.
	@$(RUN) -m infra.deploy $(stage)

clean:  ## Remove what was built.
	@rm -rf build cdk.out
