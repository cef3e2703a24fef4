/* call_encodings: simulcast as the command line has it: W3C's sendEncodings and setParameters.
 *
 *   3                                                     three, each half of the one before it
 *   rid=h,maxBitrate=900k;rid=m,scaleResolutionDownBy=2   the most wanted first
 */
#ifndef RILL_APPS_CALL_ENCODINGS_H
#define RILL_APPS_CALL_ENCODINGS_H

#include "peer/peer.h"

struct call_encoding {
    char rid[17];
    bool has_active, active;
    bool has_bitrate, has_scale;
    uint64_t max_bitrate;
    double scale;
};

struct call_encodings {
    struct call_encoding list[RILL_PEER_ENCODINGS_MAX];
    size_t n; /* 0: none */
};

/* NULL, or what is wrong with it. */
const char *call_encodings_read(const char *text, struct call_encodings *out);
/* One of them, as --at changes it. */
const char *call_encoding_read(struct rill_view text, struct call_encoding *out);
/* As addTransceiver takes them; returns how many. The rids are the list's. */
size_t call_encodings_list(const struct call_encodings *e,
                           struct rill_peer_encoding out[RILL_PEER_ENCODINGS_MAX]);
/* "800k", "1.5M" or bits, as ffmpeg writes them; between 6k and 100M. */
bool call_bitrate_read(struct rill_view v, uint32_t *out);

#endif
