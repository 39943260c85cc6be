# `make demo` shows the product at work, `make test` proves it. Both set up what they need, and ask nothing.
PORT ?= 8000
PY := .venv/bin/python
export PORT

.PHONY: demo test lint clean screenshots

# The kernel ends the demo with make, however make ends.
demo:
	@.ci/setup requirements.txt
	@$(PY) manage.py compile_catalogues >/dev/null
	@exec setpriv --pdeathsig TERM $(PY) manage.py demo --port $(PORT) $(if $(filter-out 0,$(RESET)),--reset)

test: lint
	$(PY) -m pytest

lint:
	@.ci/setup requirements-test.txt
	@$(PY) manage.py compile_catalogues >/dev/null
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy apps wfm benchmarks
	.venv/bin/lint-imports
	DJANGO_SETTINGS_MODULE=wfm.settings.test $(PY) manage.py makemigrations --check --dry-run

# Every page in both themes and languages and on a phone, into var/screenshots; DOCS=1 takes those of the README.
screenshots:
	@.ci/setup requirements-test.txt
	@$(PY) manage.py compile_catalogues >/dev/null
	$(PY) -m tests.journeys.screenshots $(if $(DOCS),--docs)

clean:
	rm -rf .venv var .mypy_cache .ruff_cache .hypothesis .import_linter_cache
