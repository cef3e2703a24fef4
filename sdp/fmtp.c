/* sdp/fmtp: a=fmtp, codec by codec (RFC 7587, RFC 7741, RFC 9628, RFC 6184, AV1's RTP payload
 * format, RFC 4588). */
#include "sdp/fmtp.h"

#include "sdp/grammar.h"
#include "sdp/offer.h"

/* A number of a parameter, or its default when it is absent. false when it is none. */
static bool number(struct rill_view params, const char *name, uint64_t absent, uint64_t max,
                   uint64_t *out)
{
    struct rill_view v = rill_sdp_fmtp_param(params, name);
    *out = absent;
    return !v.p || rill_view_u64(v, max, out);
}

static bool same_number(struct rill_view a, struct rill_view b, const char *name, uint64_t absent)
{
    uint64_t x, y;
    return number(a, name, absent, UINT32_MAX, &x) && number(b, name, absent, UINT32_MAX, &y) &&
           x == y;
}

/* --- H.264
 * ---------------------------------------------------------------------------------------- */

/* RFC 6184 §8.1, table 5: profile_idc, the bits of profile-iop that count, and their values. */
static const struct {
    uint8_t idc, mask, iop;
    enum rill_sdp_h264_profile profile;
} profiles[] = {
    {0x42, 0x4f, 0x40, RILL_SDP_H264_CONSTRAINED_BASELINE},
    {0x4d, 0x8f, 0x80, RILL_SDP_H264_CONSTRAINED_BASELINE},
    {0x58, 0xcf, 0xc0, RILL_SDP_H264_CONSTRAINED_BASELINE},
    {0x42, 0x4f, 0x00, RILL_SDP_H264_BASELINE},
    {0x58, 0xcf, 0x80, RILL_SDP_H264_BASELINE},
    {0x4d, 0xaf, 0x00, RILL_SDP_H264_MAIN},
    {0x58, 0xcf, 0x00, RILL_SDP_H264_EXTENDED},
    {0x64, 0xff, 0x00, RILL_SDP_H264_HIGH},
    /* Not in the table; later editions of H.264 have it, and browsers offer it. */
    {0x64, 0xff, 0x0c, RILL_SDP_H264_CONSTRAINED_HIGH},
    {0x6e, 0xff, 0x00, RILL_SDP_H264_HIGH_10},
    {0x7a, 0xff, 0x00, RILL_SDP_H264_HIGH_422},
    {0xf4, 0xff, 0x00, RILL_SDP_H264_HIGH_444},
    {0x6e, 0xff, 0x10, RILL_SDP_H264_HIGH_10_INTRA},
    {0x7a, 0xff, 0x10, RILL_SDP_H264_HIGH_422_INTRA},
    {0xf4, 0xff, 0x10, RILL_SDP_H264_HIGH_444_INTRA},
    {0x2c, 0xff, 0x10, RILL_SDP_H264_CAVLC_444_INTRA},
};

static bool find_profile(uint8_t idc, uint8_t iop, enum rill_sdp_h264_profile *out)
{
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++)
        if (profiles[i].idc == idc && (iop & profiles[i].mask) == profiles[i].iop) {
            *out = profiles[i].profile;
            return true;
        }
    return false;
}

static bool is_oldest(uint8_t profile_idc)
{
    return profile_idc == 0x42 || profile_idc == 0x4d || profile_idc == 0x58;
}

/* Level 1b is 11 with constraint_set3_flag in the three oldest profiles, and 9 in the others. */
static uint8_t level_of(const uint8_t id[3])
{
    return is_oldest(id[0]) && id[2] == 11 && (id[1] & 0x10) ? RILL_SDP_H264_LEVEL_1B : id[2];
}

static void set_level(uint8_t id[3], uint8_t level)
{
    bool is_1b = level == RILL_SDP_H264_LEVEL_1B;
    id[2] = is_1b && is_oldest(id[0]) ? 11 : level;
    if (is_oldest(id[0]))
        id[1] = (uint8_t)(is_1b ? id[1] | 0x10 : id[1] & ~0x10);
}

/* RFC 6184 §8.1: without profile-level-id, "the Baseline profile, without additional constraints at
 * Level 1, MUST be inferred". */
static bool read_id(struct rill_view params, uint8_t id[3])
{
    static const uint8_t inferred[3] = {0x42, 0x00, 10};
    struct rill_view text = rill_sdp_fmtp_param(params, "profile-level-id");
    for (size_t i = 0; i < 3 && !text.p; i++)
        id[i] = inferred[i];
    return !text.p || (text.n == 6 && rill_hex_decode(text, (struct rill_span){id, 3}) == 3);
}

/* §8.1: max-recv-level has profile-iop and level_idc; "If max-recv-level is not present", or is
 * none, the default level is the highest. */
static uint8_t receive_level(struct rill_view params, const uint8_t id[3])
{
    uint8_t highest[3] = {id[0]};
    struct rill_view text = rill_sdp_fmtp_param(params, "max-recv-level");
    bool good =
        text.p && text.n == 4 && rill_hex_decode(text, (struct rill_span){highest + 1, 2}) == 2;
    return level_of(good ? highest : id);
}

bool rill_sdp_h264(struct rill_view params, struct rill_sdp_h264 *out)
{
    uint8_t id[3];
    uint64_t mode, asymmetry;
    if (!read_id(params, id))
        return false;
    if (!number(params, "packetization-mode", 0, 2, &mode) ||
        !number(params, "level-asymmetry-allowed", 0, 1, &asymmetry))
        return false;
    out->level = level_of(id);
    out->receive_level = receive_level(params, id);
    out->packetization_mode = (uint8_t)mode;
    out->level_asymmetry_allowed = asymmetry == 1;
    return find_profile(id[0], id[1], &out->profile);
}

/* Level 1b lies between 1 and 1.1. */
static unsigned rank(uint8_t level)
{
    return level == RILL_SDP_H264_LEVEL_1B ? 21 : 2u * level;
}

uint8_t rill_sdp_h264_level(const struct rill_sdp_h264 *sender,
                            const struct rill_sdp_h264 *receiver)
{
    if (sender->level_asymmetry_allowed && receiver->level_asymmetry_allowed)
        return receiver->receive_level;
    return rank(sender->level) < rank(receiver->level) ? sender->level : receiver->level;
}

bool rill_sdp_h264_exceeds(uint32_t profile_level_id, uint8_t level)
{
    uint8_t id[3] = {(uint8_t)(profile_level_id >> 16), (uint8_t)(profile_level_id >> 8),
                     (uint8_t)profile_level_id};
    return rank(level_of(id)) > rank(level);
}

void rill_sdp_h264_write_answer(struct rill_writer *w, struct rill_view ours,
                                struct rill_view offered)
{
    struct rill_sdp_h264 us, them;
    uint8_t id[3];
    if (!rill_sdp_h264(ours, &us) || !rill_sdp_h264(offered, &them) || !read_id(offered, id)) {
        w->bad = true;
        return;
    }
    /* §8.2.2: "When level asymmetry is not allowed, level upgrade is not allowed, i.e., the default
     * level in the answer MUST be equal to or lower than the default level in the offer." */
    bool asymmetric = us.level_asymmetry_allowed && them.level_asymmetry_allowed;
    uint8_t level = asymmetric || rank(us.level) < rank(them.level) ? us.level : them.level;
    if (level != them.level)
        set_level(id, level);
    rill_w_str(w, "level-asymmetry-allowed=");
    rill_w_dec(w, asymmetric);
    rill_w_str(w, ";packetization-mode=");
    rill_w_dec(w, them.packetization_mode);
    rill_w_str(w, ";profile-level-id=");
    rill_w_hex(w, rill_view_at(id, sizeof id));
}

/* RFC 6184 §8.2.2: profile and packetization-mode are the configuration, used symmetrically; the
 * level is agreed upon. */
static bool same_h264(struct rill_view a, struct rill_view b)
{
    struct rill_sdp_h264 x, y;
    return rill_sdp_h264(a, &x) && rill_sdp_h264(b, &y) && x.profile == y.profile &&
           x.packetization_mode == y.packetization_mode;
}

/* --- all
 * ------------------------------------------------------------------------------------------ */

bool rill_sdp_fmtp_match(struct rill_view name, struct rill_view a, struct rill_view b)
{
    /* What nobody can read is still the same as itself. */
    if (rill_view_equal(a, b))
        return true;
    /* RFC 9628 §6.1: "If no profile-id is present, Profile 0 MUST be inferred." */
    if (rill_view_is_nocase(name, "VP9"))
        return same_number(a, b, "profile-id", 0);
    if (rill_view_is_nocase(name, "H264"))
        return same_h264(a, b);
    /* AV1's RTP payload format §7.2.3: level-idx and tier may be the answerer's own; without
     * profile, "it MUST be inferred to be 0". */
    if (rill_view_is_nocase(name, "AV1"))
        return same_number(a, b, "profile", 0);
    /* RFC 4588 §8.6; no payload type is 128. */
    if (rill_view_is_nocase(name, "rtx"))
        return same_number(a, b, "apt", 128);
    return true;
}

static bool same_text(struct rill_view a, struct rill_view b)
{
    for (size_t i = 0; i < a.n && a.n == b.n; i++) {
        uint8_t x = a.p[i], y = b.p[i];
        x = x >= 'A' && x <= 'Z' ? (uint8_t)(x + 32) : x;
        y = y >= 'A' && y <= 'Z' ? (uint8_t)(y + 32) : y;
        if (x != y)
            return false;
    }
    return a.n == b.n;
}

static bool same_codec(const struct rill_sdp_codec *a, const struct rill_sdp_codec *b)
{
    /* RFC 8866 §6.6 and RFC 4855 §3: encoding names are compared without case. */
    return a && b && a->clock_hz == b->clock_hz && a->channels == b->channels &&
           same_text(a->name, b->name);
}

const struct rill_sdp_codec *rill_sdp_repaired(const struct rill_sdp_media *m, uint8_t rtx)
{
    uint8_t pt;
    struct rill_view apt = rill_sdp_fmtp_param(rill_sdp_find_fmtp(m, rtx), "apt");
    return apt.p && rill_sdp_payload_type(apt, &pt) ? rill_sdp_find_codec(m, pt) : NULL;
}

static bool same_configuration(const struct rill_sdp_media *a, const struct rill_sdp_codec *x,
                               const struct rill_sdp_media *b, const struct rill_sdp_codec *y)
{
    return same_codec(x, y) &&
           rill_sdp_fmtp_match(x->name, rill_sdp_find_fmtp(a, x->pt), rill_sdp_find_fmtp(b, y->pt));
}

bool rill_sdp_same_format(const struct rill_sdp_media *a, uint8_t pt_a,
                          const struct rill_sdp_media *b, uint8_t pt_b)
{
    const struct rill_sdp_codec *x = rill_sdp_find_codec(a, pt_a);
    const struct rill_sdp_codec *y = rill_sdp_find_codec(b, pt_b);
    if (!same_codec(x, y) || !rill_view_is_nocase(x->name, "rtx"))
        return same_codec(x, y) && same_configuration(a, x, b, y);
    /* The two may number differently what they repair. */
    const struct rill_sdp_codec *of_x = rill_sdp_repaired(a, pt_a);
    const struct rill_sdp_codec *of_y = rill_sdp_repaired(b, pt_b);
    return of_x && of_y ? same_configuration(a, of_x, b, of_y) : same_configuration(a, x, b, y);
}

/* --- as a number
 * ---------------------------------------------------------------------------------- */

/* The parameters that choose, each with its default; what cannot be read is its own text. */
static uint32_t mix_choice(uint32_t h, struct rill_view name, struct rill_view params)
{
    struct rill_sdp_h264 h264;
    uint64_t n = 0;
    bool good = true;
    if (rill_view_is_nocase(name, "VP9"))
        good = number(params, "profile-id", 0, UINT32_MAX, &n);
    else if (rill_view_is_nocase(name, "AV1"))
        good = number(params, "profile", 0, UINT32_MAX, &n);
    else if (rill_view_is_nocase(name, "rtx"))
        good = number(params, "apt", 128, UINT32_MAX, &n);
    else if (rill_view_is_nocase(name, "H264") && (good = rill_sdp_h264(params, &h264)))
        n = (uint64_t)h264.profile << 8 | h264.packetization_mode;
    return good ? rill_hash_u32(h, (uint32_t)n) : rill_view_hash_nocase(h, params);
}

static uint32_t mix_codec(uint32_t h, struct rill_view name, uint32_t clock_hz, uint32_t channels)
{
    return rill_hash_u32(rill_hash_u32(rill_view_hash_nocase(h, name), clock_hz), channels);
}

uint32_t rill_sdp_meaning(const struct rill_sdp_media *m, const struct rill_sdp_codec *codec)
{
    uint32_t h = mix_codec(RILL_HASH, codec->name, codec->clock_hz, codec->channels);
    const struct rill_sdp_codec *of =
        rill_view_is_nocase(codec->name, "rtx") ? rill_sdp_repaired(m, codec->pt) : NULL;
    if (of && of != codec) {
        h = mix_codec(h, of->name, of->clock_hz, of->channels);
        codec = of;
    }
    return mix_choice(h, codec->name, rill_sdp_find_fmtp(m, codec->pt)) | 1;
}

static uint32_t mix_cap(uint32_t h, const struct rill_sdp_codec_cap *cap)
{
    struct rill_view name = rill_view_of(cap->name);
    return mix_choice(mix_codec(h, name, cap->clock_hz, cap->channels), name,
                      rill_view_of(cap->fmtp)) |
           1;
}

uint32_t rill_sdp_cap_meaning(const struct rill_sdp_codec_cap *cap)
{
    return mix_cap(RILL_HASH, cap);
}

uint32_t rill_sdp_cap_rtx_meaning(const struct rill_sdp_codec_cap *cap)
{
    return mix_cap(mix_codec(RILL_HASH, rill_view_of("rtx"), cap->clock_hz, 1), cap);
}
