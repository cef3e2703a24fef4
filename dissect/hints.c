/* hints: what payload types and header extensions mean, out of a description's lines (RFC 8866
 * §6.6, RFC 4588 §8.6, RFC 8285 §8). */
#include "dissect/dissect.h"

#include "rtp/ext_known.h"
#include "sdp/sdp.h"

static const struct {
    const char *name;
    enum rill_codec_id codec;
    enum rill_dissect_shape shape;
} names[] = {
    {"opus", RILL_CODEC_OPUS, RILL_DISSECT_PLAIN},
    {"VP8", RILL_CODEC_VP8, RILL_DISSECT_PLAIN},
    {"VP9", RILL_CODEC_VP9, RILL_DISSECT_PLAIN},
    {"H264", RILL_CODEC_H264, RILL_DISSECT_PLAIN},
    {"AV1", RILL_CODEC_AV1, RILL_DISSECT_PLAIN},
    {"PCMU", RILL_CODEC_PCMU, RILL_DISSECT_PLAIN},
    {"PCMA", RILL_CODEC_PCMA, RILL_DISSECT_PLAIN},
    {"rtx", RILL_CODEC_NONE, RILL_DISSECT_RTX},
    {"red", RILL_CODEC_NONE, RILL_DISSECT_RED},
    {"telephone-event", RILL_CODEC_NONE, RILL_DISSECT_TELEPHONE_EVENT},
    {"CN", RILL_CODEC_NONE, RILL_DISSECT_COMFORT_NOISE},
};

/* The number before the first space. */
static bool number(struct rill_view *rest, uint64_t most, uint64_t *out)
{
    return rill_view_u64(rill_view_cut(*rest, ' ', rest), most, out);
}

static void rtpmap(struct rill_dissect_hints *h, struct rill_view v)
{
    uint64_t pt;
    if (!number(&v, 127, &pt))
        return;
    struct rill_view name = rill_view_cut(v, '/', &v);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (rill_view_is_nocase(name, names[i].name)) {
            h->codecs[pt] = names[i].codec;
            h->shapes[pt] = (uint8_t)names[i].shape;
        }
}

static void fmtp(struct rill_dissect_hints *h, struct rill_view v)
{
    uint64_t pt, apt;
    if (number(&v, 127, &pt) && rill_view_u64(rill_sdp_fmtp_param(v, "apt"), 127, &apt))
        h->repairs[pt] = (uint8_t)apt;
}

/* extmap:3/sendonly URI */
static void extmap(struct rill_dissect_hints *h, struct rill_view v)
{
    struct rill_view rest;
    uint64_t id;
    struct rill_view first = rill_view_cut(v, ' ', &rest);
    struct rill_view uri = rill_view_cut(rest, ' ', &rest);
    uint8_t known = rill_rtp_ext_known_find(uri);
    if (rill_view_u64(rill_view_cut(first, '/', &first), 15, &id) && id && known)
        h->extensions[id - 1] = known;
}

static bool after(struct rill_view line, const char *prefix, struct rill_view *rest)
{
    size_t n = rill_view_of(prefix).n;
    if (!rill_view_starts(line, prefix))
        return false;
    *rest = rill_view_sub(line, n, line.n - n);
    return true;
}

void rill_dissect_hint(struct rill_dissect_hints *hints, struct rill_view description)
{
    struct rill_view text = description, v;
    while (text.n) {
        struct rill_view line = rill_view_cut(text, '\n', &text);
        if (line.n && line.p[line.n - 1] == '\r')
            line.n--;
        if (after(line, "a=rtpmap:", &v))
            rtpmap(hints, v);
        else if (after(line, "a=fmtp:", &v))
            fmtp(hints, v);
        else if (after(line, "a=extmap:", &v))
            extmap(hints, v);
    }
}
