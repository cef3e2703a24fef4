/* sdp/describe: writing down what this side is and can do, a part at a time. */
#include "sdp/describe.h"

#include "sdp/fmtp.h"
#include "sdp/grammar.h"
#include "sdp/section.h"

/* More than anybody sends. */
#define RED_BLOCKS 32
#define H264_PARAMS_MAX 96

bool rill_sdp_kind(struct rill_view text, enum rill_kind *out)
{
    if (!rill_view_is(text, "audio") && !rill_view_is(text, "video"))
        return false;
    *out = rill_view_is(text, "audio") ? RILL_AUDIO : RILL_VIDEO;
    return true;
}

static struct rill_view fmtp_of(const struct rill_sdp_codec_cap *cap)
{
    return cap->fmtp ? rill_view_of(cap->fmtp) : (struct rill_view){0};
}

const struct rill_sdp_codec_cap *rill_sdp_cap_of(const struct rill_sdp_caps *caps,
                                                 enum rill_kind kind,
                                                 const struct rill_sdp_media *m,
                                                 const struct rill_sdp_codec *codec)
{
    struct rill_view params = rill_sdp_find_fmtp(m, codec->pt);
    for (size_t i = 0; i < caps->n_codecs; i++) {
        const struct rill_sdp_codec_cap *cap = &caps->codecs[i];
        /* RFC 8866 §6.6 and RFC 4855 §3: encoding names are compared without case. */
        if (cap->kind == kind && cap->clock_hz == codec->clock_hz &&
            cap->channels == codec->channels && rill_view_is_nocase(codec->name, cap->name) &&
            rill_sdp_fmtp_match(codec->name, fmtp_of(cap), params) &&
            (cap->helps != RILL_SDP_RED || rill_sdp_redundant(m, codec->pt)))
            return cap;
    }
    return NULL;
}

bool rill_sdp_is_bundle(const struct rill_sdp_group *g)
{
    return rill_view_is(g->semantics, "BUNDLE");
}

bool rill_sdp_has_fingerprint(const struct rill_sdp_media *m)
{
    for (size_t i = 0; i < m->n_fingerprints; i++) {
        struct rill_view hash = m->fingerprints[i].hash;
        if (rill_view_is_nocase(hash, "sha-256") || rill_view_is_nocase(hash, "sha-384") ||
            rill_view_is_nocase(hash, "sha-512"))
            return true;
    }
    return false;
}

bool rill_sdp_has_ice(const struct rill_sdp_media *m)
{
    return m->ice_ufrag.p && m->ice_pwd.p;
}

int rill_sdp_refuse(int row, size_t value, struct rill_err *why)
{
    return rill_err_set(&rill_sdp_errors, row, 0, value, why);
}

static size_t feedback_max(const struct rill_sdp_caps *caps)
{
    size_t most = 0;
    for (size_t i = 0; i < caps->n_codecs; i++) {
        size_t n = 0;
        while (caps->codecs[i].rtcp_fb && caps->codecs[i].rtcp_fb[n])
            n++;
        most = n > most ? n : most;
    }
    return most;
}

struct rill_sdp_codec_list rill_sdp_codec_list(struct rill_sdp_media *m, size_t n,
                                               const struct rill_sdp_caps *caps,
                                               struct rill_arena *arena)
{
    struct rill_sdp_codec_list l = {.arena = arena};
    /* Each may have its retransmission. */
    m->fmts = l.fmts = rill_arena_take(arena, 2 * n, sizeof *l.fmts);
    m->codecs = l.codecs = rill_arena_take(arena, 2 * n, sizeof *l.codecs);
    m->fmtps = l.fmtps = rill_arena_take(arena, 2 * n, sizeof *l.fmtps);
    m->rtcp_fbs = l.rtcp_fbs = rill_arena_take(arena, n * feedback_max(caps), sizeof *l.rtcp_fbs);
    m->extmaps = l.extmaps = rill_arena_take(arena, caps->n_exts, sizeof *l.extmaps);
    return l;
}

static void add_feedback(struct rill_sdp_media *m, struct rill_sdp_codec_list *list,
                         const struct rill_sdp_codec_cap *cap, uint8_t pt,
                         const struct rill_sdp_media *offered)
{
    for (size_t i = 0; cap->rtcp_fb && cap->rtcp_fb[i]; i++)
        if (!offered || rill_sdp_has_rtcp_fb(offered, pt, cap->rtcp_fb[i]))
            list->rtcp_fbs[m->n_rtcp_fbs++] = (struct rill_sdp_rtcp_fb){
                .pt = pt,
                .value = rill_view_of(cap->rtcp_fb[i]),
            };
}

/* What we say of ourselves; of H.264 an answer has what was offered, and a level of its own. */
static struct rill_view params_of(const struct rill_sdp_codec_cap *cap, uint8_t pt,
                                  const struct rill_sdp_media *offered, struct rill_arena *arena)
{
    uint8_t text[H264_PARAMS_MAX];
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    if (cap->id != RILL_CODEC_H264 || !offered)
        return fmtp_of(cap);
    rill_sdp_h264_write_answer(&w, fmtp_of(cap), rill_sdp_find_fmtp(offered, pt));
    return w.bad ? fmtp_of(cap) : rill_arena_copy(arena, rill_w_view(&w));
}

void rill_sdp_add_codec(struct rill_sdp_media *m, struct rill_sdp_codec_list *list,
                        const struct rill_sdp_codec_cap *cap, uint8_t pt,
                        const struct rill_sdp_media *offered)
{
    struct rill_view number = rill_sdp_decimal(pt, list->arena);
    if (list->arena->bad)
        return;
    list->fmts[m->n_fmts++] = number;
    list->codecs[m->n_codecs++] = (struct rill_sdp_codec){
        .pt = pt,
        .name = rill_view_of(cap->name),
        .clock_hz = cap->clock_hz,
        .channels = cap->channels,
    };
    if (cap->fmtp)
        list->fmtps[m->n_fmtps++] =
            (struct rill_sdp_fmtp){.pt = pt, .params = params_of(cap, pt, offered, list->arena)};
    add_feedback(m, list, cap, pt, offered);
}

/* "apt=96", "111/111" */
static struct rill_view of_codec(const char *before, uint8_t pt, bool twice,
                                 struct rill_arena *arena)
{
    uint8_t text[16];
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    rill_w_str(&w, before);
    rill_w_dec(&w, pt);
    if (twice) {
        rill_w_char(&w, '/');
        rill_w_dec(&w, pt);
    }
    return rill_arena_copy(arena, rill_w_view(&w));
}

void rill_sdp_add_red(struct rill_sdp_media *m, struct rill_sdp_codec_list *list,
                      const struct rill_sdp_codec_cap *cap, uint8_t red_pt, uint8_t pt)
{
    struct rill_view blocks = of_codec("", pt, true, list->arena);
    rill_sdp_add_codec(m, list, cap, red_pt, NULL);
    if (!list->arena->bad)
        list->fmtps[m->n_fmtps++] = (struct rill_sdp_fmtp){.pt = red_pt, .params = blocks};
}

void rill_sdp_add_rtx(struct rill_sdp_media *m, struct rill_sdp_codec_list *list,
                      const struct rill_sdp_codec_cap *cap, uint8_t rtx_pt, uint8_t pt)
{
    struct rill_view number = rill_sdp_decimal(rtx_pt, list->arena);
    struct rill_view apt = of_codec("apt=", pt, false, list->arena);
    if (list->arena->bad)
        return;
    list->fmts[m->n_fmts++] = number;
    list->codecs[m->n_codecs++] = (struct rill_sdp_codec){
        .pt = rtx_pt, .name = rill_view_of("rtx"), .clock_hz = cap->clock_hz, .channels = 1};
    list->fmtps[m->n_fmtps++] = (struct rill_sdp_fmtp){.pt = rtx_pt, .params = apt};
}

uint8_t rill_sdp_find_rtx(const struct rill_sdp_media *m, uint8_t pt)
{
    const struct rill_sdp_codec *of = rill_sdp_find_codec(m, pt);
    for (size_t i = 0; of && i < m->n_codecs; i++)
        if (rill_view_is_nocase(m->codecs[i].name, "rtx") &&
            m->codecs[i].clock_hz == of->clock_hz && rill_sdp_repaired(m, m->codecs[i].pt) == of)
            return m->codecs[i].pt;
    return 0;
}

/* RFC 2198 §5: "111/111", the number of each block; one for all of them is what we write. */
const struct rill_sdp_codec *rill_sdp_redundant(const struct rill_sdp_media *m, uint8_t red_pt)
{
    struct rill_view rest = rill_sdp_find_fmtp(m, red_pt);
    const struct rill_sdp_codec *red = rill_sdp_find_codec(m, red_pt), *of = NULL;
    for (size_t blocks = 0; rest.p; blocks++) {
        struct rill_view number = rill_view_cut(rest, '/', &rest);
        uint8_t pt;
        if (blocks == RED_BLOCKS || !rill_sdp_payload_type(number, &pt) || (of && of->pt != pt))
            return NULL;
        of = rill_sdp_find_codec(m, pt);
        if (!of || of == red || of->clock_hz != red->clock_hz || of->channels != red->channels)
            return NULL;
    }
    return of;
}

uint8_t rill_sdp_find_red(const struct rill_sdp_media *m, uint8_t pt)
{
    for (size_t i = 0; i < m->n_codecs; i++) {
        const struct rill_sdp_codec *c = &m->codecs[i];
        const struct rill_sdp_codec *of =
            rill_view_is_nocase(c->name, "red") ? rill_sdp_redundant(m, c->pt) : NULL;
        if (of && of->pt == pt)
            return c->pt;
    }
    return 0;
}

uint8_t rill_sdp_find_named(const struct rill_sdp_media *m, const char *name, uint32_t clock_hz)
{
    for (size_t i = 0; i < m->n_codecs; i++)
        if (rill_view_is_nocase(m->codecs[i].name, name) && m->codecs[i].clock_hz == clock_hz)
            return m->codecs[i].pt;
    return 0;
}

struct rill_view rill_sdp_decimal(uint64_t n, struct rill_arena *arena)
{
    uint8_t digits[20];
    struct rill_writer w = rill_writer_of((struct rill_span){digits, sizeof digits});
    rill_w_dec(&w, n);
    return rill_arena_copy(arena, rill_w_view(&w));
}

void rill_sdp_describe_session(struct rill_sdp *s, const struct rill_sdp_local *local,
                               struct rill_arena *arena)
{
    s->username = rill_view_of("-");
    s->session_id = rill_sdp_decimal(local->session_id, arena);
    s->session_version = local->session_version;
    s->session_name = rill_view_of("-");
    s->ice_lite = local->ice_lite;
}

/* RFC 9143 §7.3: "Place the identification-tag of each bundled "m=" section in the SDP
 * 'group:BUNDLE' attribute identification-tag list", the tagged one first. */
static void describe_group(const struct rill_sdp *s, struct rill_sdp_group *g, const size_t *group,
                           size_t tag, struct rill_view *mids)
{
    *g = (struct rill_sdp_group){.semantics = rill_view_of("BUNDLE"), .mids = mids};
    mids[g->n++] = s->media[tag].mid;
    for (size_t i = 0; i < s->n_media; i++)
        if (i != tag && group[i] == group[tag])
            mids[g->n++] = s->media[i].mid;
}

void rill_sdp_describe_groups(struct rill_sdp *s, const size_t *group, const size_t *tag,
                              struct rill_arena *arena)
{
    struct rill_sdp_group *groups = rill_arena_take(arena, s->n_media, sizeof *groups);
    struct rill_view *mids = rill_arena_take(arena, s->n_media, sizeof *mids);
    size_t at = 0;
    for (size_t i = 0; groups && mids && i < s->n_media; i++) {
        if (!group[i] || tag[i] != i)
            continue;
        struct rill_sdp_group *g = &groups[s->n_groups++];
        describe_group(s, g, group, i, mids + at);
        at += g->n;
    }
    s->groups = groups;
}

/* RFC 8122 §5: each byte in upper-case hex, with a colon between two. */
static struct rill_view colon_hex(struct rill_view digest, struct rill_arena *arena)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t n = digest.n ? digest.n * 3 - 1 : 0;
    uint8_t *p = rill_arena_take(arena, n, 1);
    for (size_t i = 0; p && i < digest.n; i++) {
        p[i * 3] = (uint8_t)hex[digest.p[i] >> 4];
        p[i * 3 + 1] = (uint8_t)hex[digest.p[i] & 15];
        if (i * 3 + 2 < n)
            p[i * 3 + 2] = ':';
    }
    return rill_view_at(p, p ? n : 0);
}

void rill_sdp_describe_transport(struct rill_sdp_media *m, const struct rill_sdp_local *local,
                                 const struct rill_sdp_transport *t, struct rill_arena *arena)
{
    struct rill_sdp_fingerprint *f = rill_arena_take(arena, 1, sizeof *f);
    if (f) {
        f->hash = rill_view_of("sha-256");
        f->value = colon_hex(local->fingerprint, arena);
    }
    m->fingerprints = f;
    m->n_fingerprints = f ? 1 : 0;
    m->tls_id = t->tls_id;
    m->ice_ufrag = t->ufrag;
    m->ice_pwd = t->pwd;
}

void rill_sdp_describe_candidates(struct rill_sdp_media *m, const struct rill_sdp_transport *t)
{
    m->candidates = t->candidates;
    m->n_candidates = t->n_candidates;
    m->end_of_candidates = t->end_of_candidates;
}

/* RFC 8830 §2: "-" when the track belongs to no stream. */
static struct rill_view stream_of(const struct rill_sdp_track *t)
{
    return t->stream.n ? t->stream : rill_view_of("-");
}

/* "stream track", as the older a=ssrc:N msid: line has it. */
static struct rill_view joined_msid(const struct rill_sdp_track *t, struct rill_arena *arena)
{
    struct rill_view stream = stream_of(t);
    size_t n = stream.n + 1 + t->track.n;
    uint8_t *p = rill_arena_take(arena, n, 1);
    if (!p)
        return (struct rill_view){0};
    struct rill_writer w = rill_writer_of((struct rill_span){p, n});
    rill_w_bytes(&w, stream);
    rill_w_char(&w, ' ');
    rill_w_bytes(&w, t->track);
    return rill_w_view(&w);
}

/* RFC 4588 §8.7, RFC 5576 §4.2: the second repairs the first. */
static void describe_ssrcs(struct rill_sdp_media *m, const struct rill_sdp_track *t,
                           const struct rill_sdp_ssrc *as, struct rill_arena *arena)
{
    bool repaired = t->rtx_ssrc && m->n_codecs && rill_sdp_find_rtx(m, m->codecs[0].pt);
    size_t n = repaired ? 2 : 1;
    struct rill_sdp_ssrc *ssrcs = rill_arena_take(arena, n, sizeof *ssrcs);
    struct rill_sdp_ssrc_group *group = rill_arena_take(arena, 1, sizeof *group);
    uint32_t *pair = rill_arena_take(arena, 2, sizeof *pair);
    if (!ssrcs || !group || !pair)
        return;
    for (size_t i = 0; i < n; i++) {
        ssrcs[i] = *as;
        ssrcs[i].ssrc = pair[i] = i ? t->rtx_ssrc : t->ssrc;
    }
    m->ssrcs = ssrcs;
    m->n_ssrcs = n;
    *group = (struct rill_sdp_ssrc_group){.semantics = rill_view_of("FID"), .ssrcs = pair, .n = 2};
    m->ssrc_groups = group;
    m->n_ssrc_groups = repaired ? 1 : 0;
}

void rill_sdp_describe_track(struct rill_sdp_media *m, const struct rill_sdp_track *t,
                             const struct rill_sdp_local *local, struct rill_arena *arena)
{
    struct rill_sdp_msid *msid = rill_arena_take(arena, 1, sizeof *msid);
    struct rill_sdp_ssrc ssrc = {.cname = local->cname};
    if (!msid)
        return;
    /* RFC 9429 §5.2.1 leaves the appdata out; browsers still take the track's id from it. */
    msid->stream = stream_of(t);
    if (t->track.n)
        msid->track = t->track;
    if (t->track.n)
        ssrc.msid = joined_msid(t, arena);
    m->msids = msid;
    m->n_msids = 1;
    /* Several encodings are told apart by their names, as browsers have it. */
    if (rill_sdp_sends(m->direction) && t->n_encodings <= 1)
        describe_ssrcs(m, t, &ssrc, arena);
}

const struct rill_sdp_track *rill_sdp_track_of(const struct rill_sdp_local *local, size_t i,
                                               enum rill_kind kind)
{
    return i < local->n_tracks && local->tracks[i].kind == kind ? &local->tracks[i] : NULL;
}

/* RFC 3264 §6: "To reject an offered stream, the port number in the corresponding stream in
 * the answer MUST be set to zero. Any media formats listed are ignored. At least one MUST be
 * present". The protocol stays, and the mid (RFC 9429 §5.3.1). */
void rill_sdp_describe_off(struct rill_sdp_media *m, const struct rill_sdp_media *as)
{
    m->kind = as->kind;
    m->proto = as->proto;
    m->fmts = as->fmts;
    m->n_fmts = 1;
    m->mid = as->mid;
    m->direction = RILL_SDP_INACTIVE;
}
