#include "media/replay_guess.h"

#include "base/vp9_tag.h"
#include "rtp/av1.h"
#include "rtp/h264.h"
#include "rtp/opus.h"
#include "rtp/vp8.h"
#include "rtp/vp9.h"

/* RFC 3551 §6, Table 4. */
#define PT_PCMU 0
#define PT_PCMA 8
/* AV1 §6.2.2. */
#define OBU_SEQUENCE_HEADER 1
/* So many packets in a row that say of themselves when the next one is due. */
#define OPUS_PROOFS 4
/* RFC 6716 §3.2.5: no packet is longer, at 48 kHz; what comes later comes after a pause. */
#define OPUS_SAMPLES_MAX 5760
#define H264_TYPE_MAX 13 /* ITU-T H.264 Table 7-1: of an encoding in one layer */

static void prove(struct rill_replay_guess *g, enum rill_codec_id codec, uint8_t pt)
{
    g->proofs[codec]++;
    g->pts[codec] = pt;
}

static void weigh(struct rill_replay_guess *g, enum rill_codec_id codec, bool fits)
{
    if (fits)
        g->fits[codec]++;
    else
        g->misfits[codec]++;
}

static bool is_vp8_key(struct rill_view payload)
{
    struct rill_vp8_descriptor d;
    return rill_vp8_parse(payload, &d, NULL) == 0 && d.keyframe && d.has_dimensions;
}

static bool is_vp9_key(struct rill_view payload)
{
    struct rill_vp9_descriptor d;
    uint32_t width, height;
    return rill_vp9_parse(payload, &d, NULL) == 0 && d.B && rill_vp9_starts_key_picture(&d) &&
           rill_vp9_tag_size(rill_view_sub(payload, d.size, payload.n - d.size), &width, &height);
}

/* A sequence parameter set of a profile there is (ITU-T H.264 Annex A). */
static bool is_h264_sps(struct rill_view unit)
{
    static const uint8_t profiles[] = {66, 77, 88, 100, 110, 122, 244, 44};
    uint32_t id;
    if (!rill_h264_profile_level_id(unit, &id))
        return false;
    for (size_t i = 0; i < sizeof profiles; i++)
        if (profiles[i] == id >> 16)
            return true;
    return false;
}

/* Alone, or with others: behind a delimiter. */
static bool is_h264_key(struct rill_view payload)
{
    struct rill_h264_payload p;
    struct rill_view unit;
    size_t at = 0;
    if (rill_h264_parse(payload, &p, NULL) < 0 || p.type == RILL_H264_FU_A)
        return false;
    if (p.type != RILL_H264_STAP_A)
        return is_h264_sps(payload);
    while (rill_h264_unit_next(&p, &at, &unit))
        if (is_h264_sps(unit))
            return true;
    return false;
}

static bool is_h264(struct rill_view payload)
{
    struct rill_h264_payload p;
    return rill_h264_parse(payload, &p, NULL) == 0 && !p.F && p.nal_type > 0 &&
           p.nal_type <= H264_TYPE_MAX && !(p.S && p.E);
}

/* AV1 RTP §4.4: the last three bits of the aggregation header are 0, and each element begins with
 * an OBU header, but the first where it goes on with another. */
static bool is_av1(struct rill_view payload)
{
    struct rill_av1_payload p;
    struct rill_av1_walk walk = {0};
    struct rill_view obu;
    if (rill_av1_parse(payload, &p, NULL) < 0 || payload.p[0] & 7)
        return false;
    while (rill_av1_element_next(&p, &walk, &obu)) {
        bool goes_on = p.Z && walk.n == 1;
        if (obu.n == 0 || (!goes_on && !rill_av1_obu_name(obu.p[0] >> 3)))
            return false;
    }
    return true;
}

static bool is_av1_key(struct rill_view payload)
{
    struct rill_av1_payload p;
    struct rill_av1_walk walk = {0};
    struct rill_view obu;
    return rill_av1_parse(payload, &p, NULL) == 0 && p.N &&
           rill_av1_element_next(&p, &walk, &obu) && obu.n > 0 &&
           obu.p[0] >> 3 == OBU_SEQUENCE_HEADER;
}

/* RFC 7587 §4.2, RFC 3551 §4.1: the timestamp of the next packet is this one's and its samples. */
static void follow(struct rill_replay_guess *g, const struct rill_rtp_packet *p,
                   enum rill_codec_id codec, bool is, uint32_t samples)
{
    uint32_t later = p->timestamp - g->time;
    bool next = g->begun && p->seq == (uint16_t)(g->seq + 1);
    bool law = codec != RILL_CODEC_OPUS;
    if (next && later == g->samples && (law || (is && g->opus))) {
        weigh(g, codec, true);
        if (!law)
            prove(g, codec, p->pt);
    } else if (next && later > 0 && later < (law ? g->samples : OPUS_SAMPLES_MAX)) {
        weigh(g, codec, false);
    }
    g->begun = true;
    g->opus = is;
    g->samples = samples;
    g->seq = p->seq;
    g->time = p->timestamp;
}

void rill_replay_guess_packet(struct rill_replay_guess *g, const struct rill_rtp_packet *p)
{
    struct rill_opus_packet opus;
    if (p->payload.n == 0)
        return;
    if (p->pt == PT_PCMU || p->pt == PT_PCMA) {
        enum rill_codec_id law = p->pt == PT_PCMU ? RILL_CODEC_PCMU : RILL_CODEC_PCMA;
        prove(g, law, p->pt);
        follow(g, p, law, false, (uint32_t)p->payload.n);
        return;
    }
    if (is_vp8_key(p->payload))
        prove(g, RILL_CODEC_VP8, p->pt);
    if (is_vp9_key(p->payload))
        prove(g, RILL_CODEC_VP9, p->pt);
    if (is_h264_key(p->payload))
        prove(g, RILL_CODEC_H264, p->pt);
    if (is_av1_key(p->payload))
        prove(g, RILL_CODEC_AV1, p->pt);
    weigh(g, RILL_CODEC_H264, is_h264(p->payload));
    weigh(g, RILL_CODEC_AV1, is_av1(p->payload));
    bool is = rill_opus_parse(p->payload, &opus, NULL) == 0;
    follow(g, p, RILL_CODEC_OPUS, is, is ? opus.samples : 0);
}

static bool is_proved(const struct rill_replay_guess *g, enum rill_codec_id codec)
{
    return g->proofs[codec] >= (codec == RILL_CODEC_OPUS ? OPUS_PROOFS : 1) &&
           g->misfits[codec] <= g->fits[codec];
}

enum rill_codec_id rill_replay_guess_codec(const struct rill_replay_guess *g)
{
    static const enum rill_codec_id sounds[] = {RILL_CODEC_PCMU, RILL_CODEC_PCMA, RILL_CODEC_OPUS};
    enum rill_codec_id best = RILL_CODEC_NONE;
    /* A picture's proof weighs more than any number of the sound's. */
    for (int c = RILL_CODEC_VP8; c <= RILL_CODEC_AV1; c++)
        if (is_proved(g, (enum rill_codec_id)c) && g->proofs[c] > g->proofs[best])
            best = (enum rill_codec_id)c;
    for (size_t i = 0; i < sizeof sounds / sizeof sounds[0] && best == RILL_CODEC_NONE; i++)
        if (is_proved(g, sounds[i]))
            best = sounds[i];
    return best;
}
