/* sdp/attrs_codec: what a payload type means: a=rtpmap, a=fmtp, a=ptime (RFC 8866 §6) and
 * the payload types of RFC 3551 §6 that need no line. */
#include "sdp/grammar.h"
#include "sdp/section.h"

bool rill_sdp_pt_add(struct rill_sdp_pt_set *set, uint8_t pt)
{
    uint64_t bit = UINT64_C(1) << (pt % 64);
    if (set->bits[pt / 64] & bit)
        return false;
    set->bits[pt / 64] |= bit;
    return true;
}

/* RFC 8866 §6.6: encoding-name "/" clock-rate [ "/" encoding-params ] */
static bool parse_encoding(struct rill_view v, struct rill_sdp_codec *c)
{
    uint64_t clock, channels = 1;
    struct rill_view rest = v;
    struct rill_view params;
    c->name = rill_view_cut(rest, '/', &rest);
    struct rill_view rate = rill_view_cut(rest, '/', &params);
    if (!rill_sdp_is_token(c->name) || !rill_view_u64(rate, UINT32_MAX, &clock) || clock == 0)
        return false;
    /* "channels = integer" */
    if (params.p && (!rill_view_u64(params, 255, &channels) || channels == 0))
        return false;
    c->clock_hz = (uint32_t)clock;
    c->channels = (uint32_t)channels;
    return true;
}

bool rill_sdp_take_rtpmap(struct rill_sdp_section *s, struct rill_view value)
{
    struct rill_sdp_codec c;
    struct rill_view encoding = value;
    if (!rill_sdp_payload_type(rill_sdp_word(&encoding), &c.pt) || !parse_encoding(encoding, &c))
        return false;
    /* RFC 8866 §6.6: "Up to one "a=rtpmap:" attribute can be defined for each media format". */
    if (!rill_sdp_pt_add(&s->rtpmaps, c.pt))
        return false;
    s->codecs[s->m.n_codecs++] = c;
    return true;
}

/* RFC 8866 §6.15: fmtp-value = fmt SP format-specific-params */
bool rill_sdp_take_fmtp(struct rill_sdp_section *s, struct rill_view value)
{
    struct rill_sdp_fmtp f = {.params = value};
    struct rill_view fmt = rill_sdp_word(&f.params);
    if (f.params.n == 0)
        return false;
    if (!rill_sdp_payload_type(fmt, &f.pt))
        return !s->is_rtp && !s->is_session && rill_sdp_is_token(fmt);
    /* "At most one instance of this attribute is allowed for each format." */
    if (!rill_sdp_pt_add(&s->fmtps, f.pt))
        return false;
    s->fmtps_at[s->m.n_fmtps++] = f;
    return true;
}

/* RFC 8866 §6.4 */
bool rill_sdp_take_ptime(struct rill_sdp_section *s, struct rill_view value)
{
    if (!rill_sdp_is_positive_real(value))
        return false;
    s->m.ptime = value;
    return true;
}

/* RFC 8866 §6.5 */
bool rill_sdp_take_maxptime(struct rill_sdp_section *s, struct rill_view value)
{
    if (!rill_sdp_is_positive_real(value))
        return false;
    s->m.maxptime = value;
    return true;
}

/* RFC 3551 §6, tables 4 and 5. */
static const struct {
    uint8_t pt;
    const char *name;
    uint32_t clock_hz;
    uint32_t channels;
} fixed[] = {
    {0, "PCMU", 8000, 1},   {3, "GSM", 8000, 1},    {4, "G723", 8000, 1},   {5, "DVI4", 8000, 1},
    {6, "DVI4", 16000, 1},  {7, "LPC", 8000, 1},    {8, "PCMA", 8000, 1},   {9, "G722", 8000, 1},
    {10, "L16", 44100, 2},  {11, "L16", 44100, 1},  {12, "QCELP", 8000, 1}, {13, "CN", 8000, 1},
    {14, "MPA", 90000, 1},  {15, "G728", 8000, 1},  {16, "DVI4", 11025, 1}, {17, "DVI4", 22050, 1},
    {18, "G729", 8000, 1},  {25, "CelB", 90000, 1}, {26, "JPEG", 90000, 1}, {28, "nv", 90000, 1},
    {31, "H261", 90000, 1}, {32, "MPV", 90000, 1},  {33, "MP2T", 90000, 1}, {34, "H263", 90000, 1},
};

/* Position in the table, or -1. */
static int find_fixed(struct rill_view fmt)
{
    uint8_t pt;
    if (!rill_sdp_payload_type(fmt, &pt))
        return -1;
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        if (fixed[i].pt == pt)
            return (int)i;
    return -1;
}

size_t rill_sdp_count_static(const struct rill_sdp_media *m)
{
    struct rill_sdp_pt_set seen = {{0}};
    size_t n = 0;
    for (size_t i = 0; i < m->n_fmts; i++) {
        int at = find_fixed(m->fmts[i]);
        n += at >= 0 && rill_sdp_pt_add(&seen, fixed[at].pt);
    }
    return n;
}

void rill_sdp_add_static_codecs(struct rill_sdp_section *s)
{
    for (size_t i = 0; i < s->m.n_fmts; i++) {
        int at = find_fixed(s->m.fmts[i]);
        if (at < 0 || !rill_sdp_pt_add(&s->rtpmaps, fixed[at].pt))
            continue;
        s->codecs[s->m.n_codecs++] = (struct rill_sdp_codec){
            .pt = fixed[at].pt,
            .name = rill_view_of(fixed[at].name),
            .clock_hz = fixed[at].clock_hz,
            .channels = fixed[at].channels,
        };
    }
}
