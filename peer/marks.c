/* marks: what header extensions say of frames: how loud, when captured, which way up, how late to
 * show them.
 *
 * The idea: each is told where its document wants it: the level in every packet of sound, the
 * capture time once a second, the orientation in the last packet of key frames and of what does not
 * stand upright, the playout delay until the other side's reports show that it was heard.
 */
#include "peer/marks.h"

#include "base/seq.h"
#include "peer/connection.h"
#include "peer/inputs.h"
#include "peer/lines.h"
#include "peer/received.h"
#include "peer/tracks.h"
#include "peer/transceivers.h"
#include "rtp/jitter.h"

/* abs-capture-time: "at regular intervals (e.g. every second)". */
#define CAPTURE_EVERY RILL_SECOND

static void add(struct rill_rtp_ext *exts, size_t *n, uint16_t id, const uint8_t *p, size_t size)
{
    exts[(*n)++] = (struct rill_rtp_ext){(uint8_t)id, rill_view_at(p, size)};
}

static bool tells_capture(const struct rill_peer_sender *s, const struct rill_frame *f)
{
    return !s->marks.captured || f->time - s->marks.captured_at >= CAPTURE_EVERY;
}

/* TS 26.114 §7.4.5: with "the last packet in each group of packets which make up a key frame", and
 * of another frame when the orientation has changed. Deviation: Chromium takes a frame that says
 * nothing for one that stands upright (tests/interop/marks.test.mjs), so all that do not say so. */
static bool tells_rotation(const struct rill_peer_sender *s, const struct rill_frame *f)
{
    bool changed = f->rotation != s->marks.rotation;
    return changed || f->rotation || (f->keyframe && s->marks.turned);
}

size_t rill_peer_marks_write(const struct rill_peer *x, const struct rill_peer_line *l,
                             const struct rill_peer_sender *s, const struct rill_frame *f,
                             bool first, bool last, struct rill_rtp_ext exts[RILL_SDP_MARKS],
                             uint8_t bytes[RILL_PEER_MARKS_BYTES])
{
    const uint16_t *ids = l->agreed.marks_sent;
    size_t n = 0;
    if (ids[RILL_SDP_MARK_AUDIO_LEVEL] && f->has_level) {
        rill_rtp_level_write(&(struct rill_rtp_level){f->voice, f->level}, bytes);
        add(exts, &n, ids[RILL_SDP_MARK_AUDIO_LEVEL], bytes, RILL_RTP_LEVEL_SIZE);
    }
    if (ids[RILL_SDP_MARK_CAPTURE_TIME] && first && tells_capture(s, f)) {
        uint64_t ntp = rill_ntp_from_unix_us(x->config.wall_us + f->time);
        rill_rtp_capture_write(&(struct rill_rtp_capture){.ntp = ntp}, bytes + 1);
        add(exts, &n, ids[RILL_SDP_MARK_CAPTURE_TIME], bytes + 1, RILL_RTP_CAPTURE_SIZE);
    }
    if (ids[RILL_SDP_MARK_ORIENTATION] && last && tells_rotation(s, f)) {
        rill_rtp_orientation_write(&(struct rill_rtp_orientation){.rotation = f->rotation},
                                   bytes + 9);
        add(exts, &n, ids[RILL_SDP_MARK_ORIENTATION], bytes + 9, RILL_RTP_ORIENTATION_SIZE);
    }
    if (ids[RILL_SDP_MARK_PLAYOUT_DELAY] && s->marks.has_delay && !s->marks.delay_is_known) {
        rill_rtp_playout_delay_write(&s->marks.delay, bytes + 10);
        add(exts, &n, ids[RILL_SDP_MARK_PLAYOUT_DELAY], bytes + 10, RILL_RTP_PLAYOUT_DELAY_SIZE);
    }
    return n;
}

size_t rill_peer_marks_copy(const struct rill_peer_line *l, struct rill_view packet,
                            struct rill_rtp_ext exts[RILL_SDP_MARKS])
{
    struct rill_rtp_packet p;
    size_t n = 0;
    if (rill_rtp_parse(packet, &p, NULL) < 0)
        return 0;
    for (size_t k = 0; k < RILL_SDP_MARKS; k++) {
        uint16_t id = l->agreed.marks_sent[k];
        struct rill_view value;
        if (id && rill_rtp_ext_find(&p, (uint8_t)id, &value))
            exts[n++] = (struct rill_rtp_ext){(uint8_t)id, value};
    }
    return n;
}

void rill_peer_marks_written(const struct rill_peer_line *l, struct rill_peer_sender *s,
                             const struct rill_frame *f, uint16_t seq)
{
    struct rill_peer_marks *m = &s->marks;
    if (l->agreed.marks_sent[RILL_SDP_MARK_CAPTURE_TIME] && tells_capture(s, f)) {
        m->captured = true;
        m->captured_at = f->time;
    }
    if (l->agreed.marks_sent[RILL_SDP_MARK_ORIENTATION]) {
        m->turned = m->turned || f->rotation != m->rotation;
        m->rotation = f->rotation;
    }
    if (l->agreed.marks_sent[RILL_SDP_MARK_PLAYOUT_DELAY] && m->has_delay && !m->delay_told) {
        m->delay_told = true;
        m->delay_seq = seq;
    }
}

void rill_peer_marks_heard(struct rill_peer_sender *s, uint16_t seq)
{
    struct rill_peer_marks *m = &s->marks;
    if (m->delay_told && (int16_t)(uint16_t)(seq - m->delay_seq) >= 0)
        m->delay_is_known = true;
}

int rill_peer_set_playout_delay(struct rill_peer *x, int transceiver, uint16_t min_ms,
                                uint16_t max_ms)
{
    rill_peer_input_playout_delay(x, transceiver, min_ms, max_ms);
    if (transceiver < 0 || (size_t)transceiver >= x->n_tracks || !x->transceivers[transceiver].used)
        return RILL_PEER_NO_TRANSCEIVER;
    struct rill_peer_track *t = &x->tracks[transceiver];
    for (size_t k = 0; k < t->n_senders; k++) {
        struct rill_peer_marks *m = &t->senders[k]->marks;
        m->has_delay = true;
        m->delay_is_known = m->delay_told = false;
        m->delay = (struct rill_rtp_playout_delay){min_ms, max_ms};
    }
    return 0;
}

/* --- what comes ------------------------------------------------------------------------------ */

static bool value_of(const struct rill_rtp_packet *p, const struct rill_peer_line *l,
                     enum rill_sdp_mark mark, struct rill_view *out)
{
    uint16_t id = l->agreed.marks_received[mark];
    return id && rill_rtp_ext_find(p, (uint8_t)id, out);
}

static void note_turn(struct rill_peer_receiver *in, uint32_t rtp_time, uint16_t rotation)
{
    if (in->n_turns == RILL_PEER_TURNS) {
        for (size_t i = 1; i < RILL_PEER_TURNS; i++)
            in->turns[i - 1] = in->turns[i];
        in->n_turns--;
    }
    in->turns[in->n_turns++] = (struct rill_peer_turn){rtp_time, rotation};
}

static void read_delay(struct rill_peer_receiver *in, struct rill_view v)
{
    struct rill_peer_heard_marks *m = &in->more.marks;
    struct rill_rtp_playout_delay delay;
    if (!rill_rtp_playout_delay_read(v, &delay))
        return;
    m->has_playout_delay = true;
    m->playout_min_ms = delay.min;
    m->playout_max_ms = delay.max;
    rill_rtp_jitter_limit(in->jitter, delay.min * RILL_MS, delay.max * RILL_MS);
}

void rill_peer_marks_read(const struct rill_peer_line *l, struct rill_peer_receiver *in,
                          const struct rill_rtp_packet *p)
{
    struct rill_peer_heard_marks *m = &in->more.marks;
    struct rill_rtp_level level;
    struct rill_rtp_capture capture;
    struct rill_rtp_orientation turn;
    struct rill_view v;
    m->rtp_time = p->timestamp;
    if (value_of(p, l, RILL_SDP_MARK_AUDIO_LEVEL, &v) && rill_rtp_level_read(v, &level)) {
        m->has_level = true;
        m->voice = level.voice;
        m->level = level.dbov;
    }
    if (value_of(p, l, RILL_SDP_MARK_CAPTURE_TIME, &v) && rill_rtp_capture_read(v, &capture)) {
        m->has_capture = true;
        m->capture_ntp = capture.ntp;
        m->capture_rtp_time = p->timestamp;
        m->has_capture_offset = capture.has_offset;
        m->capture_offset = capture.offset;
    }
    if (value_of(p, l, RILL_SDP_MARK_ORIENTATION, &v) && rill_rtp_orientation_read(v, &turn)) {
        m->rotation = turn.rotation;
        note_turn(in, p->timestamp, turn.rotation);
    }
    if (value_of(p, l, RILL_SDP_MARK_PLAYOUT_DELAY, &v))
        read_delay(in, v);
}

/* TS 26.114 §7.4.5: what was told counts until something else is. */
uint16_t rill_peer_marks_rotation(const struct rill_peer_receiver *in, uint32_t rtp_time)
{
    const struct rill_peer_turn *last = NULL;
    for (size_t i = 0; i < in->n_turns; i++) {
        const struct rill_peer_turn *t = &in->turns[i];
        if (rill_seq32_diff(rtp_time, t->rtp_time) >= 0 &&
            (!last || rill_seq32_diff(t->rtp_time, last->rtp_time) >= 0))
            last = t;
    }
    return last ? last->rotation : 0;
}
