# Everything a person does by hand with this project has a target here. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help portal stop status clean logs test services-test stop-test lint format types translations assets pictures reference audit benchmarks
MACHINE := config/machine
BIN := .venv/bin

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

portal: ## Install what is missing and run the portal with sample content
	@$(MACHINE)/portal.sh

stop: ## Stop the portal
	@$(MACHINE)/services.sh stop portal

status: ## Say which processes of the portal run, and where their logs are
	@$(MACHINE)/services.sh status portal

logs: ## Follow the logs of the portal
	@. $(MACHINE)/common.sh; use_instance portal; tail -n 20 -F "$$RUN"/log/*.log

clean: ## Stop the portal and erase its data (asks first)
	@$(MACHINE)/clean.sh

test: ## Install what is missing and run all tests (ARGS="-k word" for some)
	@$(MACHINE)/test.sh $(ARGS)

services-test: ## Start what the tests need, and leave it running
	@$(MACHINE)/install.sh --tests && $(MACHINE)/services.sh start-stores test

stop-test: ## Stop what the tests need
	@$(MACHINE)/services.sh stop test

lint: ## Check style and translations
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/python config/translations.py missing && $(BIN)/python config/translations.py loose

format: ## Put the code in form
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format . ; $(BIN)/python config/translations.py bind

types: ## Check types
	@$(BIN)/pyright

translations: ## Compile the message catalogues
	@$(BIN)/python config/translations.py compile

assets: ## Build style sheets, scripts and front-end libraries
	@$(MACHINE)/assets.sh

pictures: ## Keep pictures of every page, in both languages and at three widths (ARGS="--only word" for some)
	@$(MACHINE)/pictures.sh $(ARGS)

audit: ## Look components up in advisories, check our code, list components in run/artefacts
	@$(BIN)/python config/audit.py $(ARGS)

licences: ## List the licences of all components in docs/licences.md
	@$(BIN)/python config/licences.py

benchmarks: services-test ## Measure pages against CKAN as it comes (long; wants a quiet machine)
	@$(BIN)/python tests/benchmarks/pages.py $(ARGS)

reference: ## Write the reference of actions and settings from the code
	@$(BIN)/python config/reference.py write
