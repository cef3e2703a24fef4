# rill: a WebRTC stack from scratch. `make help` lists the targets.
#
# One plain Makefile: a line a room. MODE chooses the build: release, asan, tsan, clang, fuzz, cover;
# each has its own directory below build/.

MODE ?= release
BUILD ?= build/$(MODE)

# Rooms, and the rooms each may see (DEPS is closed: what it names is linked).
ROOMS := base stun turn mdns ice dtls srtp sdp rtp trace peer signaling reactor capture codec media dissect
DEPS_base :=
DEPS_stun := base
DEPS_turn := stun base
DEPS_mdns := base
DEPS_ice := turn stun base
DEPS_dtls := base
DEPS_srtp := base
DEPS_sdp := base
DEPS_rtp := base
DEPS_trace := base
DEPS_peer := ice dtls srtp sdp rtp turn stun base
DEPS_signaling := base
DEPS_reactor := base
DEPS_capture := base
DEPS_codec := base
DEPS_media := capture codec rtp base
DEPS_dissect := signaling codec ice dtls sdp rtp turn stun mdns trace base
# Highest first, so that each archive finds below it what it calls.
DEPS_apps := dissect peer media signaling reactor capture codec ice dtls srtp sdp rtp turn stun mdns trace base

# External libraries, fenced in the room that names them.
LIBS_base := -lmbedcrypto
LIBS_dtls := -lmbedtls -lmbedx509 -lmbedcrypto
LIBS_srtp := -lsrtp2
LIBS_reactor := -lcares
LIBS_signaling := -ljansson -lhiredis
LIBS_capture := -logg -lpng -lm -lyuv -lturbojpeg -lv4lconvert -lxcb -lxcb-shm -lxcb-xfixes \
    -lasound -lspeexdsp -lopusfile -lSDL2 -lchafa -lglib-2.0
LIBS_codec := -lopus -lvpx -lm
LIBS_media := -lm -lpthread
LIBS_apps := -lncursesw -ltinfo -ljansson -lpthread -lqrencode

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
# Two libraries keep their headers in folders of their own.
ELSEWHERE := $(patsubst -I%,-isystem %,$(filter -I%,$(shell pkg-config --cflags chafa opusfile 2>/dev/null)))
CPPFLAGS += -I. -D_POSIX_C_SOURCE=200809L $(ELSEWHERE)
CFLAGS_release := -O2 -g
CFLAGS_asan := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
CFLAGS_clang := -O1 -g
CFLAGS_fuzz := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
CFLAGS_tsan := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
CFLAGS_cover := -O0 -g --coverage
LDFLAGS_cover := --coverage
LDFLAGS_asan := -fsanitize=address,undefined
LDFLAGS_tsan := -fsanitize=thread
LDFLAGS_fuzz := -fsanitize=address,undefined
CC_release := gcc
CC_cover := gcc
CC_asan := gcc
CC_tsan := gcc
CC_clang := clang
CC_fuzz := clang
CC := $(CC_$(MODE))
COMPILE = $(CC) -std=c11 $(CPPFLAGS) $(WARN) $(CFLAGS_$(MODE)) $(CFLAGS) -MMD -MP

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))
libs_of = $(sort $(LIBS_$(1)) $(foreach d,$(DEPS_$(1)),$(LIBS_$(d))))
archives_of = $(patsubst %,$(BUILD)/%.a,$(filter-out apps,$(1)) $(DEPS_$(1)))

RILL := $(BUILD)/rill
APP_OBJS := $(call obj,$(wildcard apps/*.c))
TEST_ROOMS := $(filter $(ROOMS),$(notdir $(wildcard tests/*)))
TESTS := $(foreach r,$(TEST_ROOMS),$(patsubst %.c,$(BUILD)/%,$(wildcard tests/$(r)/*_test.c)))
APP_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/apps/*_test.c))
WALK_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/walk/*_test.c))
TESTS += $(APP_TESTS) $(WALK_TESTS)
SIM_OBJS := $(call obj,$(wildcard tests/sim/*.c))
CALL_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/call/*_test.c))
HEARD_TESTS := $(BUILD)/tests/call/pauses_test
FUZZERS := $(patsubst fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard fuzz/*.c))

.PHONY: all help
all: $(RILL) ## build the rill command into build/release

help: ## list the targets
	@grep -hE '^[a-zA-Z_.%-]+:.*##' $(MAKEFILE_LIST) | sed 's/:[^#]*##/\t/' | sort | \
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
	$$(CC) $$(CFLAGS_$(MODE)) $$(filter %.o,$$^) $(call archives_of,$(1)) $$(LDFLAGS_$(MODE)) -lcmocka $(call libs_of,$(1)) -o $$@
.PHONY: test-$(1)
test-$(1): $(patsubst %.c,$(BUILD)/%,$(wildcard tests/$(1)/*_test.c))
	@scripts/run-tests.sh $$^
endef
$(foreach r,$(ROOMS),$(eval $(call ROOM_RULES,$(r))))

# ALSA loads the tests' own sound card as it loads any plug-in.
$(addprefix $(BUILD)/tests/,capture/alsa_test media/player_test media/sender_test): $(BUILD)/tests/capture/fake_card.so
$(BUILD)/tests/capture/fake_card.so: tests/capture/fake_card.c tests/capture/fake_card.h
	@mkdir -p $(@D)
	$(CC) -std=c11 -I. -D_GNU_SOURCE -DPIC -fPIC $(WARN) -O1 -g -shared $< -lasound -lm -o $@

# steps_test counts what sdp does: each basic block of these tells it.
COUNTED := $(patsubst %.c,$(BUILD)/counted/%.o,$(wildcard sdp/*.c base/*.c))
$(COUNTED): $(BUILD)/counted/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(COMPILE) -fsanitize-coverage=trace-pc -c $< -o $@
$(BUILD)/tests/sdp/steps_test: $(COUNTED)

# The sentences of trace points, for those who read traces.
$(BUILD)/trace_points.def: scripts/trace-points.sh $(foreach r,$(ROOMS) apps,$(wildcard $(r)/*.c))
	@mkdir -p $(@D)
	@LC_ALL=C scripts/trace-points.sh $(filter %.c,$^) >$@ || { rm -f $@; exit 1; }
$(BUILD)/apps/trace_points.o: $(BUILD)/trace_points.def
$(BUILD)/apps/trace_points.o: CPPFLAGS += -I$(BUILD)

$(RILL): $(APP_OBJS) $(call archives_of,apps)
	$(CC) $(CFLAGS_$(MODE)) $(APP_OBJS) $(call archives_of,apps) $(LDFLAGS_$(MODE)) $(call libs_of,apps) -o $@

# The parts of the command that need no process around them.
$(APP_TESTS): $(BUILD)/tests/apps/%: $(BUILD)/tests/apps/%.o $(APP_OBJS) $(call archives_of,apps)
	$(CC) $(CFLAGS_$(MODE)) $< $(filter $(SIM_OBJS),$^) $(filter-out %/main.o $(if $(filter $(SIM_OBJS),$^),%/apps/time.o),$(APP_OBJS)) $(call archives_of,apps) $(LDFLAGS_$(MODE)) -lcmocka $(call libs_of,apps) -o $@
# A simulated call is recorded; the wall clock is the simulation's.
$(BUILD)/tests/apps/replay_test: $(SIM_OBJS)

# Whole calls in the simulated network: the peer, the signaling rooms, and virtual time.
$(filter-out $(HEARD_TESTS),$(CALL_TESTS)): $(BUILD)/tests/call/%: $(BUILD)/tests/call/%.o $(SIM_OBJS) $(call archives_of,peer)
	$(CC) $(CFLAGS_$(MODE)) $< $(SIM_OBJS) $(call archives_of,peer) $(LDFLAGS_$(MODE)) -lcmocka $(call libs_of,peer) -lm -o $@
# Those with real sound at both ends.
$(HEARD_TESTS): $(BUILD)/tests/call/%: $(BUILD)/tests/call/%.o $(SIM_OBJS) $(call archives_of,media) $(call archives_of,peer)
	$(CC) $(CFLAGS_$(MODE)) $(filter %.o,$^) $(call archives_of,media) $(call archives_of,peer) $(LDFLAGS_$(MODE)) -lcmocka $(sort $(call libs_of,media) $(call libs_of,peer)) -o $@

# The pages of docs/walk, written from one call in the simulated network.
WALK := $(BUILD)/walk/walk
WALK_ROOMS := dissect peer signaling mdns ice dtls srtp sdp rtp turn stun trace codec base
WALK_OBJS := $(call obj,$(wildcard walk/*.c)) $(SIM_OBJS) $(patsubst %,$(BUILD)/%.a,$(WALK_ROOMS))
WALK_LIBS := $(sort $(foreach r,$(WALK_ROOMS),$(LIBS_$(r))))
$(WALK): $(WALK_OBJS)
	$(CC) $(CFLAGS_$(MODE)) $^ $(LDFLAGS_$(MODE)) $(WALK_LIBS) -o $@
$(WALK_TESTS): $(BUILD)/tests/walk/%: $(BUILD)/tests/walk/%.o $(filter-out %/main.o,$(WALK_OBJS))
	$(CC) $(CFLAGS_$(MODE)) $^ $(LDFLAGS_$(MODE)) -lcmocka $(WALK_LIBS) -o $@
.PHONY: walk walk-check test-walk exercises
test-walk: $(WALK_TESTS)
	@scripts/run-tests.sh $^
walk: deps ## docs/walk written anew: the bytes of one call, step by step
	@$(MAKE) --no-print-directory -s $(WALK) && $(WALK) write
exercises: test-deps ## do the exercises of docs/reading-order.md break the tests that they name?
	@$(MAKE) --no-print-directory -s -j2 all
	@scripts/exercises.sh
walk-check: $(WALK) ## are the pages of docs/walk what the call gives?
	@$(WALK) check

.PHONY: build-tests tests test-apps test-call test-jsep test-nat
build-tests: $(TESTS) $(CALL_TESTS) $(RILL) ## build the tests, run none
tests: $(TESTS) $(CALL_TESTS) ## what `make test` runs, in MODE and without asking for packages
	@scripts/run-tests.sh $^
test-apps: $(APP_TESTS)
	@scripts/run-tests.sh $^
test-call: $(CALL_TESTS) ## whole calls in the simulated network
	@scripts/run-tests.sh $^

test-jsep: test-deps ## offer and answer alone: descriptions, peers, histories, browsers
	@scripts/jsep.sh

test-nat: test-deps ## calls through every pairing of NATs, in network namespaces: a table
	@$(MAKE) --no-print-directory -s -j2 all
	@scripts/nat.sh $(RILL)

test-%: ## one room's tests: test-stun, test-ice, …
	@echo "make: there is no room $*, or it has no tests" >&2; exit 2

# --- measuring --------------------------------------------------------------------------

SIGNALING_LOAD := $(BUILD)/bench/signaling_load
$(SIGNALING_LOAD): $(call obj,$(wildcard bench/*.c)) $(call archives_of,apps)
	$(CC) $(CFLAGS_$(MODE)) $(filter %.o,$^) $(filter %.a,$^) $(LDFLAGS_$(MODE)) $(call libs_of,apps) -o $@
SDP_BENCH := $(BUILD)/bench/sdp/sdp_bench
$(SDP_BENCH): $(BUILD)/bench/sdp/sdp_bench.o $(call archives_of,sdp)
	$(CC) $(CFLAGS_$(MODE)) $^ $(LDFLAGS_$(MODE)) $(LIBS_base) -o $@
# libnice is named here alone, and only when it is measured.
ICE_BENCH := $(BUILD)/bench/ice/rill_bench
NICE_BENCH := $(BUILD)/bench/ice/nice_bench
$(BUILD)/bench/ice/nice_bench.o: CPPFLAGS += $(patsubst -I%,-isystem %,$(shell pkg-config --cflags nice 2>/dev/null))
$(ICE_BENCH): $(BUILD)/bench/ice/rill_bench.o $(BUILD)/bench/ice/link.o $(call archives_of,ice) $(BUILD)/reactor.a
	$(CC) $(CFLAGS_$(MODE)) $(filter %.o,$^) $(BUILD)/reactor.a $(call archives_of,ice) $(LDFLAGS_$(MODE)) $(LIBS_base) -lpthread -o $@
$(NICE_BENCH): $(BUILD)/bench/ice/nice_bench.o $(BUILD)/bench/ice/link.o
	$(CC) $(CFLAGS_$(MODE)) $^ $(LDFLAGS_$(MODE)) $(shell pkg-config --libs nice) -lpthread -o $@
# Calls over bad networks, in virtual time.
MEDIA_BENCH := $(BUILD)/bench/media/media_bench
$(MEDIA_BENCH): $(call obj,$(wildcard bench/media/*.c)) $(SIM_OBJS) $(call archives_of,peer)
	$(CC) $(CFLAGS_$(MODE)) $(filter %.o,$^) $(filter %.a,$^) $(LDFLAGS_$(MODE)) $(call libs_of,peer) -lm -o $@
.PHONY: bench bench-signaling bench-sdp bench-ice bench-side bench-media
bench-media: ## calls over the networks of RFC 8867 and lossy ones, in virtual time: a table, out/bench-media/*.png
	@scripts/deps.sh bench
	@$(MAKE) --no-print-directory -s -j2 $(MEDIA_BENCH) && bench/media/run.sh $(MEDIA_BENCH)
bench-side: ## rill and Chromium over the same bottleneck: what each received, how late, how often it froze
	@scripts/deps.sh bench
	@$(MAKE) --no-print-directory -s -j2 all
	@scripts/npm.sh && node bench/side.mjs $(RILL)
bench-ice: ## milliseconds to the first valid pair and checks sent, beside libnice and the least there can be
	@scripts/deps.sh bench
	@$(MAKE) --no-print-directory -s $(ICE_BENCH) $(NICE_BENCH) && node bench/ice.mjs $(ICE_BENCH) $(NICE_BENCH)
bench: bench-signaling bench-sdp bench-ice bench-media bench-side ## every benchmark
bench-sdp: ## descriptions of the largest shapes: ms to parse, verify, lint, answer, compare and write
	@$(MAKE) --no-print-directory -s $(SDP_BENCH) && $(SDP_BENCH)
bench-signaling: test-deps ## clients held, offers spread, messages a second, beside Node's socket.io
	@$(MAKE) --no-print-directory -s -j2 all $(SIGNALING_LOAD)
	@scripts/npm.sh && node bench/signaling.mjs $(RILL) $(SIGNALING_LOAD)

# --- fuzzing: build with MODE=fuzz ------------------------------------------------------

FUZZ_SECONDS ?= 10
$(BUILD)/fuzz/%: $(BUILD)/fuzz/%.o $(SIM_OBJS) $(call archives_of,apps)
	$(CC) -fsanitize=fuzzer,address,undefined $< $(if $(filter peer,$*),$(SIM_OBJS)) $(if $(filter replay,$*),$(filter-out %/main.o,$(APP_OBJS))) $(call archives_of,apps) $(call libs_of,apps) -o $@
$(BUILD)/fuzz/replay: $(APP_OBJS)
.PHONY: fuzzers fuzz
fuzzers: $(FUZZERS) ## build the fuzz targets (MODE=fuzz), run none
fuzz: ## every fuzz target for FUZZ_SECONDS (10)
	@$(MAKE) --no-print-directory MODE=fuzz fuzzers
	@scripts/fuzz.sh $(FUZZ_SECONDS) $(patsubst fuzz/%.c,build/fuzz/fuzz/%,$(wildcard fuzz/*.c))
fuzz-%: ## one fuzz target: fuzz-stun, fuzz-sdp, …
	@$(MAKE) --no-print-directory MODE=fuzz build/fuzz/fuzz/$*
	@scripts/fuzz.sh $(FUZZ_SECONDS) build/fuzz/fuzz/$*

# --- what a newcomer runs ---------------------------------------------------------------

.PHONY: deps test-deps call serve check check-long test interop tsan layers purity conformance
DURATION ?= 5
deps: ## the Debian packages that building takes
	@scripts/deps.sh build
test-deps: ## those that testing takes too
	@scripts/deps.sh test

call: deps ## make a real call of DURATION (5) seconds; VIDEO=file.y4m|file.ivf AUDIO=file.wav
	@$(MAKE) --no-print-directory -s -j2 all
	@scripts/call.sh "$(DURATION)" "$(VIDEO)" "$(AUDIO)"

serve: deps ## the page and the servers on https://localhost:8181/
	@$(MAKE) --no-print-directory -s -j2 all
	@$(RILL) serve

check: test-deps ## every test, the browser ones included (under 10 minutes)
	@scripts/check.sh
check-long: test-deps ## the long form: many seeds, long fuzzing, valgrind (under an hour)
	@scripts/check.sh long
test: test-deps ## the unit tests and the simulated calls, with ASan and UBSan
	@$(MAKE) --no-print-directory -s MODE=asan tests
interop: test-deps ## the tests with real browsers and servers
	@$(MAKE) --no-print-directory -s -j2 all
	@scripts/interop.sh $(RILL)

tsan: ## the worker under ThreadSanitizer
	@$(MAKE) --no-print-directory -s MODE=tsan build/tsan/tests/media/worker_test
	@scripts/run-tests.sh build/tsan/tests/media/worker_test
layers: ## the includes are edges of the house
	@scripts/layers.sh
purity: $(patsubst %,$(BUILD)/%.a,$(ROOMS)) ## the core calls no clock, socket, malloc, printf
	@scripts/purity.sh $(BUILD)
conformance: ## clause, error row, test: the table, and no row without a test
	@scripts/conformance.sh

.PHONY: page page-check
page: ## build the page of traces, web/trace.html, from web/trace/ (Node 18 or later, npm)
	@scripts/page.sh
page-check: ## is web/trace.html what its sources build?
	@scripts/page.sh check

.PHONY: bench-trace
TRACE_PACKETS ?= 100000
bench-trace: test-deps ## the page of traces with TRACE_PACKETS (100000): ms to load, frames while scrolling
	@scripts/npm.sh && node bench/trace_page.mjs $(TRACE_PACKETS)
.PHONY: bench-capture
BENCH_SECONDS ?= 10
bench-capture: ## 720p30 from screen to screen: CPU, memory and latency, beside webrtcbin
	@scripts/deps.sh bench
	@$(MAKE) --no-print-directory -s -j2 all
	@node bench/capture.mjs $(RILL) $(BENCH_SECONDS)

# --- the page's dissector: the same sources for WebAssembly, without a C library ----------

WASM := web/trace/dissect.wasm
WASM_SOURCES := $(wildcard dissect/*.c dissect/wasm/*.c) \
    $(addprefix base/,addr.c annexb.c arena.c bytes.c err.c field.c utf8.c) \
    $(addprefix stun/,attrs.c crc32.c decode.c errors.c integrity.c layouts.c longterm.c opaque.c values.c) \
    $(addprefix turn/,channel.c errors.c) $(addprefix mdns/,errors.c read.c) \
    $(addprefix ice/,cand.c cand_fields.c cand_parse.c errors.c) \
    $(addprefix dtls/,errors.c handshake_fields.c record.c) $(wildcard sdp/*.c) \
    $(addprefix rtp/,av1.c comfort_noise.c errors.c ext.c ext_known.c h264.c opus.c packet.c red.c rtcp_feedback.c \
    rtcp_fields.c rtcp_remb.c rtcp_report.c rtcp_sdes.c rtcp_twcc.c rtcp_walk.c rtx.c \
    telephone_event.c vp8.c vp9.c) $(addprefix codec/,errors.c vp8_header.c) trace/json.c \
    $(addprefix signaling/,errors.c http.c http_fields.c http_path.c json.c socketio.c words.c ws_frame.c)
WASM_CC := clang --target=wasm32 -std=c11 -I. -isystem dissect/wasm/include $(WARN) -Oz -flto \
    -ffreestanding -fvisibility=hidden -nostdlib -ffunction-sections -fdata-sections \
    -fno-ident -ffile-prefix-map=$(CURDIR)=.
WASM_LD := -Wl,--no-entry -Wl,--gc-sections -Wl,--strip-all -Wl,-z,stack-size=262144 -Wl,--lto-O2
.PHONY: dissect-wasm dissect-wasm-check
dissect-wasm: ## make web/trace/dissect.wasm anew (clang, lld)
	@mkdir -p $(dir $(WASM))
	$(WASM_CC) $(WASM_LD) $(WASM_SOURCES) -o $(WASM)
	@chmod 644 $(WASM)
dissect-wasm-check: ## is web/trace/dissect.wasm what the sources make?
	@mkdir -p build
	@$(WASM_CC) $(WASM_LD) $(WASM_SOURCES) -o build/dissect.wasm
	@cmp build/dissect.wasm $(WASM) || { echo "make dissect-wasm makes it anew" >&2; exit 1; }

# --- for those who work on it -----------------------------------------------------------

.PHONY: format format-check tidy compile_commands.json size cover valgrind clean objects
SOURCES = $(wildcard $(addsuffix /*.c,$(ROOMS) apps bench bench/media fuzz walk tests/*) $(addsuffix /*.h,$(ROOMS) apps bench bench/media walk tests tests/*))
format: ## clang-format over everything
	clang-format -i $(SOURCES) $(wildcard dissect/wasm/*.c)
format-check: ## does clang-format have anything to say?
	@clang-format --dry-run -Werror $(SOURCES) $(wildcard dissect/wasm/*.c)
tidy: compile_commands.json ## clang-tidy (Debian: clang-tidy) over the rooms
	clang-tidy -quiet $(wildcard $(addsuffix /*.c,$(ROOMS) apps))
compile_commands.json: ## for editors
	@{ echo '['; for f in $(filter %.c,$(SOURCES)); do \
	    printf '{"directory":"%s","file":"%s","command":"cc -std=c11 $(CPPFLAGS) $(WARN) -c %s"},\n' "$(CURDIR)" $$f $$f; \
	done | sed '$$ s/,$$//'; echo ']'; } > $@
objects: $(call obj,$(filter %.c,$(SOURCES))) $(RILL) ## compile everything, link the command
size: all ## bytes of each room
	@size -t $(patsubst %,$(BUILD)/%.a,$(ROOMS)) | awk '/TOTALS/ {t=$$0} {print}' | tail -n +1
valgrind: ## the unit tests under valgrind
	@$(MAKE) --no-print-directory -s MODE=release $(patsubst build/asan/%,build/release/%,$(TESTS:$(BUILD)/%=build/release/%))
	@VALGRIND=1 scripts/run-tests.sh $(TESTS:$(BUILD)/%=build/release/%)
cover: ## line coverage of the unit tests and simulated calls
	@scripts/cover.sh
clean: ## forget everything built
	rm -rf build out compile_commands.json

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
