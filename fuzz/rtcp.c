/* fuzz rtcp: any bytes as a compound; every packet is read by its own parser. */
#include "rtp/rtcp.h"

#include <stdlib.h>

#define STATUS_MAX 65535

static uint8_t symbols[STATUS_MAX];
static int16_t deltas[STATUS_MAX];

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void read_report(const struct rill_rtcp_packet *p)
{
    struct rill_rtcp_report_block block;
    uint32_t ssrc;
    if (rill_rtcp_parse_report(p, &ssrc, NULL, NULL) < 0)
        return;
    for (size_t i = 0; i < p->count; i++)
        require(rill_rtcp_report_block(p, i, &block));
    require(!rill_rtcp_report_block(p, p->count, &block));
}

static void read_sdes(const struct rill_rtcp_packet *p)
{
    struct rill_rtcp_sdes_item item;
    size_t items = 0;
    for (size_t at = 0; rill_rtcp_sdes_next(p, &at, &item, NULL) > 0;)
        require(item.chunk < p->count && ++items <= p->body.n);
}

static void read_feedback(const struct rill_rtcp_packet *p)
{
    struct rill_view fci, ssrcs;
    struct rill_rtcp_fir_entry entry;
    struct rill_rtcp_twcc twcc;
    uint32_t sender, media;
    uint64_t bitrate;
    uint16_t seq;
    size_t n = 0, n_deltas = 0;
    if (rill_rtcp_parse_feedback(p, &sender, &media, &fci, NULL) < 0)
        return;
    for (size_t at = 0; rill_rtcp_nack_next(fci, &at, &seq);)
        require(++n <= fci.n / 4 * 17);
    for (size_t at = 0; rill_rtcp_fir_next(fci, &at, &entry);)
        require(at <= fci.n);
    if (rill_rtcp_parse_remb(fci, &bitrate, &ssrcs, NULL) == 0)
        require(bitrate <= (uint64_t)1 << 53 && ssrcs.n + 8 == fci.n);
    if (rill_rtcp_parse_twcc(fci, &twcc, symbols, deltas, STATUS_MAX, &n_deltas, NULL) == 0)
        require(n_deltas <= twcc.status_count && n_deltas <= fci.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct rill_view compound = rill_view_at(data, n);
    struct rill_rtcp_packet p;
    struct rill_view sources, reason;
    size_t at = 0, before = 0;
    while (rill_rtcp_next(compound, &at, &p, NULL) > 0) {
        require(at > before && at <= n && p.whole.n == at - before);
        before = at;
        read_report(&p);
        read_sdes(&p);
        (void)rill_rtcp_parse_bye(&p, &sources, &reason, NULL);
        read_feedback(&p);
    }
    return 0;
}
