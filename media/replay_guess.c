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

static void prove(struct rill_replay_guess *g, enum rill_codec_id codec, uint8_t pt)
{
    g->proofs[codec]++;
    g->pts[codec] = pt;
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
static bool is_h264_key(struct rill_view payload)
{
    static const uint8_t profiles[] = {66, 77, 88, 100, 110, 122, 244, 44};
    struct rill_h264_payload p;
    struct rill_view unit = payload;
    uint32_t id;
    size_t at = 0;
    if (rill_h264_parse(payload, &p, NULL) < 0 || p.nal_type != RILL_H264_SPS)
        return false;
    if (p.type == RILL_H264_STAP_A && !rill_h264_unit_next(&p, &at, &unit))
        return false;
    if (p.type == RILL_H264_FU_A || !rill_h264_profile_level_id(unit, &id))
        return false;
    for (size_t i = 0; i < sizeof profiles; i++)
        if (profiles[i] == id >> 16)
            return true;
    return false;
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

/* RFC 7587 §4.2: the timestamp of the next packet is this one's and its samples. */
static bool follows_opus(struct rill_replay_guess *g, const struct rill_rtp_packet *p)
{
    struct rill_opus_packet packet;
    bool is = rill_opus_parse(p->payload, &packet, NULL) == 0;
    bool follows = is && g->opus && p->seq == (uint16_t)(g->opus_seq + 1) &&
                   p->timestamp == g->opus_time + g->opus_samples;
    g->opus = is;
    g->opus_samples = is ? packet.samples : 0;
    g->opus_seq = p->seq;
    g->opus_time = p->timestamp;
    return follows;
}

void rill_replay_guess_packet(struct rill_replay_guess *g, const struct rill_rtp_packet *p)
{
    if (p->payload.n == 0)
        return;
    if (p->pt == PT_PCMU || p->pt == PT_PCMA) {
        prove(g, p->pt == PT_PCMU ? RILL_CODEC_PCMU : RILL_CODEC_PCMA, p->pt);
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
    if (follows_opus(g, p))
        prove(g, RILL_CODEC_OPUS, p->pt);
}

enum rill_codec_id rill_replay_guess_codec(const struct rill_replay_guess *g)
{
    enum rill_codec_id best = RILL_CODEC_NONE;
    /* A picture's proof weighs more than any number of the sound's. */
    for (int c = RILL_CODEC_VP8; c <= RILL_CODEC_AV1; c++)
        if (g->proofs[c] > g->proofs[best])
            best = (enum rill_codec_id)c;
    if (best != RILL_CODEC_NONE)
        return best;
    if (g->proofs[RILL_CODEC_PCMU] || g->proofs[RILL_CODEC_PCMA])
        return g->proofs[RILL_CODEC_PCMU] ? RILL_CODEC_PCMU : RILL_CODEC_PCMA;
    return g->proofs[RILL_CODEC_OPUS] >= OPUS_PROOFS ? RILL_CODEC_OPUS : RILL_CODEC_NONE;
}
