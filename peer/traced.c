/* traced: what a peer tells about the bytes that come and go (docs/trace.md).
 *
 * The idea: each datagram has a number, in both directions together, and what was found in it in
 * clear is told with the same number: behind it when it came, before it when it goes.
 */
#include "peer/traced.h"

#include "peer/connection.h"
#include "peer/datagram.h"
#include "peer/lines.h"
#include "peer/receive.h"
#include "peer/received.h"
#include "peer/route.h"
#include "peer/transport.h"
#include "rtp/jitter.h"

static const struct rill_trace_point rtp_received = {"peer",
                                                     "rtp_received",
                                                     "a media packet in clear",
                                                     4,
                                                     {{"packet", RILL_TRACE_U64},
                                                      {"mid", RILL_TRACE_TEXT},
                                                      {"codec", RILL_TRACE_TEXT},
                                                      {"bytes", RILL_TRACE_BYTES}}};
static const struct rill_trace_point rtp_sent = {"peer",
                                                 "rtp_sent",
                                                 "a media packet in clear",
                                                 4,
                                                 {{"packet", RILL_TRACE_U64},
                                                  {"mid", RILL_TRACE_TEXT},
                                                  {"codec", RILL_TRACE_TEXT},
                                                  {"bytes", RILL_TRACE_BYTES}}};
static const struct rill_trace_point rtcp_received = {
    "peer",
    "rtcp_received",
    "control packets in clear",
    2,
    {{"packet", RILL_TRACE_U64}, {"bytes", RILL_TRACE_BYTES}}};
static const struct rill_trace_point rtcp_sent = {
    "peer",
    "rtcp_sent",
    "control packets in clear",
    2,
    {{"packet", RILL_TRACE_U64}, {"bytes", RILL_TRACE_BYTES}}};

static const struct rill_trace_point frame = {"peer",
                                              "frame_received",
                                              "a frame came whole and is handed out",
                                              6,
                                              {{"mid", RILL_TRACE_TEXT},
                                               {"rid", RILL_TRACE_TEXT},
                                               {"codec", RILL_TRACE_TEXT},
                                               {"rtp_time", RILL_TRACE_U64},
                                               {"keyframe", RILL_TRACE_U64},
                                               {"length", RILL_TRACE_U64}}};
static const struct rill_trace_point frame_dropped = {"peer",
                                                      "frame_dropped",
                                                      "a frame that came in part or whole is not "
                                                      "handed out",
                                                      4,
                                                      {{"mid", RILL_TRACE_TEXT},
                                                       {"rid", RILL_TRACE_TEXT},
                                                       {"rtp_time", RILL_TRACE_U64},
                                                       {"why", RILL_TRACE_TEXT}}};
static const struct rill_trace_point frames_dropped = {
    "peer",
    "frames_dropped",
    "more frames were dropped at once than are told one by one",
    3,
    {{"mid", RILL_TRACE_TEXT}, {"rid", RILL_TRACE_TEXT}, {"count", RILL_TRACE_U64}}};
static const struct rill_trace_point jitter_target = {
    "peer",
    "jitter_target",
    "for so long a packet that is missing is waited for, and pictures are held back at least",
    4,
    {{"mid", RILL_TRACE_TEXT},
     {"rid", RILL_TRACE_TEXT},
     {"wait_us", RILL_TRACE_I64},
     {"least_us", RILL_TRACE_I64}}};
static const struct rill_trace_point interface = {
    "peer",
    "interface",
    "an address of this machine came or went",
    2,
    {{"address", RILL_TRACE_ADDR}, {"what", RILL_TRACE_TEXT}}};
static const struct rill_trace_point gathered = {
    "peer",
    "candidate_gathered",
    "a candidate of ours for the other side; none: there are no more",
    3,
    {{"mid", RILL_TRACE_TEXT}, {"ufrag", RILL_TRACE_TEXT}, {"text", RILL_TRACE_TEXT}}};
static const struct rill_trace_point added = {
    "peer",
    "candidate_added",
    "a candidate of the other side; none: there are no more",
    3,
    {{"mid", RILL_TRACE_TEXT}, {"ufrag", RILL_TRACE_TEXT}, {"text", RILL_TRACE_TEXT}}};

void rill_peer_trace_received(struct rill_peer *x, int64_t now, const struct rill_peer_component *c,
                              const struct rill_path *path, struct rill_view bytes)
{
    rill_peer_datagram_tell(x->config.trace, now, false, ++x->packets,
                            rill_ice_path_local(c->ice, path), path, bytes);
}

void rill_peer_trace_sent(struct rill_peer *x, int64_t now, const struct rill_peer_component *c,
                          const struct rill_path *path, struct rill_view bytes)
{
    x->packets++;
    if (bytes.n > 0) /* else it was built, and is lost */
        rill_peer_datagram_tell(x->config.trace, now, true, x->packets,
                                rill_ice_path_local(c->ice, path), path, bytes);
}

struct rill_view rill_peer_codec_name(enum rill_codec_id codec)
{
    static const char *const names[] = {
        [RILL_CODEC_NONE] = "",     [RILL_CODEC_OPUS] = "opus", [RILL_CODEC_VP8] = "VP8",
        [RILL_CODEC_VP9] = "VP9",   [RILL_CODEC_H264] = "H264", [RILL_CODEC_AV1] = "AV1",
        [RILL_CODEC_PCMU] = "PCMU", [RILL_CODEC_PCMA] = "PCMA"};
    return rill_view_of(names[codec]);
}

static struct rill_view codec_of(const struct rill_peer_line *l, struct rill_view packet)
{
    uint8_t pt = packet.n > 1 ? packet.p[1] & 0x7f : 0, media;
    if (!l)
        return rill_peer_codec_name(RILL_CODEC_NONE);
    const struct rill_sdp_agreed *a = &l->agreed;
    if (rill_peer_route_repairs(a, pt, &media))
        return rill_view_of("rtx");
    if (a->red_pt && pt == a->red_pt)
        return rill_view_of("red");
    if (a->noise_pt && pt == a->noise_pt)
        return rill_view_of("CN");
    if (rill_peer_route_events(a, pt))
        return rill_view_of("telephone-event");
    return rill_peer_codec_name(rill_peer_route_codec(a, pt));
}

void rill_peer_trace_rtp_received(const struct rill_peer *x, int64_t now,
                                  const struct rill_peer_line *l, struct rill_view packet)
{
    RILL_TRACE(x->config.trace, now, rtp_received, {.u = x->packets},
               {.view = l ? l->agreed.mid : rill_view_of("")}, {.view = codec_of(l, packet)},
               {.view = packet});
}

void rill_peer_trace_rtp_sent(const struct rill_peer *x, int64_t now,
                              const struct rill_peer_line *l, struct rill_view packet)
{
    RILL_TRACE(x->config.trace, now, rtp_sent, {.u = x->packets + 1}, {.view = l->agreed.mid},
               {.view = codec_of(l, packet)}, {.view = packet});
}

void rill_peer_trace_rtcp_received(const struct rill_peer *x, int64_t now, struct rill_view packet)
{
    RILL_TRACE(x->config.trace, now, rtcp_received, {.u = x->packets}, {.view = packet});
}

void rill_peer_trace_rtcp_sent(const struct rill_peer *x, int64_t now, struct rill_view packet)
{
    RILL_TRACE(x->config.trace, now, rtcp_sent, {.u = x->packets + 1}, {.view = packet});
}

/* --- what is said ------------------------------------------------------------------------- */

void rill_peer_trace_interface(const struct rill_peer *x, int64_t now, const struct rill_addr *addr,
                               bool up)
{
    RILL_TRACE(x->config.trace, now, interface, {.addr = addr},
               {.view = rill_view_of(up ? "up" : "down")});
}

void rill_peer_trace_candidate(const struct rill_peer *x, int64_t now, bool local,
                               struct rill_view mid, struct rill_view ufrag, struct rill_view text)
{
    RILL_TRACE(x->config.trace, now, *(local ? &gathered : &added), {.view = mid}, {.view = ufrag},
               {.view = text});
}

void rill_peer_trace_frame(const struct rill_peer *x, const struct rill_peer_line *l,
                           const struct rill_peer_receiver *in, const struct rill_frame *f)
{
    RILL_TRACE(x->config.trace, x->now, frame, {.view = l->agreed.mid},
               {.view = rill_view_of(in->rid)}, {.view = rill_peer_codec_name(l->agreed.codec)},
               {.u = f->rtp_time}, {.u = f->keyframe}, {.u = f->bytes.n});
}

static void tell_dropped(const struct rill_peer *x, const struct rill_peer_line *l,
                         struct rill_peer_receiver *in, uint64_t all)
{
    static const char *const whys[] = {
        [RILL_RTP_JITTER_OVERDUE] = "a packet of it did not come in time",
        [RILL_RTP_JITTER_NEEDS_KEY] = "it builds on a frame that is not there",
        [RILL_RTP_JITTER_TOO_LONG] = "it is too large",
        [RILL_RTP_JITTER_CROWDED] = "its place was needed for what came behind it",
        [RILL_RTP_JITTER_BEGUN_ANEW] = "the stream began anew with other numbers"};
    struct rill_rtp_jitter_dropped each[RILL_RTP_JITTER_DROPPED];
    struct rill_view mid = l->agreed.mid, rid = rill_view_of(in->rid);
    size_t n = rill_rtp_jitter_dropped(in->jitter, each);
    for (size_t i = 0; i < n; i++)
        RILL_TRACE(x->config.trace, x->now, frame_dropped, {.view = mid}, {.view = rid},
                   {.u = each[i].rtp_time}, {.view = rill_view_of(whys[each[i].why])});
    if (all - in->dropped_told > n)
        RILL_TRACE(x->config.trace, x->now, frames_dropped, {.view = mid}, {.view = rid},
                   {.u = all - in->dropped_told - n});
    in->dropped_told = all;
}

/* An eighth of it, or 5 ms: less is none. */
static bool is_change(int64_t from, int64_t to)
{
    int64_t step = from / 8 > 5 * RILL_MS ? from / 8 : 5 * RILL_MS;
    return from - to >= step || to - from >= step || (from && !to);
}

void rill_peer_trace_jitter(const struct rill_peer *x, const struct rill_peer_line *l,
                            struct rill_peer_receiver *in)
{
    struct rill_rtp_jitter_stats stats;
    if (!x->config.trace || !in->started)
        return;
    rill_rtp_jitter_stats(in->jitter, &stats);
    if (stats.frames_dropped != in->dropped_told)
        tell_dropped(x, l, in, stats.frames_dropped);
    if (!is_change(in->wait_told, stats.wait) && !is_change(in->least_told, stats.least))
        return;
    RILL_TRACE(x->config.trace, x->now, jitter_target, {.view = l->agreed.mid},
               {.view = rill_view_of(in->rid)}, {.i = stats.wait}, {.i = stats.least});
    in->wait_told = stats.wait;
    in->least_told = stats.least;
}
