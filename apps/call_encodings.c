/* call_encodings: what the command line says of encodings, and how workers follow what is sent. */
#include "apps/call_encodings.h"

#include "apps/call.h"

#include <string.h>

/* What a codec can be told. */
#define BITRATE_MIN 6000
#define BITRATE_MAX 100000000
/* With less than this an encoding is not sent; with twice as much it is sent again. */
#define LEAST_BPS 50000
/* What a picture is worth when nothing limits it: bits a second for each of its pixels. */
#define BITS_A_PIXEL 3
#define MOST_BPS 2000000

/* --- reading --------------------------------------------------------------------------- */

bool call_bitrate_read(struct rill_view v, uint32_t *out)
{
    struct rill_view part;
    uint64_t whole, tenths = 0, unit = 1;
    uint8_t last = v.n > 0 ? v.p[v.n - 1] : 0;
    if (last == 'k' || last == 'K' || last == 'M') {
        unit = last == 'M' ? 1000000 : 1000;
        v.n--;
    }
    struct rill_view head = rill_view_cut(v, '.', &part);
    bool good = rill_view_u64(head, BITRATE_MAX, &whole) &&
                (!part.p || (unit > 1 && part.n == 1 && rill_view_u64(part, 9, &tenths)));
    uint64_t rate = good ? whole * unit + tenths * unit / 10 : 0;
    if (rate < BITRATE_MIN || rate > BITRATE_MAX)
        return false;
    *out = (uint32_t)rate;
    return true;
}

/* "2" or "1.5", 1 to 100. */
static bool read_scale(struct rill_view v, double *out)
{
    struct rill_view part;
    uint64_t whole, tenths = 0;
    struct rill_view head = rill_view_cut(v, '.', &part);
    if (!rill_view_u64(head, 100, &whole) || whole < 1 ||
        (part.p && (part.n != 1 || !rill_view_u64(part, 9, &tenths))))
        return false;
    *out = (double)whole + (double)tenths / 10;
    return true;
}

static bool read_member(struct rill_view key, struct rill_view value, struct call_encoding *e)
{
    uint32_t bps;
    if (rill_view_is(key, "rid")) {
        if (value.n == 0 || value.n >= sizeof e->rid)
            return false;
        memcpy(e->rid, value.p, value.n);
        e->rid[value.n] = 0;
        return true;
    }
    if (rill_view_is(key, "active")) {
        e->has_active = true;
        e->active = rill_view_is(value, "true");
        return e->active || rill_view_is(value, "false");
    }
    if (rill_view_is(key, "maxBitrate")) {
        e->has_bitrate = call_bitrate_read(value, &bps);
        e->max_bitrate = e->has_bitrate ? bps : 0;
        return e->has_bitrate;
    }
    e->has_scale = rill_view_is(key, "scaleResolutionDownBy") && read_scale(value, &e->scale);
    return e->has_scale;
}

const char *call_encoding_read(struct rill_view text, struct call_encoding *out)
{
    *out = (struct call_encoding){.active = true};
    while (text.p) {
        struct rill_view value;
        struct rill_view member = rill_view_cut(text, ',', &text);
        struct rill_view key = rill_view_cut(member, '=', &value);
        if (!value.p || !read_member(key, value, out))
            return "an encoding has rid=, active=true|false, maxBitrate=BITS and "
                   "scaleResolutionDownBy=N";
    }
    return out->rid[0] ? NULL : "an encoding needs its rid=";
}

const char *call_encodings_read(const char *text, struct call_encodings *out)
{
    struct rill_view rest = rill_view_of(text);
    uint64_t n;
    out->n = 0;
    if (rill_view_u64(rest, RILL_PEER_ENCODINGS_MAX, &n)) {
        /* RFC 8852 §3.3: "a simple scheme that starts with the ASCII digit "1"". */
        for (; out->n < n; out->n++) {
            out->list[out->n] = (struct call_encoding){.active = true};
            out->list[out->n].rid[0] = (char)('1' + out->n);
        }
        return n ? NULL : "there is one encoding at least";
    }
    while (rest.p) {
        struct rill_view one = rill_view_cut(rest, ';', &rest);
        if (out->n == RILL_PEER_ENCODINGS_MAX)
            return "there are 8 encodings at most";
        const char *wrong = call_encoding_read(one, &out->list[out->n]);
        if (wrong)
            return wrong;
        out->n++;
    }
    struct rill_peer_encoding list[RILL_PEER_ENCODINGS_MAX];
    size_t count = call_encodings_list(out, list);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (!strcmp(list[i].rid, list[k].rid))
                return "each encoding has a rid of its own";
    return NULL;
}

size_t call_encodings_list(const struct call_encodings *e,
                           struct rill_peer_encoding out[RILL_PEER_ENCODINGS_MAX])
{
    for (size_t i = 0; i < e->n; i++)
        out[i] = (struct rill_peer_encoding){
            .rid = e->list[i].rid,
            .active = e->list[i].active,
            .max_bitrate = e->list[i].max_bitrate,
            .scale_resolution_down_by = e->list[i].scale,
        };
    return e->n;
}

/* --- what the peer is told ----------------------------------------------------------------- */

static void set(struct call *c, size_t track, size_t i, const struct call_encoding *e)
{
    struct rill_peer_encoding_info now;
    int transceiver = c->tracks[track].transceiver;
    if (!rill_peer_encoding(c->peer, transceiver, i, &now) || !now.rid.n)
        return;
    struct rill_peer_encoding to = {
        .active = e->has_active ? e->active : now.active,
        .max_bitrate = e->has_bitrate ? e->max_bitrate : now.max_bitrate,
        .scale_resolution_down_by = e->has_scale ? e->scale : now.scale_resolution_down_by,
    };
    if (rill_peer_set_encoding(c->peer, rill_posix_now(), transceiver, i, &to) < 0)
        call_note(c, "refused", "an encoding cannot be changed so");
}

/* The other side's names, with our settings in the same order. */
void call_encodings_asked(struct call *c)
{
    for (size_t t = 0; t < c->n_tracks; t++)
        for (size_t i = 0; i < c->tracks[t].encodings->n; i++)
            set(c, t, i, &c->tracks[t].encodings->list[i]);
}

void call_set_parameters(struct call *c, size_t track, const struct call_encoding *e)
{
    struct rill_peer_encoding_info now;
    for (size_t i = 0; rill_peer_encoding(c->peer, c->tracks[track].transceiver, i, &now); i++)
        if (rill_view_is(now.rid, e->rid))
            set(c, track, i, e);
    call_follow_encodings(c);
}

/* --- what the workers are told ------------------------------------------------------------- */

static uint64_t most(const struct call_track *t, const struct rill_peer_encoding_info *info)
{
    double by = info->scale_resolution_down_by;
    uint64_t bps = (uint64_t)((double)t->pixels * BITS_A_PIXEL / (by * by));
    bps = bps > LEAST_BPS ? bps : LEAST_BPS;
    bps = bps < MOST_BPS ? bps : MOST_BPS;
    return info->max_bitrate ? info->max_bitrate : bps;
}

uint64_t call_encodings_most(const struct call *c, size_t track)
{
    const struct call_track *t = &c->tracks[track];
    struct rill_peer_encoding_info info;
    uint64_t sum = 0;
    for (size_t i = 0; rill_peer_encoding(c->peer, t->transceiver, i, &info) && info.rid.n; i++)
        sum += info.active ? most(t, &info) : 0;
    return sum;
}

/* The next one by the size of its pictures, the smallest first; n: none is left. */
static size_t next_smallest(const struct rill_peer_encoding_info *list, size_t n, uint32_t done)
{
    size_t best = n;
    for (size_t i = 0; i < n; i++)
        if (!(done >> i & 1) &&
            (best == n || list[i].scale_resolution_down_by > list[best].scale_resolution_down_by))
            best = i;
    return best;
}

/* The smallest pictures get what they want first; what has nothing left for it is not encoded. */
static void share_out(const struct call_track *t, const struct rill_peer_encoding_info *list,
                      size_t n, struct rill_encoding *out)
{
    uint64_t left = t->share_bps;
    uint32_t done = 0;
    bool any = false;
    for (size_t i; (i = next_smallest(list, n, done)) < n; done |= 1u << i) {
        uint64_t want = most(t, &list[i]);
        uint64_t least = t->told[i].active ? LEAST_BPS : 2 * LEAST_BPS;
        out[i].active = list[i].sends;
        if (!list[i].sends)
            continue;
        if (t->share_bps && any && left < least) {
            out[i].active = false;
            continue;
        }
        uint64_t gets = !t->share_bps || left > want ? want : left > LEAST_BPS ? left : LEAST_BPS;
        out[i].bitrate_bps = (uint32_t)gets;
        left -= gets < left ? gets : left;
        any = true;
    }
}

static bool is_told(const struct rill_encoding *a, const struct rill_encoding *b)
{
    return a->active == b->active && a->scale_resolution_down_by == b->scale_resolution_down_by &&
           a->max_width == b->max_width && a->max_height == b->max_height &&
           a->max_fps == b->max_fps && a->bitrate_bps == b->bitrate_bps;
}

static void tell(struct call *c, struct call_track *t, size_t i, const struct rill_encoding *to)
{
    if (t->n_told > i && is_told(&t->told[i], to))
        return;
    t->told[i] = *to;
    t->n_told = t->n_told > i ? t->n_told : i + 1;
    struct rill_worker_command command = {
        .type = RILL_WORKER_ENCODING, .sender = t->sender, .encoding = i, .settings = *to};
    if (t->before_start)
        (void)rill_sender_set_encoding(t->before_start, i, to);
    else if (!rill_worker_command(t->worker, &command))
        t->n_told = i; /* once more, the next time */
    (void)c;
}

void call_encodings_follow(struct call *c)
{
    for (size_t t = 0; t < c->n_tracks; t++) {
        struct rill_peer_encoding_info list[RILL_PEER_ENCODINGS_MAX];
        struct rill_encoding to[RILL_PEER_ENCODINGS_MAX] = {{0}};
        size_t n = 0;
        while (n < RILL_PEER_ENCODINGS_MAX &&
               rill_peer_encoding(c->peer, c->tracks[t].transceiver, n, &list[n]))
            n++;
        if (n == 0 || !list[0].rid.n || rill_codec_kind(c->tracks[t].codec) != RILL_VIDEO)
            continue;
        for (size_t i = 0; i < n; i++) {
            to[i].scale_resolution_down_by = list[i].scale_resolution_down_by;
            to[i].max_width = (uint32_t)list[i].max_width;
            to[i].max_height = (uint32_t)list[i].max_height;
            to[i].max_fps = (uint32_t)list[i].max_fps;
        }
        share_out(&c->tracks[t], list, n, to);
        for (size_t i = 0; i < n; i++)
            tell(c, &c->tracks[t], i, &to[i]);
    }
}
