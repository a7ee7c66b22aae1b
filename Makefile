# Builds Rollcall into build/$V and changes nothing else.  The words a person
# types are at the top; how things are built is below them.
#
#   make            build everything        make deps    install what that needs
#   make run        the demo, Ctrl-C stops  make start / make stop   the same, in the background
#   make check      all tests               make check-unit (sql page job e2e fault)
#   make lint       style and layer checks  make fuzz SECONDS=60     make bench
#   make install DESTDIR= PREFIX=/usr/local

V ?= release
BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
SECONDS ?= 60
PORT ?= 8080
OUT := $(BUILD)/$V
JOBS := $(shell nproc 2>/dev/null || echo 1)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

# --- compiler ----------------------------------------------------------------

ifeq ($(origin CC),default)
CC := gcc
endif
compiler := $(if $(findstring clang,$(CC)),clang,gcc)

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
	-Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual \
	-Wpointer-arith -Wwrite-strings -Wswitch-enum -Wundef -Wvla \
	-Wnull-dereference -Wimplicit-fallthrough -Werror

harden := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
	-fstack-clash-protection -fcf-protection=full -fPIE \
	-fno-strict-aliasing -fno-strict-overflow \
	-fno-delete-null-pointer-checks
harden_gcc := -ftrivial-auto-var-init=zero
sane := -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer

flags_release := -O2 -g $(harden) $(harden_$(compiler))
flags_debug := -O0 -g3
flags_san := -O1 -g $(sane)
flags_cov := -O0 -g -fprofile-instr-generate -fcoverage-mapping
flags_fuzz := -O1 -g $(sane) -fsanitize=fuzzer-no-link
link_release := -pie -Wl,-z,relro,-z,now,-z,noexecstack
ifeq ($(flags_$V),)
$(error V=$V is not known: debug, release, san or cov)
endif

libraries := libpq libsodium jansson libical libcurl libqrencode fcgi
ifneq ($(filter-out deps clean run start stop,$(or $(MAKECMDGOALS),all)),)
lib_cflags := $(shell pkg-config --cflags $(libraries) 2>/dev/null | sed 's/-I/-isystem /g')
endif
lib_link = $(shell pkg-config --libs $(libraries))
# What is tested is linked a hundred times: by the quicker linker where it is.
test_link = $(shell pkg-config --libs cmocka) \
	$(if $(shell command -v ld.gold),-fuse-ld=gold)

CFLAGS ?=
cflags := -std=c11 -D_POSIX_C_SOURCE=200809L $(WARN) $(flags_$V) \
	-Icgi -I$(OUT)/gen $(lib_cflags) $(CFLAGS)
ifneq ($(wildcard cgi/base/banned.h),)
cflags += -include base/banned.h
endif
# VERBOSE=1 shows whole commands, otherwise one short line each.
quiet := $(if $(VERBOSE),,@)
compile = @echo "  cc $<"; $(if $(VERBOSE),set -x;) \
	$(CC) $(cflags) -MMD -MP -c -o $@ $<
link = @echo "  ld $@"; $(if $(VERBOSE),set -x;) \
	$(CC) $(flags_$V) $(link_$V) -Wl,--as-needed -o $@ $^

# --- what there is -----------------------------------------------------------

folders := base data view web send pages jobs
sources := $(wildcard $(folders:%=cgi/%/*.c))
programs := $(patsubst cgi/%.c,%,$(wildcard $(patsubst %,cgi/%.c,\
	answer member staff sweep rollcallctl)))
nouns := $(patsubst sql/query/%.sql,%,$(wildcard sql/query/*.sql))
headers := $(nouns:%=$(OUT)/gen/query/%.h)
objects := $(sources:%.c=$(OUT)/%.o) $(nouns:%=$(OUT)/gen/query/%.o)
archive := $(OUT)/librollcall.a

test_sources := $(wildcard tests/unit/*.c tests/page/*.c tests/job/*.c)
test_programs := $(filter tests/unit/test_% tests/page/test_% tests/job/test_%,\
	$(test_sources:%.c=%))
spec := $(filter tests/unit/mustache-spec,$(test_sources:%.c=%))
helpers := $(filter-out $(test_programs) $(spec),$(test_sources:%.c=%))
helper_archive := $(OUT)/tests/libhelpers.a
bench_programs := $(patsubst %.c,%,$(wildcard tests/bench/bench_*.c))
fuzz_programs := $(patsubst %.c,%,$(wildcard tests/fuzz/fuzz_*.c))
tests := $(test_programs:%=$(OUT)/%) $(spec:tests/unit/%=$(OUT)/tests/%) \
	$(bench_programs:%=$(OUT)/%)

.PHONY: all programs tests deps run start stop check check-deps check-unit \
	check-sql check-page check-job check-e2e check-fault coverage lint lint-deps format \
	fuzz fuzz-programs screenshots bench install clean
# The tests need cmocka, which `make check` installs and `make deps` does not.
all: $(archive) programs $(if $(shell pkg-config --exists cmocka 2>/dev/null && echo yes),tests)
programs: $(programs:%=$(OUT)/%) $(OUT)/gen/templates.checked
	@:
tests: $(tests)
	@:

# --- rules -------------------------------------------------------------------

$(OUT)/gen/query/%.h: sql/query/%.sql cgi/gen/query.awk
	@mkdir -p $(@D)
	$(quiet)mawk -v noun=$* -v out=h -f cgi/gen/query.awk $< >$@

$(OUT)/gen/query/%.c: sql/query/%.sql cgi/gen/query.awk
	@mkdir -p $(@D)
	$(quiet)mawk -v noun=$* -v out=c -f cgi/gen/query.awk $< >$@

$(OUT)/gen/%.o: $(OUT)/gen/%.c | $(headers)
	$(compile)

$(OUT)/%.o: %.c | $(headers)
	@mkdir -p $(@D)
	$(compile)

$(archive): $(objects)
	@mkdir -p $(@D)
	@rm -f $@
	$(quiet)ar rcsD $@ $^

$(OUT)/gen/template-check: $(OUT)/cgi/gen/template_check.o $(archive)
	@mkdir -p $(@D)
	$(link)

# The folder itself too: its time tells of templates added and taken away.
$(OUT)/gen/templates.checked: $(OUT)/gen/template-check templates \
		$(wildcard templates/*.mustache)
	$(quiet)$< templates
	@touch $@

$(helper_archive): $(helpers:%=$(OUT)/%.o)
	@mkdir -p $(@D)
	@rm -f $@
	$(quiet)ar rcsD $@ $^

$(programs:%=$(OUT)/%): $(OUT)/%: $(OUT)/cgi/%.o $(archive)
	$(link) $(lib_link)

$(test_programs:%=$(OUT)/%): %: %.o $(helper_archive) $(archive)
	$(link) $(lib_link) $(test_link)

$(spec:tests/unit/%=$(OUT)/tests/%): $(OUT)/tests/%: $(OUT)/tests/unit/%.o $(archive)
	$(link) $(lib_link)

$(bench_programs:%=$(OUT)/%): %: %.o $(archive)
	$(link) $(lib_link)

$(fuzz_programs:%=$(OUT)/%): %: %.o $(archive)
	$(link) -fsanitize=fuzzer $(lib_link)

$(OUT)/tests/%.o: cflags += -Itests $(shell pkg-config --cflags cmocka 2>/dev/null)

# --- what is done with it ----------------------------------------------------

export BUILD V PORT
again := +@$(MAKE) --no-print-directory -j$(JOBS)

deps:
	@sh etc/demo/deps.sh run

# What is missing is installed first; only then can anything be built.
run start: deps
	$(again) programs
	@exec bash etc/demo/stack.sh $@

stop:
	@bash etc/demo/stack.sh stop

check-deps:
	@sh etc/demo/deps.sh run check
	@sh tests/npm.sh

check: check-deps
	$(again) programs tests
	@bash tests/run.sh unit sql page job e2e fault

check-unit check-sql check-page check-job check-e2e check-fault: check-deps
	$(again) programs tests
	@bash tests/run.sh $(@:check-%=%)

coverage: check-deps
	@sh etc/demo/deps.sh coverage
	$(again) V=cov CC=clang programs tests
	@bash tests/coverage.sh unit page

lint: lint-deps
	$(again) -k -f tests/lint/lint.mk lint-all

format: lint-deps
	clang-format -i $(wildcard cgi/*.c cgi/*/*.[ch] tests/*/*.[ch])

lint-deps:
	@sh etc/demo/deps.sh run lint

fuzz: lint-deps
	$(again) V=fuzz CC=clang fuzz-programs
	@bash tests/fuzz/run.sh $(SECONDS)

fuzz-programs: $(fuzz_programs:%=$(OUT)/%)

# The pictures of docs/, from a stack of their own.
screenshots: check-deps
	$(again) programs
	@node tests/e2e/screenshots.js

bench: check-deps
	@sh etc/demo/deps.sh bench
	$(again) V=release all
	@bash tests/bench/run.sh

install: programs
	@sh etc/install.sh "$(DESTDIR)" "$(PREFIX)"

.SECONDARY:
-include $(shell find $(OUT) -name '*.d' 2>/dev/null)

clean:
	rm -rf $(BUILD)
