/* shapes: the largest descriptions there are, each a dear one of its kind, and all that rill does
 * with a description. */
#ifndef RILL_SDP_SHAPES_H
#define RILL_SDP_SHAPES_H

#include "sdp/caps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHAPES_HEAD "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nt=0 0\n"
#define SHAPES_TRANSPORT                                                                           \
    "a=ice-ufrag:abcd\na=ice-pwd:0123456789abcdefghijkl\na=fingerprint:sha-256 "                   \
    "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:"   \
    "1E:1F\na=setup:actpass\na=rtcp-mux\n"
#define SHAPES_VIDEO                                                                               \
    SHAPES_HEAD "a=group:BUNDLE 0\nm=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:0\n" SHAPES_TRANSPORT     \
                "a=rtpmap:96 VP8/90000\n"

/* opening, unit times n (% is a running number), closing. */
struct shape {
    const char *name, *opening, *unit, *closing;
    size_t n; /* at the most */
};

static const struct shape shapes[] = {
    {"1,000 candidates", SHAPES_VIDEO, "a=candidate:% 1 udp 2113937151 192.0.2.1 9 typ host\n", "",
     1000},
    {"64 m-lines", SHAPES_HEAD "a=group:BUNDLE 0 63\n",
     "m=video 9 UDP/TLS/RTP/SAVPF 96 97\na=mid:%\n" SHAPES_TRANSPORT
     "a=rtpmap:96 VP8/90000\na=rtpmap:97 rtx/90000\na=fmtp:97 apt=96\na=extmap:4 "
     "urn:ietf:params:rtp-hdrext:sdes:mid\n",
     "", 64},
    {"32 KiB of a group", SHAPES_HEAD "a=group:BUNDLE 0", " 0",
     "\nm=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:0\n" SHAPES_TRANSPORT "a=rtpmap:96 VP8/90000\n",
     16000},
    {"32 KiB of formats", SHAPES_HEAD "m=video 9 UDP/TLS/RTP/SAVPF 96", " 97",
     "\na=mid:0\n" SHAPES_TRANSPORT "a=rtpmap:96 VP8/90000\n", 10800},
    {"32 KiB of fmtp", SHAPES_VIDEO "a=rtpmap:97 rtx/90000\na=fmtp:97 a=1", ";b=2", "\n", 8000},
    {"32 KiB of simulcast", SHAPES_VIDEO "a=rid:a send\na=simulcast:send a", ";a", "\n", 16000},
    {"64 KiB of sources", SHAPES_VIDEO, "a=ssrc:% cname:c\n", "", 2800},
    {"64 KiB of rids", SHAPES_VIDEO, "a=rid:% send\n", "", 3600},
    {"64 KiB of extensions", SHAPES_VIDEO, "a=extmap:4096 urn:%\n", "", 2800},
    {"64 KiB of feedback", SHAPES_VIDEO, "a=rtcp-fb:* x%\n", "", 3600},
    {"64 KiB of what is unknown", SHAPES_VIDEO, "a=x:%\n", "", 6400},
    {"64 KiB of what is malformed", SHAPES_VIDEO, "a=setup:%\n", "", 4400},
};
#define N_SHAPES (sizeof shapes / sizeof shapes[0])

/* The text of a shape with n units; returns its length, 0 when it does not fit. */
static inline size_t shape_text(const struct shape *s, size_t n, char *out, size_t cap)
{
    size_t at = (size_t)snprintf(out, cap, "%s", s->opening);
    for (size_t i = 0; i < n && at < cap; i++)
        for (const char *c = s->unit; *c && at + 12 < cap; c++) {
            if (*c == '%')
                at += (size_t)snprintf(out + at, cap - at, "%zu", i);
            else
                out[at++] = *c;
        }
    at += (size_t)snprintf(out + at, at < cap ? cap - at : 0, "%s", s->closing);
    return at < cap ? at : 0;
}

/* Parsed, verified, linted, answered, compared and written: 0, or the first row that refuses. */
static inline int shape_all(struct rill_view text, void *block, size_t block_bytes)
{
    static struct rill_sdp_finding found[64];
    static uint8_t written[RILL_SDP_TEXT_MAX];
    static const uint8_t digest[32];
    struct rill_arena arena = rill_arena_over(block, block_bytes);
    struct rill_arena scratch = arena;
    const struct rill_sdp *offer, *answer;
    const struct rill_sdp_transport transport = {
        .ufrag = rill_view_of("rill"),
        .pwd = rill_view_of("abcdefghijklmnopqrstuvwx"),
    };
    struct rill_sdp_local local = {
        .session_id = 1,
        .transports = &transport,
        .n_transports = 1,
        .fingerprint = rill_view_at(digest, sizeof digest),
        .cname = rill_view_of("cname"),
        .caps = rill_sdp_default_caps(),
    };
    (void)rill_sdp_lint(text, &scratch, found, 64);
    int rc = rill_sdp_parse(text, &arena, &offer, NULL);
    if (rc == 0)
        rc = rill_sdp_verify(offer, NULL);
    if (rc == 0)
        rc = rill_sdp_create_answer(offer, &local, &arena, &answer, NULL);
    if (rc < 0)
        return rc;
    (void)rill_sdp_compare(offer, answer, found, 64);
    (void)rill_sdp_compare(offer, offer, found, 64);
    struct rill_writer w = rill_writer_of((struct rill_span){written, sizeof written});
    rill_sdp_write(&w, answer);
    return 0;
}

#endif
