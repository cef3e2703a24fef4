/* call_stream: the bytes between the signaling client and its server: TCP, and TLS where the URL
 * asks for it.
 *
 * The idea: no more plaintext is asked of the client than TLS has room for, so that none waits
 * here; and every address of the server is tried before the call fails. */
#include "apps/app.h"
#include "apps/call.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const protocols[] = {"http/1.1", NULL};

/* --- opening -------------------------------------------------------------------------- */

static bool connect_next(struct call *c, struct rill_err *why)
{
    while (c->stream_next < c->n_stream_addrs)
        if (rill_reactor_tcp_connect(c->reactor, &c->stream_addrs[c->stream_next++],
                                     &c->signal_socket, why) >= 0)
            return true;
    return false;
}

static bool load_roots(struct call *c)
{
    if (c->options->insecure) {
        fprintf(stderr,
                "rill call: [%s] --insecure: whoever answers is believed to be %s, with the "
                "password and the call's descriptions\n",
                c->options->name, c->signal_url.host);
        return true;
    }
    if (c->roots.id || rill_cert_roots_load(c->options->ca, &c->roots))
        return true;
    call_fail(c,
              c->options->ca ? "--ca: the file cannot be read as certificates"
                             : "there is no CA that the server could be checked against",
              NULL);
    return false;
}

static bool open_tls(struct call *c)
{
    struct rill_tls_config config = {
        .role = RILL_TLS_CLIENT,
        .trust = c->roots.id,
        .host = rill_view_of(c->signal_url.host),
        .insecure = c->options->insecure,
        .alpn = protocols,
        .wall_s = rill_posix_wall() / RILL_SECOND,
        .rng = rill_posix_rng(), /* a seeded call has no seeded secrets */
        .trace = &c->trace.trace,
    };
    void *block = malloc(rill_tls_size(&config));
    c->tls = block ? rill_tls_init(block, &config) : NULL;
    if (c->tls)
        return true;
    free(block);
    call_fail(c, "TLS cannot begin: is the host in the URL one?", NULL);
    return false;
}

bool call_stream_open(struct call *c)
{
    const struct rill_url *url = &c->signal_url;
    for (size_t i = 0; i < 2; i++) {
        c->signal_frames[i].upgraded = false;
        c->signal_frames[i].n = 0;
        c->signal_frames[i].skip = 0;
    }
    struct rill_err why = {0};
    c->stream_next = 0;
    c->stream_up = false;
    const char *wrong = NULL;
    if (c->n_stream_addrs == 0)
        wrong = rill_names_signaling(&c->names, url->host, url->port);
    else if (!connect_next(c, &why))
        wrong = c->options->url;
    if (wrong) {
        call_fail(c, wrong, &why);
        return false;
    }
    return !url->secure || (load_roots(c) && open_tls(c));
}

void call_stream_named(struct call *c, const struct rill_name *name)
{
    char text[400];
    struct rill_err why = {0};
    c->n_stream_addrs = name->n < CALL_ADDRESSES ? name->n : CALL_ADDRESSES;
    for (size_t i = 0; i < c->n_stream_addrs; i++)
        c->stream_addrs[i] = name->addrs[i];
    if (name->reason) {
        snprintf(text, sizeof text, "%s has no address: %s", name->text, name->reason);
        call_fail(c, text, NULL);
    } else if (!connect_next(c, &why)) {
        call_fail(c, c->options->url, &why);
    }
}

void call_stream_close(struct call *c)
{
    if (c->signal_socket != RILL_REACTOR_NO_SOCKET)
        rill_reactor_close(c->reactor, c->signal_socket);
    c->signal_socket = RILL_REACTOR_NO_SOCKET;
    c->signal_out_at = c->signal_out_n = 0;
    if (c->tls)
        rill_tls_free(c->tls);
    free(c->tls); /* it begins its block */
    c->tls = NULL;
    c->tls_open = false;
}

/* --- what the trace sees, in clear -------------------------------------------------------- */

static void trace_bytes(struct call *c, int64_t now, bool sent, struct rill_view bytes)
{
    static const struct rill_addr nobody;
    struct rill_trace_frames_told to = {
        .trace = &c->trace.trace,
        .sent = sent,
        .remote = c->stream_next ? c->stream_addrs[c->stream_next - 1] : nobody,
        .secrets = c->options->trace.secrets,
        .password = rill_view_of(c->options->password)};
    if (c->trace.trace.emit)
        rill_trace_frames_take(&c->signal_frames[sent], now, &to, bytes);
}

static size_t client_output(struct call *c, int64_t now, struct rill_span out)
{
    size_t n = rill_sig_client_output(c->signal, out);
    trace_bytes(c, now, true, rill_view_at(out.p, n));
    return n;
}

static int client_input(struct call *c, int64_t now, struct rill_view bytes, struct rill_err *why)
{
    trace_bytes(c, now, false, bytes);
    return rill_sig_client_input(c->signal, now, bytes, why);
}

/* --- bytes ---------------------------------------------------------------------------- */

static size_t next_output(struct call *c)
{
    int64_t now = rill_posix_now();
    struct rill_span out = {c->signal_out, sizeof c->signal_out};
    if (!c->tls)
        return client_output(c, now, out);
    size_t n = rill_tls_output(c->tls, now, out), room = rill_tls_writable(c->tls);
    if (n > 0)
        return n;
    out.n = room < out.n ? room : out.n;
    n = out.n ? client_output(c, now, out) : 0;
    if (n > 0)
        rill_tls_write(c->tls, now, rill_view_at(out.p, n));
    return rill_tls_output(c->tls, now, (struct rill_span){c->signal_out, sizeof c->signal_out});
}

void call_stream_write(struct call *c)
{
    for (;;) {
        if (c->signal_out_at == c->signal_out_n) {
            c->signal_out_at = 0;
            c->signal_out_n = next_output(c);
        }
        if (c->signal_out_n == 0)
            return;
        long taken = rill_reactor_write(
            c->reactor, c->signal_socket,
            rill_view_at(c->signal_out + c->signal_out_at, c->signal_out_n - c->signal_out_at));
        if (taken <= 0)
            return;
        c->signal_out_at += (size_t)taken;
    }
}

static int read_out(struct call *c, int64_t now, struct rill_err *why, size_t *n)
{
    uint8_t plain[4096];
    struct rill_span out = {plain, sizeof plain};
    int rc = 0;
    *n = 0;
    for (size_t got; rc >= 0 && (got = rill_tls_read(c->tls, now, out)) > 0; *n += got)
        rc = client_input(c, now, rill_view_at(plain, got), why);
    return rc;
}

/* What a person can do about it. */
static const char *advice(int code)
{
    switch (code) {
    case RILL_TLS_UNTRUSTED:
        return "--ca FILE names its CA (rill serve gives it at /ca.crt, mkcert's is rootCA.pem); "
               "--insecure believes anybody";
    case RILL_TLS_WRONG_NAME:
        return "call it by a name that its certificate has, or make it one: rill cert NAME";
    case RILL_TLS_EXPIRED:
    case RILL_TLS_WRONG_USE:
        return "it needs another certificate: rill cert makes one";
    case RILL_TLS_NOT_YET_VALID:
        return "see what `date` says here and there";
    case RILL_TLS_RECORD:
    case RILL_TLS_TRUNCATED:
    case RILL_TLS_TIMEOUT:
        return "a server without TLS wants http:// or ws://";
    default:
        return NULL;
    }
}

/* "no TLS with HOST: what is wrong (clause): what to do"; the last alert still goes out. */
static void tls_failed(struct call *c, const struct rill_err *why)
{
    char text[400];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    const char *more = advice(why->row->code);
    rill_w_str(&w, "no TLS with ");
    rill_w_str(&w, c->signal_url.host);
    rill_w_str(&w, ": ");
    rill_err_write(&w, why);
    rill_w_str(&w, " (");
    rill_w_str(&w, why->row->clause);
    rill_w_str(&w, more ? "): " : ")");
    rill_w_str(&w, more ? more : "");
    rill_w_end_text(&w);
    call_stream_write(c);
    call_fail(c, text, NULL);
    c->signal_gone = true;
}

static void tls_events(struct call *c, int64_t now)
{
    struct rill_tls_event e;
    struct rill_tls_info info;
    while (c->tls && rill_tls_event(c->tls, &e)) {
        rill_tls_info(c->tls, &info);
        if (e.state == RILL_TLS_FAILED && !c->tls_open)
            tls_failed(c, &e.why);
        else if (e.state != RILL_TLS_OPEN)
            rill_sig_client_stream_closed(c->signal, now);
        else
            call_note(c, "signaling", info.ciphersuite);
        c->tls_open |= e.state == RILL_TLS_OPEN;
    }
}

int call_stream_read(struct call *c, int64_t now, struct rill_view bytes, struct rill_err *why)
{
    int rc = 0;
    if (!c->tls)
        return client_input(c, now, bytes, why);
    for (bool moves = true; moves && bytes.n && rc >= 0;) {
        size_t n = rill_tls_input(c->tls, now, bytes), plain;
        bytes = rill_view_sub(bytes, n, bytes.n - n);
        rc = read_out(c, now, why, &plain);
        moves = n > 0 || plain > 0;
    }
    tls_events(c, now);
    return rc;
}

void call_stream_connected(struct call *c, int64_t now)
{
    c->stream_up = true;
    if (c->tls)
        rill_tls_start(c->tls, now);
    call_stream_write(c);
}

bool call_stream_closed(struct call *c, int64_t now)
{
    struct rill_err why = {0};
    c->signal_socket = RILL_REACTOR_NO_SOCKET;
    if (!c->stream_up && connect_next(c, &why))
        return false;
    if (!c->stream_up)
        call_fail(c, "no connection to the signaling server: is it running, and is this its port?",
                  NULL);
    else if (c->tls)
        rill_tls_ended(c->tls, now);
    tls_events(c, now);
    return true;
}

void call_stream_tick(struct call *c, int64_t now)
{
    if (!c->tls)
        return;
    rill_tls_tick(c->tls, now);
    tls_events(c, now);
}

int64_t call_stream_deadline(const struct call *c)
{
    return c->tls ? rill_tls_deadline(c->tls) : RILL_NEVER;
}
