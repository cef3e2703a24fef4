# rill: a WebRTC stack from scratch. `make help` lists the targets.
#
# One plain Makefile: a line a room. MODE chooses the build: release, asan, clang, fuzz;
# each has its own directory below build/.

MODE ?= release
BUILD ?= build/$(MODE)
PORT ?= 0

# Rooms, and the rooms each may see (DEPS is closed: what it names is linked).
ROOMS := base stun ice dtls srtp sdp rtp trace peer signaling reactor capture codec media
DEPS_base :=
DEPS_stun := base
DEPS_ice := stun base
DEPS_dtls := base
DEPS_srtp := base
DEPS_sdp := base
DEPS_rtp := base
DEPS_trace := base
DEPS_peer := ice dtls srtp sdp rtp stun base
DEPS_signaling := base
DEPS_reactor := base
DEPS_capture := base
DEPS_codec := base
DEPS_media := capture codec rtp base
DEPS_apps := $(filter-out base,$(ROOMS)) base

# External libraries, fenced in the room that names them.
LIBS_base := -lmbedcrypto
LIBS_dtls := -lmbedtls -lmbedx509 -lmbedcrypto
LIBS_srtp := -lsrtp2
LIBS_signaling := -ljansson
LIBS_capture := -logg -lpng -lm
LIBS_codec := -lopus -lvpx -lm
LIBS_media := -lm
LIBS_apps := -ljansson -lpthread

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
CPPFLAGS += -I. -D_POSIX_C_SOURCE=200809L
CFLAGS_release := -O2 -g
CFLAGS_asan := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
CFLAGS_clang := -O1 -g
CFLAGS_fuzz := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LDFLAGS_asan := -fsanitize=address,undefined
LDFLAGS_fuzz := -fsanitize=address,undefined
CC_release := gcc
CC_asan := gcc
CC_clang := clang
CC_fuzz := clang
CC := $(CC_$(MODE))
COMPILE = $(CC) -std=c11 $(CPPFLAGS) $(WARN) $(CFLAGS_$(MODE)) $(CFLAGS) -MMD -MP

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))
libs_of = $(sort $(LIBS_$(1)) $(foreach d,$(DEPS_$(1)),$(LIBS_$(d))))
archives_of = $(patsubst %,$(BUILD)/%.a,$(1) $(DEPS_$(1)))

RILL := $(BUILD)/rill
APP_OBJS := $(call obj,$(wildcard apps/*.c))
TEST_ROOMS := $(filter $(ROOMS),$(notdir $(wildcard tests/*)))
TESTS := $(foreach r,$(TEST_ROOMS),$(patsubst %.c,$(BUILD)/%,$(wildcard tests/$(r)/*_test.c)))
SIM_OBJS := $(call obj,$(wildcard tests/sim/*.c))
CALL_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/call/*_test.c))
FUZZERS := $(patsubst fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard fuzz/*.c))

.PHONY: all help
all: $(RILL) ## build the rill command into build/release

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | sort | \
	    awk -F '\t' '{printf "  make %-18s %s\n", $$1, $$2}'

# --- rooms -----------------------------------------------------------------------------

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(COMPILE) -c $< -o $@

define ROOM_RULES
$(BUILD)/$(1).a: $(call obj,$(wildcard $(1)/*.c))
	@rm -f $$@
	ar rcs $$@ $$^
$(patsubst %.c,$(BUILD)/%,$(wildcard tests/$(1)/*_test.c)): $(BUILD)/tests/$(1)/%: \
    $(BUILD)/tests/$(1)/%.o $(call archives_of,$(1))
	$$(CC) $$(CFLAGS_$(MODE)) $$< $(call archives_of,$(1)) $$(LDFLAGS_$(MODE)) -lcmocka $(call libs_of,$(1)) -o $$@
.PHONY: test-$(1)
test-$(1): $(patsubst %.c,$(BUILD)/%,$(wildcard tests/$(1)/*_test.c))
	@scripts/run-tests.sh $$^
endef
$(foreach r,$(ROOMS),$(eval $(call ROOM_RULES,$(r))))

$(RILL): $(APP_OBJS) $(call archives_of,apps)
	$(CC) $(CFLAGS_$(MODE)) $(APP_OBJS) $(call archives_of,apps) $(LDFLAGS_$(MODE)) $(call libs_of,apps) -o $@

# Whole calls in the simulated network: the peer, the signaling rooms, and virtual time.
$(CALL_TESTS): $(BUILD)/tests/call/%: $(BUILD)/tests/call/%.o $(SIM_OBJS) $(call archives_of,peer)
	$(CC) $(CFLAGS_$(MODE)) $< $(SIM_OBJS) $(call archives_of,peer) $(LDFLAGS_$(MODE)) -lcmocka $(call libs_of,peer) -o $@

.PHONY: tests test-call
tests: $(TESTS) $(CALL_TESTS)
	@scripts/run-tests.sh $^
test-call: $(CALL_TESTS)
	@scripts/run-tests.sh $^

# --- fuzzing (MODE=fuzz) ---------------------------------------------------------------

FUZZ_SECONDS ?= 10
$(BUILD)/fuzz/%: $(BUILD)/fuzz/%.o $(SIM_OBJS) $(call archives_of,apps)
	$(CC) -fsanitize=fuzzer,address,undefined $< $(SIM_OBJS) $(filter-out %/rill.a,$(call archives_of,apps)) $(call libs_of,apps) -o $@
.PHONY: fuzzers
fuzzers: $(FUZZERS)
fuzz-%:
	$(MAKE) MODE=fuzz build/fuzz/fuzz/$*
	scripts/fuzz.sh $(FUZZ_SECONDS) build/fuzz/fuzz/$*

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
