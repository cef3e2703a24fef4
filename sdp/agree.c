/* sdp/agree: what offer and answer have come to, read out of the two alone (RFC 3264 §7,
 * RFC 9429 §5.8.3 and §5.11). */
#include "sdp/caps.h"
#include "sdp/describe.h"
#include "sdp/fmtp.h"
#include "sdp/grammar.h"
#include "sdp/plan.h"
#include "sdp/section.h"

#include <string.h>

/* The clocks of sound: of G.711, and of Opus. */
#define NARROW_HZ 8000
#define WIDE_HZ 48000

size_t rill_sdp_tagged(const struct rill_sdp *answer, size_t mline)
{
    struct rill_sdp_grouping all = rill_sdp_grouping(answer);
    return mline < answer->n_media ? all.tag[mline] : SIZE_MAX;
}

/* The two descriptions seen from one side. */
struct sides {
    const struct rill_sdp *offer, *answer;
    bool local_is_offer;
    const struct rill_sdp_local *local;
    struct rill_sdp_grouping offered, answered;
};

/* One that is alone must have been offered a transport of its own. In offers of ours two with the
 * same credentials share one (RFC 9429 §5.2.2: "unbundling is no longer possible"). */
static bool may_be_alone(const struct sides *s, size_t i)
{
    for (size_t k = 0; s->local_is_offer && k < i; k++)
        if (s->answered.tag[k] == k &&
            rill_view_equal(s->offer->media[k].ice_ufrag, s->offer->media[i].ice_ufrag))
            return false;
    return s->offer->media[i].port != 0;
}

/* RFC 9143 §7.3: a bundled m-line of the answer was "indicated as bundled in the corresponding
 * offer", in the same group as the others. */
static int check_bundle(const struct sides *s, struct rill_err *why)
{
    const struct rill_sdp_group *const *answered = s->answered.of, *const *offered = s->offered.of;
    for (size_t i = 0; i < s->answer->n_media; i++) {
        bool fits = !answered[i] || offered[i];
        for (size_t k = 0; answered[i] && k < i; k++)
            fits = fits && (answered[k] != answered[i] || offered[k] == offered[i]);
        if (s->answered.tag[i] == i)
            fits = fits && may_be_alone(s, i);
        if (!fits)
            return rill_sdp_refuse(RILL_SDP_AGREE_BUNDLE, i, why);
    }
    return 0;
}

static bool same_mid(const struct rill_sdp_media *a, const struct rill_sdp_media *b)
{
    return !a->mid.p || !b->mid.p || rill_view_equal(a->mid, b->mid);
}

/* RFC 9429 §5.8.3: "the media type and protocol values MUST exactly match". */
static int check_lines(const struct rill_sdp *offer, const struct rill_sdp *answer,
                       struct rill_err *why)
{
    if (offer->n_media != answer->n_media)
        return rill_sdp_refuse(RILL_SDP_AGREE_COUNT, answer->n_media, why);
    for (size_t i = 0; i < offer->n_media; i++) {
        const struct rill_sdp_media *o = &offer->media[i], *a = &answer->media[i];
        if (!rill_view_equal(o->kind, a->kind) || !rill_view_equal(o->proto, a->proto) ||
            !same_mid(o, a))
            return rill_sdp_refuse(RILL_SDP_AGREE_MEDIA, i, why);
        if (a->port && !o->port && !o->bundle_only)
            return rill_sdp_refuse(RILL_SDP_AGREE_REVIVED, i, why);
    }
    return 0;
}

/* RFC 9429 §5.8.3, of the description that is not ours. RFC 9143 §9.3: bundled media is
 * multiplexed; RFC 8858 §4: so is what we offered with a=rtcp-mux-only. */
static int check_transport(const struct sides *s, size_t tag, struct rill_err *why)
{
    const struct rill_sdp_media *m = &(s->local_is_offer ? s->answer : s->offer)->media[tag];
    if (!rill_sdp_has_fingerprint(m))
        return rill_sdp_refuse(RILL_SDP_NO_FINGERPRINT, tag, why);
    if (!rill_sdp_has_ice(m))
        return rill_sdp_refuse(RILL_SDP_NO_ICE, tag, why);
    if (!s->answer->media[tag].rtcp_mux && (!s->local->rtcp_negotiable || s->answered.of[tag]))
        return rill_sdp_refuse(RILL_SDP_AGREE_MUX, tag, why);
    return 0;
}

/* The answer's first codec that is ours and was offered under the same number (RFC 3264 §6.1:
 * "that same payload type number SHOULD be used"); rill needs it to be the same. */
static const struct rill_sdp_codec_cap *agreed_codec(const struct rill_sdp_media *o,
                                                     const struct rill_sdp_media *a,
                                                     enum rill_kind kind,
                                                     const struct rill_sdp_caps *caps, uint8_t *pt)
{
    struct rill_sdp_common offered[RILL_SDP_COMMON_MAX], answered[RILL_SDP_COMMON_MAX];
    size_t n_offered = rill_sdp_common(o, kind, caps, offered);
    size_t n_answered = rill_sdp_common(a, kind, caps, answered);
    for (size_t i = 0; i < n_answered; i++)
        for (size_t k = 0; k < n_offered; k++)
            if (answered[i].pt == offered[k].pt && answered[i].cap == offered[k].cap &&
                !answered[i].cap->helps) {
                *pt = answered[i].pt;
                return answered[i].cap;
            }
    return NULL;
}

static void add_ssrc(struct rill_sdp_agreed *out, uint32_t ssrc)
{
    for (size_t i = 0; i < out->n_remote_ssrcs; i++)
        if (out->remote_ssrcs[i] == ssrc)
            return;
    if (out->n_remote_ssrcs < RILL_SDP_REMOTE_SSRCS_MAX)
        out->remote_ssrcs[out->n_remote_ssrcs++] = ssrc;
}

/* RFC 5576 §4.1; of a FID group the first is the media and the others repair it. */
static void agree_ssrcs(const struct rill_sdp_media *theirs, struct rill_sdp_agreed *out)
{
    for (size_t i = 0; i < theirs->n_ssrc_groups; i++)
        for (size_t k = 0; k < theirs->ssrc_groups[i].n; k++)
            if (rill_view_is(theirs->ssrc_groups[i].semantics, "FID"))
                add_ssrc(out, theirs->ssrc_groups[i].ssrcs[k]);
    for (size_t i = 0; i < theirs->n_ssrcs; i++)
        add_ssrc(out, theirs->ssrcs[i].ssrc);
}

static bool both_have(const struct rill_sdp_media *o, const struct rill_sdp_media *a, uint8_t pt,
                      const char *value)
{
    return rill_sdp_has_rtcp_fb(o, pt, value) && rill_sdp_has_rtcp_fb(a, pt, value);
}

static struct rill_sdp_feedback feedback_of(const struct rill_sdp_media *o,
                                            const struct rill_sdp_media *a, uint8_t pt)
{
    return (struct rill_sdp_feedback){
        .nack = both_have(o, a, pt, "nack"),
        .pli = both_have(o, a, pt, "nack pli"),
        .fir = both_have(o, a, pt, "ccm fir"),
    };
}

/* RFC 8285 §5: a direction belongs to each extension; Firefox's RtpStreamId is for what it sends.
 */
static bool allows(const struct rill_sdp_media *m, uint16_t id, bool send)
{
    for (size_t i = 0; i < m->n_extmaps; i++)
        if (m->extmaps[i].id == id && m->extmaps[i].has_direction)
            return send ? rill_sdp_sends(m->extmaps[i].direction)
                        : rill_sdp_receives(m->extmaps[i].direction);
    return true;
}

static uint16_t shared_id(const struct rill_sdp_media *o, const struct rill_sdp_media *a,
                          const char *uri)
{
    uint16_t id = rill_sdp_find_extmap(o, uri);
    bool mixed = o->extmap_allow_mixed && a->extmap_allow_mixed;
    return rill_sdp_ext_is_usable(id, mixed) && rill_sdp_find_extmap(a, uri) == id ? id : 0;
}

static struct rill_sdp_ext_ids agreed_extension(const struct sides *s, size_t i, const char *uri)
{
    const struct rill_sdp_media *o = &s->offer->media[i], *a = &s->answer->media[i];
    const struct rill_sdp_media *ours = s->local_is_offer ? o : a;
    const struct rill_sdp_media *theirs = s->local_is_offer ? a : o;
    uint16_t id = shared_id(o, a, uri);
    return (struct rill_sdp_ext_ids){
        .sent = id && allows(ours, id, true) && allows(theirs, id, false) ? id : 0,
        .received = id && allows(ours, id, false) && allows(theirs, id, true) ? id : 0,
    };
}

static void agree_feedback(const struct sides *s, size_t i, struct rill_sdp_agreed *out)
{
    const struct rill_sdp_media *o = &s->offer->media[i], *a = &s->answer->media[i];
    uint8_t pt = out->pt;
    out->feedback = feedback_of(o, a, pt);
    out->rtcp_rsize = o->rtcp_rsize && a->rtcp_rsize;
    uint32_t offered = rill_sdp_trr_int(o, pt), answered = rill_sdp_trr_int(a, pt);
    out->trr_int_ms = offered > answered ? offered : answered;
    out->ext_mid = agreed_extension(s, i, RILL_SDP_EXT_MID);
    out->ext_abs_send_time = agreed_extension(s, i, RILL_SDP_EXT_ABS_SEND_TIME);
    out->remb = both_have(o, a, pt, "goog-remb");
    /* Numbers are of use where they are answered. */
    if (both_have(o, a, pt, "transport-cc"))
        out->ext_transport_cc = agreed_extension(s, i, RILL_SDP_EXT_TRANSPORT_CC);
}

static void agree_marks(const struct sides *s, size_t i, struct rill_sdp_agreed *out)
{
    static const char *const uris[RILL_SDP_MARKS] = {
        [RILL_SDP_MARK_AUDIO_LEVEL] = RILL_SDP_EXT_AUDIO_LEVEL,
        [RILL_SDP_MARK_CAPTURE_TIME] = RILL_SDP_EXT_CAPTURE_TIME,
        [RILL_SDP_MARK_ORIENTATION] = RILL_SDP_EXT_ORIENTATION,
        [RILL_SDP_MARK_PLAYOUT_DELAY] = RILL_SDP_EXT_PLAYOUT_DELAY,
    };
    for (size_t k = 0; k < RILL_SDP_MARKS; k++) {
        struct rill_sdp_ext_ids id = agreed_extension(s, i, uris[k]);
        out->marks_sent[k] = id.sent;
        out->marks_received[k] = id.received;
    }
}

static void agree_encodings(const struct sides *s, size_t i, struct rill_sdp_agreed *out)
{
    const struct rill_sdp_media *o = &s->offer->media[i], *a = &s->answer->media[i];
    const struct rill_sdp_media *ours = s->local_is_offer ? o : a;
    const struct rill_sdp_media *theirs = s->local_is_offer ? a : o;
    const struct rill_sdp_track *t = rill_sdp_track_of(s->local, i, out->kind);
    uint16_t id = shared_id(o, a, RILL_SDP_EXT_RID);
    if (out->receive && id && allows(ours, id, false) && allows(theirs, id, true))
        out->n_received = rill_sdp_encodings_received(ours, theirs, out->received);
    if (out->send && t && t->n_encodings) {
        struct rill_sdp_taken taken =
            rill_sdp_encodings_taken(t, theirs, !s->local_is_offer, out->pt);
        out->encodings = taken.all;
        out->paused = taken.paused;
        memcpy(out->limits, taken.limits, sizeof out->limits);
        out->by_rid = taken.by_rid && id && allows(ours, id, true) && allows(theirs, id, false);
        /* Without names in packets several could not be told apart. */
        if (!out->by_rid && (out->encodings & (out->encodings - 1)))
            out->encodings &= ~out->encodings + 1;
    }
    out->ext_rid = out->n_received || out->by_rid ? id : 0;
    out->ext_rrid = out->ext_rid ? shared_id(o, a, RILL_SDP_EXT_REPAIRED_RID) : 0;
}

/* RFC 4588 §8.6: of the same codec, under the same number. */
static uint8_t agreed_rtx(const struct rill_sdp_media *o, const struct rill_sdp_media *a,
                          uint8_t pt)
{
    uint8_t offered = rill_sdp_find_rtx(o, pt);
    return rill_sdp_find_rtx(a, pt) == offered ? offered : 0;
}

static uint8_t same_pt(uint8_t offered, uint8_t answered)
{
    return offered == answered ? offered : 0;
}

static bool has_cap(const struct sides *s, enum rill_sdp_helper helper, uint32_t clock_hz)
{
    const struct rill_sdp_caps *caps = &s->local->caps;
    for (size_t i = 0; i < caps->n_codecs; i++)
        if (caps->codecs[i].helps == helper && caps->codecs[i].clock_hz == clock_hz)
            return true;
    return false;
}

/* The number that both descriptions give the format; 0: none. */
static uint8_t agreed_helper(const struct sides *s, size_t i, enum rill_sdp_helper helper,
                             const char *name, uint32_t clock_hz)
{
    const struct rill_sdp_media *o = &s->offer->media[i], *a = &s->answer->media[i];
    return has_cap(s, helper, clock_hz) ? same_pt(rill_sdp_find_named(o, name, clock_hz),
                                                  rill_sdp_find_named(a, name, clock_hz))
                                        : 0;
}

static bool says_one(struct rill_view params, const char *name)
{
    return rill_view_is(rill_sdp_fmtp_param(params, name), "1");
}

/* RFC 7587 §7.1: parameters tell what their own side's receiver is like, each direction its own. */
static void agree_opus(const struct rill_sdp_media *theirs, struct rill_sdp_agreed *out)
{
    struct rill_view params = rill_sdp_find_fmtp(theirs, out->pt);
    uint64_t bps = 0;
    out->opus_fec = says_one(params, "useinbandfec");
    out->opus_dtx = says_one(params, "usedtx");
    if (rill_view_u64(rill_sdp_fmtp_param(params, "maxaveragebitrate"), UINT32_MAX, &bps))
        out->opus_max_bps = (uint32_t)bps;
}

/* RFC 4733 §2.1: of the clock of what is sent, which may be any of the codecs that were agreed. */
static void agree_events(const struct sides *s, size_t i, uint32_t clock_hz,
                         struct rill_sdp_agreed *out)
{
    const uint32_t clocks[] = {clock_hz, clock_hz == NARROW_HZ ? WIDE_HZ : NARROW_HZ};
    for (size_t k = 0; k < 2; k++) {
        uint8_t pt = agreed_helper(s, i, RILL_SDP_EVENTS, "telephone-event", clocks[k]);
        if (pt)
            out->events[out->n_events++] = (struct rill_sdp_events){pt, clocks[k]};
    }
}

/* A codec that has no comfort noise of its own (RFC 7874 §3). */
static bool has_narrow(const struct rill_sdp_agreed *a)
{
    struct rill_sdp_also format;
    return rill_sdp_agreed_codec(a, RILL_CODEC_PCMU, &format) ||
           rill_sdp_agreed_codec(a, RILL_CODEC_PCMA, &format);
}

static void agree_sound(const struct sides *s, size_t i, const struct rill_sdp_codec_cap *cap,
                        struct rill_sdp_agreed *out)
{
    const struct rill_sdp_media *o = &s->offer->media[i], *a = &s->answer->media[i];
    const struct rill_sdp_media *theirs = s->local_is_offer ? a : o;
    if (has_cap(s, RILL_SDP_RED, cap->clock_hz))
        out->red_pt = same_pt(rill_sdp_find_red(o, out->pt), rill_sdp_find_red(a, out->pt));
    agree_events(s, i, cap->clock_hz, out);
    if (has_narrow(out))
        out->noise_pt = agreed_helper(s, i, RILL_SDP_NOISE, "CN", NARROW_HZ);
    for (size_t k = 0; out->red_pt && k < theirs->n_fmts; k++) {
        uint8_t pt;
        if (!rill_sdp_payload_type(theirs->fmts[k], &pt) || (pt != out->red_pt && pt != out->pt))
            continue;
        out->red_first = pt == out->red_pt;
        break;
    }
    if (cap->id == RILL_CODEC_OPUS)
        agree_opus(theirs, out);
}

/* The configuration is the same on both sides, the level each direction's own. */
static struct rill_sdp_h264_sent agree_h264(const struct sides *s, size_t i, uint8_t pt)
{
    const struct rill_sdp_media *o = &s->offer->media[i], *a = &s->answer->media[i];
    struct rill_sdp_h264 ours, theirs;
    if (!rill_sdp_h264(rill_sdp_find_fmtp(s->local_is_offer ? o : a, pt), &ours) ||
        !rill_sdp_h264(rill_sdp_find_fmtp(s->local_is_offer ? a : o, pt), &theirs))
        return (struct rill_sdp_h264_sent){0};
    return (struct rill_sdp_h264_sent){theirs.packetization_mode,
                                       rill_sdp_h264_level(&ours, &theirs)};
}

/* What both have beside the codec that is sent. */
static void agree_also(const struct sides *s, size_t i, struct rill_sdp_agreed *out)
{
    const struct rill_sdp_media *o = &s->offer->media[i], *a = &s->answer->media[i];
    struct rill_sdp_common offered[RILL_SDP_COMMON_MAX], answered[RILL_SDP_COMMON_MAX];
    size_t n_offered = rill_sdp_common(o, out->kind, &s->local->caps, offered);
    size_t n_answered = rill_sdp_common(a, out->kind, &s->local->caps, answered);
    for (size_t k = 0; k < n_answered; k++)
        for (size_t j = 0; j < n_offered && out->n_also < RILL_SDP_ALSO_MAX; j++) {
            uint8_t pt = answered[k].pt;
            if (pt != offered[j].pt || pt == out->pt || answered[k].cap->helps)
                continue;
            uint8_t rtx = answered[k].cap->rtx_pt ? agreed_rtx(o, a, pt) : 0;
            struct rill_sdp_also *also = &out->also[out->n_also++];
            *also = (struct rill_sdp_also){.pt = pt,
                                           .rtx_pt = rtx,
                                           .codec = answered[k].cap->id,
                                           .feedback = feedback_of(o, a, pt)};
            if (also->codec == RILL_CODEC_H264)
                also->h264 = agree_h264(s, i, pt);
            break;
        }
}

bool rill_sdp_agreed_format(const struct rill_sdp_agreed *a, uint8_t pt, struct rill_sdp_also *out)
{
    *out = (struct rill_sdp_also){a->pt, a->rtx_pt, a->codec, a->h264, a->feedback};
    for (size_t i = 0; i < a->n_also && out->pt != pt; i++)
        *out = a->also[i];
    return out->pt == pt;
}

bool rill_sdp_agreed_codec(const struct rill_sdp_agreed *a, enum rill_codec_id codec,
                           struct rill_sdp_also *out)
{
    *out = (struct rill_sdp_also){a->pt, a->rtx_pt, a->codec, a->h264, a->feedback};
    for (size_t i = 0; i < a->n_also && out->codec != codec; i++)
        *out = a->also[i];
    return out->codec == codec;
}

static int agree_one(const struct sides *s, size_t i, struct rill_sdp_agreed *out,
                     struct rill_err *why)
{
    const struct rill_sdp_media *o = &s->offer->media[i], *a = &s->answer->media[i];
    const struct rill_sdp_media *ours = s->local_is_offer ? o : a;
    const struct rill_sdp_media *theirs = s->local_is_offer ? a : o;
    *out =
        (struct rill_sdp_agreed){.mline = i, .mid = a->mid.p ? a->mid : o->mid, .local_track = -1};
    bool has_kind = rill_sdp_kind(a->kind, &out->kind);
    if (!a->port)
        return 0;
    const struct rill_sdp_codec_cap *cap =
        has_kind ? agreed_codec(o, a, out->kind, &s->local->caps, &out->pt) : NULL;
    if (!cap)
        return rill_sdp_refuse(RILL_SDP_AGREE_CODEC, i, why);
    out->active = true;
    out->tag = s->answered.tag[i];
    out->bundled = s->answered.of[i] != NULL;
    out->rtcp_mux = out->bundled || (o->rtcp_mux && a->rtcp_mux);
    out->codec = cap->id;
    if (out->codec == RILL_CODEC_H264)
        out->h264 = agree_h264(s, i, out->pt);
    out->rtx_pt = cap->rtx_pt ? agreed_rtx(o, a, out->pt) : 0;
    agree_also(s, i, out);
    out->send = rill_sdp_track_of(s->local, i, out->kind) && rill_sdp_sends(ours->direction) &&
                rill_sdp_receives(theirs->direction);
    out->receive = rill_sdp_receives(ours->direction) && rill_sdp_sends(theirs->direction);
    out->local_track = out->send ? (int)i : -1;
    if (out->kind == RILL_AUDIO)
        agree_sound(s, i, cap, out);
    agree_feedback(s, i, out);
    agree_encodings(s, i, out);
    agree_marks(s, i, out);
    out->max_bitrate = rill_sdp_max_bitrate(theirs);
    agree_ssrcs(theirs, out);
    if (theirs->n_msids) {
        out->remote_stream = theirs->msids[0].stream;
        out->remote_track = theirs->msids[0].track;
    }
    return 0;
}

int rill_sdp_agree(const struct rill_sdp *offer, const struct rill_sdp *answer, bool local_is_offer,
                   const struct rill_sdp_local *local, struct rill_sdp_agreed *out, size_t cap,
                   struct rill_err *why)
{
    struct sides s = {
        .offer = offer, .answer = answer, .local_is_offer = local_is_offer, .local = local};
    int rc = check_lines(offer, answer, why);
    if (rc < 0)
        return rc;
    s.offered = rill_sdp_grouping(offer);
    s.answered = rill_sdp_grouping(answer);
    rc = check_bundle(&s, why);
    for (size_t i = 0; rc == 0 && i < answer->n_media; i++)
        if (s.answered.tag[i] == i)
            rc = check_transport(&s, i, why);
    size_t n = 0;
    for (; rc == 0 && n < offer->n_media && n < cap; n++)
        rc = agree_one(&s, n, &out[n], why);
    return rc < 0 ? rc : (int)n;
}

/* RFC 4145 §4.1: active answers passive and the reverse, either answers actpass. */
int rill_sdp_dtls_is_client(const struct rill_sdp *offer, const struct rill_sdp *answer, size_t tag,
                            bool local_is_offer, bool *is_client, struct rill_err *why)
{
    if (tag >= answer->n_media || tag >= offer->n_media)
        return rill_sdp_refuse(RILL_SDP_SETUP, 0, why);
    enum rill_sdp_setup o = offer->media[tag].setup, a = answer->media[tag].setup;
    bool decided = a == RILL_SDP_SETUP_ACTIVE || a == RILL_SDP_SETUP_PASSIVE;
    if (!decided || o == a || o == RILL_SDP_SETUP_HOLDCONN)
        return rill_sdp_refuse(RILL_SDP_SETUP, tag, why);
    *is_client = (a == RILL_SDP_SETUP_ACTIVE) != local_is_offer;
    return 0;
}
