# Style and layer checks, one stamp a file where a check is slow: what has not
# changed since it passed is not looked at again.  `make lint` runs this.

include Makefile

stamps := $(BUILD)/lint
c_files := $(sources) $(wildcard cgi/*.c)
h_files := $(wildcard $(folders:%=cgi/%/*.h))
formatted := $(c_files) $(h_files) \
	$(wildcard tests/*/*.c tests/*/*.h)
scripts := $(sort .ci/run $(shell find etc sql tests -name '*.sh'))
plain := -std=c11 -D_POSIX_C_SOURCE=200809L -Icgi -I$(OUT)/gen $(lib_cflags) \
	$(if $(wildcard cgi/base/banned.h),-include base/banned.h)

.PHONY: lint-all lint-format lint-tidy lint-analyzer lint-cppcheck lint-rules \
	lint-shell
lint-all: lint-rules lint-format lint-shell lint-cppcheck lint-analyzer lint-tidy

# What no other tool knows: layers, libraries, the clock, templates.
lint-rules:
	@sh tests/lint/rules.sh

lint-format:
	@clang-format --dry-run -Werror $(formatted)

lint-shell:
	@shellcheck -x $(scripts)

lint-tidy: $(c_files:%=$(stamps)/%.tidy)
$(stamps)/%.tidy: % .clang-tidy $(h_files) | $(headers)
	@echo "  clang-tidy $<"
	@mkdir -p $(@D)
	@clang-tidy --quiet $< -- $(plain) 2>$@.log || { cat $@.log; exit 1; }
	@rm -f $@.log; touch $@

# gcc's own reading of every path through a function.
lint-analyzer: $(c_files:%=$(stamps)/%.analyzer)
$(stamps)/%.analyzer: % $(h_files) | $(headers)
	@echo "  gcc -fanalyzer $<"
	@mkdir -p $(@D)
	@gcc $(plain) -O1 -fanalyzer -Werror -c -o /dev/null $<
	@touch $@

lint-cppcheck: $(stamps)/cppcheck
$(stamps)/cppcheck: $(c_files) $(h_files) | $(headers)
	@echo "  cppcheck"
	@mkdir -p $(stamps)/cppcheck-state
	@cppcheck --quiet -j $(JOBS) --std=c11 --error-exitcode=1 \
		--cppcheck-build-dir=$(stamps)/cppcheck-state \
		--enable=warning,performance,portability --inline-suppr \
		--suppress=missingIncludeSystem --suppress=unknownMacro \
		-Icgi -I$(OUT)/gen -D_POSIX_C_SOURCE=200809L $(c_files)
	@touch $@
