#include "apps/trace_capture.h"

#include "trace/format.h"

#include <string.h>

#define HELD_FOR (100 * RILL_MS)
/* A description is a comment too long to be read. */
#define COMMENT_MAX 600

bool rill_trace_capture_open(struct rill_trace_capture *x, const char *path, bool secrets,
                             int64_t now, int64_t wall_us)
{
    struct rill_writer w;
    x->secrets = secrets;
    x->wall = wall_us - now;
    if (!rill_trace_file_open(&x->file, "--pcapng", path, false))
        return false;
    do {
        w = rill_trace_file_begin(&x->file);
        rill_pcapng_write_head(&w);
    } while (!rill_trace_file_end(&x->file, now, &w));
    return true;
}

/* --- what is held -------------------------------------------------------------------------- */

static void write_one(struct rill_trace_capture *x, struct rill_trace_held *held)
{
    struct rill_writer w;
    if (!held->used)
        return;
    do {
        w = rill_trace_file_begin(&x->file);
        rill_pcapng_write_packet(&x->out, &w, &held->packet);
    } while (!rill_trace_file_end(&x->file, x->held_since, &w));
    held->used = false;
}

static void let_go(struct rill_trace_capture *x)
{
    if (!x->wire.used)
        return;
    x->wire.packet.comments = rill_view_at(x->comments, x->n_comments);
    write_one(x, &x->wire);
    write_one(x, &x->clear);
    x->n_comments = 0;
    x->number = 0;
}

static struct rill_view copy(uint8_t *to, size_t cap, struct rill_view from)
{
    size_t n = from.n < cap ? from.n : cap;
    if (n)
        memcpy(to, from.p, n);
    return rill_view_at(to, n);
}

/* In clear it has the addresses of the packet that it was in, but the ports that RFC 3551 §8 has
 * for RTP and RTCP: whoever reads the file can name them, and what was on the wire, which is
 * protected, stays another conversation. */
#define RTP_PORT 5004
#define RTCP_PORT 5005

static void hold_clear(struct rill_trace_capture *x, struct rill_view bytes)
{
    x->clear.packet = x->wire.packet;
    x->clear.packet.local.port = x->clear.packet.remote.port =
        x->clear_is_rtcp ? RTCP_PORT : RTP_PORT;
    x->clear.packet.interface = RILL_PCAPNG_CLEAR;
    x->clear.packet.tcp = false;
    x->clear.packet.bytes = bytes;
    x->clear.used = true;
}

static void hold(struct rill_trace_capture *x, int64_t now, uint64_t number,
                 const struct rill_pcapng_packet *p)
{
    let_go(x);
    x->wire = (struct rill_trace_held){.used = true, .packet = *p};
    x->wire.packet.wall_us = x->wall + now;
    x->wire.packet.bytes = copy(x->wire_bytes, sizeof x->wire_bytes, p->bytes);
    x->number = number;
    x->held_since = now;
    if (p->sent && x->clear_number && x->clear_number == number)
        hold_clear(x, x->clear.packet.bytes);
    x->clear_number = 0;
}

/* --- events -------------------------------------------------------------------------------- */

static struct rill_addr addr_of(const struct rill_addr *a)
{
    return a ? *a : (struct rill_addr){.family = RILL_ADDR_NONE};
}

/* packet proto local remote bytes */
static void take_datagram(struct rill_trace_capture *x, int64_t now, bool sent,
                          const union rill_trace_value *v)
{
    const struct rill_pcapng_packet p = {.interface = RILL_PCAPNG_WIRE,
                                         .sent = sent,
                                         .tcp = !rill_view_is(v[1].view, "udp"),
                                         .local = addr_of(v[2].addr),
                                         .remote = addr_of(v[3].addr),
                                         .bytes = v[4].view};
    hold(x, now, v[0].u, &p);
}

/* local remote bytes */
static void take_mdns(struct rill_trace_capture *x, int64_t now, bool sent,
                      const union rill_trace_value *v)
{
    const struct rill_pcapng_packet p = {.interface = RILL_PCAPNG_WIRE,
                                         .sent = sent,
                                         .local = addr_of(v[0].addr),
                                         .remote = addr_of(v[1].addr),
                                         .bytes = v[2].view};
    hold(x, now, 0, &p);
}

/* What leaves is told in clear before its datagram, what came behind it. */
static void take_clear(struct rill_trace_capture *x, bool sent, bool rtcp, uint64_t number,
                       struct rill_view bytes)
{
    if (sent) {
        let_go(x);
        x->clear_is_rtcp = rtcp;
        x->clear.packet.bytes = copy(x->clear_bytes, sizeof x->clear_bytes, bytes);
        x->clear_number = number;
    } else if (x->wire.used && x->number == number) {
        x->clear_is_rtcp = rtcp;
        hold_clear(x, copy(x->clear_bytes, sizeof x->clear_bytes, bytes));
    }
}

static void take_secret(struct rill_trace_capture *x, int64_t now, const union rill_trace_value *v)
{
    uint8_t line[300];
    struct rill_writer log = rill_writer_of((struct rill_span){line, sizeof line}), w;
    rill_keylog_write(&log, v[0].view, v[1].view);
    if (x->secrets && !log.bad)
        do {
            w = rill_trace_file_begin(&x->file);
            rill_pcapng_write_secrets(&w, rill_w_view(&log));
        } while (!rill_trace_file_end(&x->file, now, &w));
    rill_wipe(line, sizeof line);
}

static void take_comment(struct rill_trace_capture *x, const struct rill_trace_point *point,
                         const union rill_trace_value *values)
{
    size_t left = sizeof x->comments - x->n_comments;
    uint8_t *at = x->comments + x->n_comments;
    struct rill_writer w =
        rill_writer_of((struct rill_span){at, left < COMMENT_MAX ? left : COMMENT_MAX});
    rill_trace_write_words(&w, point, values, false);
    if (w.at == left || w.at == 0)
        return;
    x->n_comments += w.at;
    x->comments[x->n_comments++] = '\n';
}

void rill_trace_capture_take(struct rill_trace_capture *x, const struct rill_trace_point *point,
                             int64_t now, const union rill_trace_value *values)
{
    const char *name = point->name;
    size_t n = strlen(name);
    bool sent = n > 5 && !strcmp(name + n - 5, "_sent"), peer = !strcmp(point->room, "peer");
    if (!rill_trace_has_bytes(point))
        take_comment(x, point, values);
    else if (peer && !strncmp(name, "datagram_", 9))
        take_datagram(x, now, sent, values);
    else if (peer && !strncmp(name, "rtp_", 4))
        take_clear(x, sent, false, values[0].u, values[3].view);
    else if (peer && !strncmp(name, "rtcp_", 5))
        take_clear(x, sent, true, values[0].u, values[1].view);
    else if (!strcmp(point->room, "mdns") && !strncmp(name, "datagram_", 9))
        take_mdns(x, now, sent, values);
    else if (!strcmp(point->room, "dtls") && !strcmp(name, "secret"))
        take_secret(x, now, values);
}

void rill_trace_capture_tick(struct rill_trace_capture *x, int64_t now)
{
    if (x->wire.used && now >= x->held_since + HELD_FOR)
        let_go(x);
    rill_trace_file_tick(&x->file, now);
}

int64_t rill_trace_capture_deadline(const struct rill_trace_capture *x)
{
    int64_t held = x->wire.used ? x->held_since + HELD_FOR : RILL_NEVER;
    return rill_earlier(held, rill_trace_file_deadline(&x->file));
}

void rill_trace_capture_close(struct rill_trace_capture *x)
{
    if (!x->file.open)
        return;
    let_go(x);
    rill_trace_file_close(&x->file);
}
