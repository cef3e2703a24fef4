/* srtp: one session over libsrtp2: an engine context a direction, and the bounds around it.
 *
 * The idea: libsrtp2 makes a stream for whatever new SSRC comes with a right tag. So the session
 * keeps a list of the SSRCs it has seen prove themselves, and asks it first: a known SSRC passes,
 * a new one passes while the list has room. What fails its tag is on no list and moved nothing.
 *
 * - rill_srtp_init, rill_srtp_free
 * - rill_srtp_protect_*      what this session sent, with sent.c as the guard of indices
 * - rill_srtp_unprotect_*    what it takes, and why not
 */
#include "srtp/srtp.h"

#include "base/arena.h"
#include "base/limits.h"
#include "srtp/sent.h"

#include <srtp2/srtp.h>

#include <string.h>

#define STREAMS_DEFAULT 16
#define WINDOW_DEFAULT 1024
#define WINDOW_MIN 64 /* RFC 3711 §3.3.2: "a minimum window size of 64" */
#define WINDOW_MAX 32767
#define RTP_HEADER 12
#define RTCP_HEADER 8

struct rill_srtp {
    srtp_t out, in; /* NULL: no keys for this direction */
    size_t streams, remote_streams, window;
    struct rill_srtp_sent *local;
    size_t n_local;
    uint32_t *remote;
    size_t n_remote;
    struct rill_srtp_stats stats;
};

int rill_srtp_global_init(void)
{
    return srtp_init() == srtp_err_status_ok ? 0 : RILL_SRTP_SETUP;
}

void rill_srtp_global_free(void)
{
    srtp_shutdown();
}

static struct rill_srtp *carve(struct rill_arena *a, const struct rill_srtp_config *c)
{
    size_t streams = c->streams ? c->streams : STREAMS_DEFAULT;
    size_t remote_streams = c->remote_streams ? c->remote_streams : streams;
    size_t window = c->window ? c->window : WINDOW_DEFAULT;
    bool sends = c->local_key.n > 0;
    struct rill_srtp *x = rill_arena_take(a, 1, sizeof *x);
    struct rill_srtp_sent *local = rill_arena_take(a, sends ? streams : 0, sizeof *local);
    uint32_t *remote = rill_arena_take(a, remote_streams, sizeof *remote);
    struct rill_srtp_sent_slot *slots =
        rill_arena_take(a, sends ? streams * window : 0, sizeof *slots);
    if (!x || a->bad)
        return NULL;
    x->streams = streams;
    x->remote_streams = remote_streams;
    x->window = window;
    x->local = local;
    x->remote = remote;
    for (size_t i = 0; sends && i < streams; i++)
        local[i].slots = slots + i * window;
    return x;
}

size_t rill_srtp_size(const struct rill_srtp_config *config)
{
    struct rill_arena a = rill_arena_counting();
    carve(&a, config);
    return rill_arena_size(&a);
}

/* One direction's engine context; keys of no bytes make none. */
static int open_engine(const struct rill_srtp_config *c, struct rill_view key,
                       struct rill_view salt, srtp_ssrc_type_t direction, srtp_t *out)
{
    uint8_t both[32 + 14];
    srtp_policy_t policy = {.ssrc = {.type = direction}, .key = both, .allow_repeat_tx = 1};
    if (key.n == 0 && salt.n == 0)
        return 0;
    if (key.n != rill_srtp_key_size(c->profile) || salt.n != rill_srtp_salt_size(c->profile))
        return RILL_SRTP_SETUP;
    srtp_profile_t profile = (srtp_profile_t)c->profile;
    policy.window_size = (unsigned long)(c->window ? c->window : WINDOW_DEFAULT);
    if (srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, profile) != srtp_err_status_ok ||
        srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp, profile) != srtp_err_status_ok)
        return RILL_SRTP_SETUP;
    struct rill_writer w = rill_writer_of((struct rill_span){both, sizeof both});
    rill_w_bytes(&w, key);
    rill_w_bytes(&w, salt);
    srtp_err_status_t made = srtp_create(out, &policy);
    rill_wipe(both, sizeof both);
    if (made == srtp_err_status_ok)
        return 0;
    *out = NULL;
    return RILL_SRTP_SETUP;
}

static bool fits(const struct rill_srtp_config *c)
{
    return c->streams <= RILL_SRTP_STREAMS_MAX && c->remote_streams <= RILL_SRTP_STREAMS_MAX &&
           (c->window == 0 || (c->window >= WINDOW_MIN && c->window <= WINDOW_MAX));
}

int rill_srtp_init(void *block, const struct rill_srtp_config *config, struct rill_srtp **out)
{
    if (rill_srtp_key_size(config->profile) == 0)
        return RILL_SRTP_PROFILE;
    if (!fits(config))
        return RILL_SRTP_SETUP;
    struct rill_arena a = rill_arena_over(block, rill_srtp_size(config));
    struct rill_srtp *x = carve(&a, config);
    int rc = open_engine(config, config->local_key, config->local_salt, ssrc_any_outbound, &x->out);
    if (rc == 0)
        rc = open_engine(config, config->remote_key, config->remote_salt, ssrc_any_inbound, &x->in);
    if (rc < 0) {
        rill_srtp_free(x);
        return rc;
    }
    *out = x;
    return 0;
}

void rill_srtp_free(struct rill_srtp *x)
{
    if (!x)
        return;
    if (x->out)
        srtp_dealloc(x->out);
    if (x->in)
        srtp_dealloc(x->in);
    x->out = NULL;
    x->in = NULL;
}

/* The stream of this SSRC: its own, or the next free one, which the caller counts in when the
 * packet went out. NULL when all are taken. */
static struct rill_srtp_sent *local_stream(struct rill_srtp *x, uint32_t ssrc)
{
    for (size_t i = 0; i < x->n_local; i++)
        if (x->local[i].ssrc == ssrc)
            return &x->local[i];
    return x->n_local < x->streams ? &x->local[x->n_local] : NULL;
}

static void keep_local(struct rill_srtp *x, struct rill_srtp_sent *s, uint32_t ssrc)
{
    s->ssrc = ssrc;
    if (s == &x->local[x->n_local])
        x->n_local++;
}

static uint32_t network_order(uint32_t ssrc)
{
    uint8_t bytes[4];
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    rill_w_u32(&w, ssrc);
    memcpy(&ssrc, bytes, sizeof ssrc);
    return ssrc;
}

void rill_srtp_forget(struct rill_srtp *x, uint32_t ssrc)
{
    struct rill_srtp_sent *s = local_stream(x, ssrc);
    if (!s || s == &x->local[x->n_local])
        return;
    (void)srtp_remove_stream(x->out, network_order(ssrc));
    struct rill_srtp_sent *last = &x->local[--x->n_local], was = *s;
    *s = *last;
    *last = (struct rill_srtp_sent){.slots = was.slots};
}

/* What both protect calls ask before anything is done; a negative row or 0. */
static int may_protect(const struct rill_srtp *x, struct rill_span buf, size_t n, size_t header)
{
    if (!x->out)
        return RILL_SRTP_NO_KEYS;
    if (n > buf.n || buf.n - n < RILL_SRTP_TAIL)
        return RILL_SRTP_NO_ROOM;
    return n < header || n > INT32_MAX - RILL_SRTP_TAIL ? RILL_SRTP_PROTECT : 0;
}

/*  RTP:   |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *         |                           timestamp                           |
 *         |                             SSRC                              |
 */
int rill_srtp_protect_rtp(struct rill_srtp *x, struct rill_span buf, size_t n)
{
    int rc = may_protect(x, buf, n, RTP_HEADER);
    if (rc < 0)
        return rc;
    struct rill_reader r = rill_reader_of(rill_view_at(buf.p, n));
    rill_r_skip(&r, 2);
    uint16_t seq = rill_r_u16(&r);
    rill_r_skip(&r, 4);
    uint32_t ssrc = rill_r_u32(&r);
    struct rill_srtp_sent *s = local_stream(x, ssrc);
    if (!s)
        return RILL_SRTP_TOO_MANY_STREAMS;
    uint16_t sum = rill_srtp_sent_sum(rill_view_at(buf.p, n));
    if (!rill_srtp_sent_may(s, x->window, seq, sum))
        return RILL_SRTP_REUSED;
    int size = (int)n;
    if (srtp_protect(x->out, buf.p, &size) != srtp_err_status_ok)
        return RILL_SRTP_PROTECT;
    keep_local(x, s, ssrc);
    rill_srtp_sent_note(s, x->window, seq, sum);
    x->stats.protected_rtp++;
    return size;
}

/*  RTCP:  |V=2|P|   count   |      PT       |            length             |
 *         |                        SSRC of the sender                     |
 *  Each call takes the next SRTCP index (RFC 3711 §3.4), so none is used twice. */
int rill_srtp_protect_rtcp(struct rill_srtp *x, struct rill_span buf, size_t n)
{
    int rc = may_protect(x, buf, n, RTCP_HEADER);
    if (rc < 0)
        return rc;
    struct rill_reader r = rill_reader_of(rill_view_at(buf.p, n));
    rill_r_skip(&r, 4);
    uint32_t ssrc = rill_r_u32(&r);
    struct rill_srtp_sent *s = local_stream(x, ssrc);
    if (!s)
        return RILL_SRTP_TOO_MANY_STREAMS;
    int size = (int)n;
    if (srtp_protect_rtcp(x->out, buf.p, &size) != srtp_err_status_ok)
        return RILL_SRTP_PROTECT;
    keep_local(x, s, ssrc);
    x->stats.protected_rtcp++;
    return size;
}

static bool knows_remote(const struct rill_srtp *x, uint32_t ssrc)
{
    for (size_t i = 0; i < x->n_remote; i++)
        if (x->remote[i] == ssrc)
            return true;
    return false;
}

static int count(uint64_t *counter, int row)
{
    ++*counter;
    return row;
}

/* The row of what the engine said. A GCM tag that is wrong shows as a cipher that failed. */
static int refused(struct rill_srtp *x, srtp_err_status_t said)
{
    switch (said) {
    case srtp_err_status_auth_fail:
    case srtp_err_status_cipher_fail:
        return count(&x->stats.auth_failed, RILL_SRTP_AUTH_FAILED);
    case srtp_err_status_replay_fail:
    case srtp_err_status_replay_old:
    case srtp_err_status_pkt_idx_old:
        return count(&x->stats.replayed, RILL_SRTP_REPLAYED);
    default:
        return count(&x->stats.malformed, RILL_SRTP_MALFORMED);
    }
}

static int unprotect(struct rill_srtp *x, struct rill_span packet, size_t header, size_t ssrc_at,
                     srtp_err_status_t (*engine)(srtp_t, void *, int *))
{
    if (!x->in)
        return RILL_SRTP_NO_KEYS;
    if (packet.n < header || packet.n > INT32_MAX)
        return count(&x->stats.malformed, RILL_SRTP_MALFORMED);
    struct rill_reader r = rill_reader_of(rill_view_at(packet.p, packet.n));
    rill_r_skip(&r, ssrc_at);
    uint32_t ssrc = rill_r_u32(&r);
    bool known = knows_remote(x, ssrc);
    if (!known && x->n_remote == x->remote_streams)
        return count(&x->stats.too_many_streams, RILL_SRTP_TOO_MANY_STREAMS);
    int size = (int)packet.n;
    srtp_err_status_t said = engine(x->in, packet.p, &size);
    if (said != srtp_err_status_ok)
        return refused(x, said);
    if (!known)
        x->remote[x->n_remote++] = ssrc;
    return size;
}

int rill_srtp_unprotect_rtp(struct rill_srtp *x, struct rill_span packet)
{
    int n = unprotect(x, packet, RTP_HEADER, 8, srtp_unprotect);
    x->stats.unprotected_rtp += n >= 0;
    return n;
}

int rill_srtp_unprotect_rtcp(struct rill_srtp *x, struct rill_span packet)
{
    int n = unprotect(x, packet, RTCP_HEADER, 4, srtp_unprotect_rtcp);
    x->stats.unprotected_rtcp += n >= 0;
    return n;
}

void rill_srtp_stats(const struct rill_srtp *x, struct rill_srtp_stats *out)
{
    *out = x->stats;
}
