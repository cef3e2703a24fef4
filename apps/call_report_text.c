/* call_report_text: the figures of a call for people. */
#include "apps/call_report.h"

#include <stdio.h>

static double ms(int64_t us)
{
    return (double)us / 1000.0;
}

/* One write, so that two processes on one terminal do not mix their lines. */
struct page {
    char text[8192];
    size_t n;
};

#define PAGE(p, ...)                                                                               \
    do {                                                                                           \
        int n_ = snprintf((p)->text + (p)->n, sizeof(p)->text - (p)->n, __VA_ARGS__);              \
        if (n_ > 0)                                                                                \
            (p)->n +=                                                                              \
                (size_t)n_ < sizeof(p)->text - (p)->n ? (size_t)n_ : sizeof(p)->text - (p)->n - 1; \
    } while (0)

static void page_received(struct page *p, const struct rill_peer_stream_stats *s,
                          const struct rill_receiver_stats *r)
{
    PAGE(p,
         "  received  %s: %llu frames decoded, %llu packets, %llu bytes, %lld lost, jitter %.1f ms",
         rill_kind_name(s->kind), (unsigned long long)r->decoded, (unsigned long long)s->packets,
         (unsigned long long)s->bytes, (long long)s->lost, ms(s->jitter_us));
    if (s->kind == RILL_VIDEO && r->width)
        PAGE(p, ", %ux%u", r->width, r->height);
    if (r->numbers)
        PAGE(p, ", pattern numbers %d to %d with %llu gaps", r->number_first, r->number_last,
             (unsigned long long)r->number_gaps);
    if (s->kind == RILL_AUDIO && r->tone_hz)
        PAGE(p, ", a tone of %u Hz", r->tone_hz);
    PAGE(p, "\n");
}

static void page_streams(struct page *p, struct call *c, const struct rill_peer_stats *s)
{
    for (size_t i = 0; i < s->n_sent; i++) {
        if (s->sent[i].rid.n && c->connected)
            PAGE(p, "  encoding  %.*s: %llu frames%s\n", (int)s->sent[i].rid.n,
                 (const char *)s->sent[i].rid.p, (unsigned long long)s->sent[i].frames,
                 s->sent[i].active ? "" : ", not sent at last");
        if (s->sent[i].active)
            PAGE(p,
                 "  sent      %s: %llu frames, %llu packets, %llu bytes, %llu sent again, "
                 "%llu dropped at the source\n",
                 rill_kind_name(s->sent[i].kind), (unsigned long long)s->sent[i].frames,
                 (unsigned long long)s->sent[i].packets, (unsigned long long)s->sent[i].bytes,
                 (unsigned long long)s->sent[i].retransmitted,
                 (unsigned long long)call_source_dropped(c, s->sent[i].transceiver));
        else if (c->connected)
            PAGE(p, "  sent      %s: nothing, the other side takes none\n",
                 rill_kind_name(s->sent[i].kind));
    }
    for (size_t i = 0; i < s->n_received; i++) {
        struct rill_receiver_stats r;
        const struct rill_peer_stream_stats *row = &s->received[i];
        const struct call_remote *remote = &c->remotes[row->transceiver];
        if (row->rid.n)
            PAGE(p, "  encoding  %.*s: %llu frames, %ux%u%s\n", (int)row->rid.n,
                 (const char *)row->rid.p, (unsigned long long)row->frames, row->width, row->height,
                 row->handed_out ? ", shown at last" : "");
        if (!remote->used || row->encoding > 0)
            continue;
        rill_receiver_stats(remote->receiver, &r);
        page_received(p, row, &r);
    }
}

/* Loss and round trip as the other side's reports have them, of the first track with pictures. */
static void page_congestion(struct page *p, const struct call *c, const struct rill_peer_stats *s)
{
    if (!c->connected || s->target_bps == 0)
        return;
    PAGE(p, "  path      %s: target %llu kbit/s after %llu feedbacks",
         call_congestion_names[c->options->congestion], (unsigned long long)(s->target_bps / 1000),
         (unsigned long long)s->feedbacks);
    for (size_t i = 0; i < s->n_sent; i++)
        if (s->sent[i].active && s->sent[i].kind == RILL_VIDEO && s->sent[i].rtt_us >= 0) {
            PAGE(p, ", %lld lost, round trip %.1f ms", (long long)s->sent[i].lost,
                 ms(s->sent[i].rtt_us));
            break;
        }
    PAGE(p, "\n");
}

static void transport_text(struct page *p, const struct rill_peer_transport_stats *t)
{
    if (t->has_pair)
        PAGE(p, "  pair      %s\n         ~  %s\n  round trip %.2f ms\n", t->local_candidate,
             t->remote_candidate, ms(t->pair_rtt_us));
    if (t->dtls_version)
        PAGE(p, "  security  %s as %s, %s, %s\n", t->dtls_version, t->dtls_role, t->dtls_cipher,
             t->srtp_profile ? t->srtp_profile : "no SRTP");
}

void call_report_stats_text(struct call *c, const struct rill_peer_stats *s)
{
    struct page p = {.n = 0};
    page_streams(&p, c, s);
    fwrite(p.text, 1, p.n, stdout);
    fflush(stdout);
}

void call_report_summary_text(struct call *c, const struct rill_peer_stats *s, bool ok)
{
    struct page p = {.n = 0};
    PAGE(&p, "\n%s  [%s]\n", ok ? "CONNECTED!!" : "NOT CONNECTED", c->options->name);
    if (c->failure[0])
        PAGE(&p, "  failed    %s\n", c->failure);
    if (c->output_error.row)
        PAGE(&p, "  kept      not everything, as was told above\n");
    for (size_t i = 0; i < s->n_transports; i++)
        transport_text(&p, &s->transports[i]);
    if (c->connected) {
        PAGE(&p, "  times     connected after %.1f ms", ms(c->connected_at - c->described_at));
        if (call_first_of(c, RILL_AUDIO) >= 0)
            PAGE(&p, ", first audio after %.1f ms", ms(call_first_of(c, RILL_AUDIO)));
        if (call_first_of(c, RILL_VIDEO) >= 0)
            PAGE(&p, ", first video after %.1f ms", ms(call_first_of(c, RILL_VIDEO)));
        PAGE(&p, " (counted from when both descriptions were known)\n");
    }
    page_congestion(&p, c, s);
    page_streams(&p, c, s);
    fwrite(p.text, 1, p.n, stdout);
    fflush(stdout);
}
