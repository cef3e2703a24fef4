/* media/replay: recorded RTP packets become frames and pictures again, as a receiver would have
 * made them.
 *
 * The idea: a recording has no description, so a first reading counts what each SSRC's payloads
 * prove to be: a key frame of VP8 or VP9 has its start code, H.264 and AV1 begin with a header of
 * their own, Opus packets say how far the RTP time goes until the next. A second reading, one of
 * each stream, puts frames together and decodes them. What is protected by SRTP proves nothing.
 */
#ifndef RILL_MEDIA_REPLAY_H
#define RILL_MEDIA_REPLAY_H

#include "base/frame.h"
#include "rtp/packet_file.h"

/* Packets of more SSRCs are counted, and no more. */
#define RILL_REPLAY_STREAMS_MAX 16

struct rill_replay_stream {
    uint32_t ssrc;
    uint8_t pt;               /* of what was proved, else the first */
    enum rill_codec_id codec; /* NONE: nothing was proved */
    uint64_t packets;
    uint64_t frames, keyframes, frames_dropped;
    uint64_t decoded, errors;
    bool undecoded; /* there is no decoder for the codec */
    uint32_t width, height;
};

struct rill_replay {
    uint64_t packets; /* UDP datagrams */
    uint64_t rtp_ok, rtcp, other;
    uint64_t twins;  /* RTP and RTCP as it was protected, which the file has in clear too */
    uint64_t passed; /* records without a whole UDP datagram */
    bool cut;        /* the file's last record is not whole */
    bool over;       /* the time was over before all was decoded */
    struct rill_replay_stream streams[RILL_REPLAY_STREAMS_MAX];
    size_t n_streams;
};

/* now: monotonic µs; nothing new is begun when it has come to `until`. Errors: those of
 * rill_packet_file_open(). */
int rill_replay(struct rill_view file, int64_t (*now)(void), int64_t until, struct rill_replay *out,
                struct rill_err *why);

#endif
