/* call: `rill call`: makes or answers one call; the 23 steps, told as they happen.
 *
 * The loop is the whole program on one screen (see run()): drain outputs to the sockets,
 * drain events, wait until the nearest deadline, feed what came, or tick. */
#include "apps/call.h"

#include "apps/app.h"
#include "apps/time.h"
#include "srtp/srtp.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long goodbyes may take to leave. */
#define LINGER (200 * RILL_MS)
/* How long what has come is heard without anything being encoded in between. */
#define HEAR_FOR (20 * RILL_MS)
#define HEAR_LEAST 32
/* How long after its last BYE the other side may say that it goes on. */
#define LEFT_AFTER RILL_SECOND
/* The virtual wall clock of a seeded call: 2026-01-01. */
#define SEEDED_UNIX_S 1767225600

static volatile sig_atomic_t stop_asked, why_asked;
static struct rill_reactor *volatile signal_reactor;

static void on_signal(int number)
{
    if (number == SIGUSR1)
        why_asked = 1;
    else
        stop_asked = 1;
    if (signal_reactor)
        rill_reactor_wake(signal_reactor);
}

static void catch_signals(struct rill_reactor *r)
{
    struct sigaction action = {.sa_handler = on_signal};
    signal_reactor = r;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
}

/* The other side has left when none of its sources is active and it says nothing more: browsers say
 * BYE of a source that is held or changed, too. */
static bool has_left(const struct call *c, int64_t now)
{
    bool any = false;
    for (size_t i = 0; i < RILL_TRACKS_MAX; i++) {
        if (!c->remotes[i].used || c->remotes[i].removed)
            continue;
        if (!c->remotes[i].left)
            return false;
        any = true;
    }
    return any && now >= c->bye_at + LEFT_AFTER;
}

static void feed(struct call *c, const struct rill_reactor_event *e)
{
    int64_t now = rill_posix_now();
    if (rill_names_event(&c->names, e) || rill_local_names_event(&c->local, now, e) ||
        rill_turn_streams_event(&c->turn, now, e))
        return;
    switch (e->type) {
    case RILL_REACTOR_DATAGRAM:
        if (c->peer)
            (void)rill_peer_input_at(c->peer, now, e->at, &e->path, e->bytes);
        break;
    case RILL_REACTOR_UNREACHABLE:
        if (c->peer)
            rill_peer_unreachable(c->peer, now, &e->path);
        break;
    case RILL_REACTOR_ACCEPTED:
        call_accepted(c, now, e);
        break;
    case RILL_REACTOR_CONNECTED:
        call_stream_connected(c, now);
        break;
    case RILL_REACTOR_READ:
        call_signal_read(c, now, rill_view_at(e->bytes.p, e->bytes.n));
        break;
    case RILL_REACTOR_CLOSED:
        if (e->socket == c->signal_socket)
            call_signal_closed(c, now);
        break;
    case RILL_REACTOR_READY:
        if (e->socket == c->device_socket)
            call_devices_changed(c);
        else if (e->socket == c->changes_socket)
            call_changes_ready(c, now);
        else if (e->socket == c->interface_socket)
            call_interfaces_changed(c, now);
        break;
    default:
        break;
    }
}

static void tick(struct call *c, int64_t now)
{
    call_names(c, now);
    call_signal_tick(c, now);
    rill_turn_streams_tick(&c->turn, now);
    rill_trace_out_tick(&c->trace, now);
    if (c->peer)
        rill_peer_tick(c->peer, now);
    call_changes_tick(c, now);
    if (why_asked)
        call_why(c);
    why_asked = 0;
    call_send_media(c, now);
    call_hear(c, now);
    call_play(c, now);
    call_stats_tick(c, now);
    if (c->connected && call_media_flows(c) && !c->complete_at) {
        c->complete_at = now;
        call_first_keys(c, now);
        call_step(c, 23);
        if (!c->options->json)
            call_note(c, "call", "CONNECTED!!");
    }
}

static void check_end(struct call *c, int64_t now)
{
    if (c->end != CALL_RUNNING)
        return;
    int64_t from = c->complete_at;
    if (stop_asked ||
        (from && c->options->duration != RILL_NEVER && now >= from + c->options->duration))
        c->end = CALL_HUNG_UP;
    else if (c->connected && has_left(c, now))
        c->end = CALL_PEER_LEFT;
    else if (!from && c->options->timeout != RILL_NEVER &&
             now >= c->started_at + c->options->timeout)
        call_fail(c,
                  !c->described_at ? "nobody answered in time"
                  : c->connected   ? "media did not come from both sides in time"
                                   : "the connection was not made in time",
                  NULL);
}

static int64_t deadline(const struct call *c, int64_t now)
{
    int64_t next = rill_earlier(call_signal_deadline(c), call_media_deadline(c, now));
    next = rill_earlier(next, call_play_deadline(c));
    next = rill_earlier(next, call_hear_deadline(c));
    next = rill_earlier(next, rill_names_deadline(&c->names, now));
    next = rill_earlier(next, rill_local_names_deadline(&c->local));
    next = rill_earlier(next, call_changes_deadline(c));
    next = rill_earlier(next, c->stats_at);
    next = rill_earlier(next, rill_turn_streams_deadline(&c->turn));
    next = rill_earlier(next, rill_trace_out_deadline(&c->trace));
    if (c->peer)
        next = rill_earlier(next, rill_peer_deadline(c->peer));
    if (c->bye_at && now < c->bye_at + LEFT_AFTER)
        next = rill_earlier(next, c->bye_at + LEFT_AFTER);
    if (c->complete_at && c->options->duration != RILL_NEVER)
        next = rill_earlier(next, c->complete_at + c->options->duration);
    if (!c->complete_at && c->options->timeout != RILL_NEVER)
        next = rill_earlier(next, c->started_at + c->options->timeout);
    return next;
}

static void local_names(struct call *c, int64_t now)
{
    struct rill_mdns_event e;
    rill_local_names_run(&c->local, now);
    while (c->peer && rill_local_names_take(&c->local, &e))
        rill_peer_resolved(c->peer, now, rill_view_of(e.name), e.addrs, e.n);
}

/* Everything there is to say, said. */
static void drain(struct call *c, int64_t now)
{
    local_names(c, now);
    call_signal_events(c, now);
    now = rill_posix_now(); /* sources may have been opened, and keys made */
    call_peer_events(c, now);
    call_send_datagrams(c);
    call_peer_events(c, now);
    local_names(c, now);
    call_signal_write(c);
}

/* Waits, and then takes whatever else has come, but not for long: there are pictures to be sent.
 * Some of it is heard in any case: on a machine that has much else to do the time is over before
 * the first was read, and one a turn would be fewer than come. */
static void hear(struct call *c, int64_t began)
{
    struct rill_reactor_event e;
    rill_reactor_next(c->reactor, deadline(c, began), &e);
    int64_t until = rill_posix_now() + HEAR_FOR;
    bool woken = false; /* a worker has frames to be sent */
    for (int n = 1; e.type != RILL_REACTOR_NOTHING && c->end == CALL_RUNNING; n++) {
        feed(c, &e);
        int64_t now = rill_posix_now();
        drain(c, now);
        woken = woken || e.type == RILL_REACTOR_WOKEN;
        if (n >= HEAR_LEAST && (now >= until || woken))
            break;
        rill_reactor_next(c->reactor, now, &e);
    }
}

static void run(struct call *c)
{
    while (c->end == CALL_RUNNING) {
        int64_t now = rill_posix_now();
        tick(c, now);
        now = rill_posix_now();
        drain(c, now);
        check_end(c, now);
        if (c->end != CALL_RUNNING)
            break;
        hear(c, now);
    }
}

/* RTCP BYE, close_notify and the WebSocket's close leave before the sockets go. */
static void say_goodbye(struct call *c)
{
    struct rill_reactor_event e;
    int64_t now = rill_posix_now(), end = now + LINGER;
    if (c->peer)
        rill_peer_close(c->peer, now);
    if (c->signal && !c->signal_gone)
        rill_sig_client_close(c->signal, now);
    while (now < end) {
        call_send_datagrams(c);
        if (c->signal)
            call_signal_write(c);
        if (!c->signal || c->signal_gone)
            break;
        rill_reactor_next(c->reactor, end, &e);
        now = rill_posix_now();
        if (rill_turn_streams_event(&c->turn, now, &e))
            continue;
        if (e.type == RILL_REACTOR_READ)
            call_signal_read(c, now, rill_view_at(e.bytes.p, e.bytes.n));
        else if (e.type == RILL_REACTOR_CLOSED && e.socket == c->signal_socket)
            c->signal_gone = true;
    }
}

static void release(struct call *c)
{
    for (size_t i = 0; i < RILL_TRACKS_MAX; i++)
        if (c->remotes[i].used)
            rill_receiver_free(c->remotes[i].receiver);
    call_free_sources(c);
    call_free_outputs(c);
    call_forget_devices(c);
    call_forget_interfaces(c);
    if (c->peer)
        rill_peer_free(c->peer);
    if (c->cert)
        rill_dtls_cert_free(c->cert);
    rill_turn_streams_free(&c->turn);
    if (c->reactor)
        rill_local_names_free(&c->local);
    rill_names_free(&c->names);
    if (c->reactor)
        call_signal_free(c);
    signal_reactor = NULL;
    if (c->reactor)
        rill_reactor_free(c->reactor);
    free(c->peer_block);
    free(c->cert_block);
}

static void seed(struct call *c)
{
    c->rng = rill_posix_rng();
    if (!c->options->seeded)
        return;
    rill_rng_seeded_init(&c->seeded, c->options->seed);
    c->rng = rill_rng_seeded(&c->seeded);
    rill_app_virtual_time(SEEDED_UNIX_S);
}

static bool open_trace(struct call *c)
{
    static const char *const names[] = {NULL, "CLIENT1", "CLIENT2"};
    const char *role = c->options->named ? NULL : names[c->role];
    bool ok = rill_trace_out_open(&c->trace, &c->options->trace, "rill call",
                                  role ? role : c->options->name, c->started_at, rill_posix_wall());
    c->trace.who = c->options->name;
    rill_trace_out_begin_inputs(&c->trace, c->options->seeded ? SEEDED_UNIX_S : 0);
    return ok;
}

int call_run(const struct call_options *options)
{
    static struct call c;
    c = (struct call){.options = options,
                      .role = options->role,
                      .interface_fd = -1,
                      .decide_at = RILL_NEVER,
                      .negotiate_at = RILL_NEVER,
                      .heal_at = RILL_NEVER,
                      .stats_at = RILL_NEVER};
    c.started_at = rill_posix_now();
    if (!open_trace(&c))
        return RILL_EXIT_FAILED;
    seed(&c);
    if (rill_srtp_global_init() < 0) {
        fputs("rill call: libsrtp2 did not start\n", stderr);
        return RILL_EXIT_FAILED;
    }
    c.reactor = rill_reactor_new(64);
    catch_signals(c.reactor);
    if (!c.reactor)
        call_fail(&c, "there is no memory for the reactor", NULL);
    if (c.reactor && !options->seeded)
        call_watch_devices(&c);
    if (c.reactor)
        call_watch_interfaces(&c);
    c.local = (struct rill_local_names){.reactor = c.reactor, .trace = &c.trace.trace};
    bool names = c.reactor && rill_names_open(&c.names, c.reactor);
    if (names && call_changes_open(&c) && call_open_outputs(&c) && call_name_servers(&c) &&
        call_signal_connect(&c, c.started_at))
        run(&c);
    call_hear_last(&c, rill_posix_now());
    call_collect(&c);
    if (options->why || c.end == CALL_FAILED)
        call_why(&c);
    if (c.reactor)
        say_goodbye(&c);
    call_close_outputs(&c);
    bool ok = call_summary(&c);
    release(&c);
    rill_srtp_global_free();
    rill_trace_out_close(&c.trace);
    return ok && !c.output_error.row ? RILL_EXIT_DONE : RILL_EXIT_FAILED;
}
