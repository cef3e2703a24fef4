/* call_change: what is to change in mid-call, as `--at SECONDS:CHANGE` and a line of standard input
 * (--changes) say it, in the W3C's words.
 *
 *   TRACK:WHAT[=ARGUMENT]   of a track, counted from 0 in the order of -i
 *   WHAT                    of the whole call
 */
#ifndef RILL_APPS_CALL_CHANGE_H
#define RILL_APPS_CALL_CHANGE_H

#include "apps/call_encodings.h"
#include "media/worker.h"
#include "sdp/sdp.h"

#define CALL_TRACKS 8

enum call_change_type {
    CALL_CHANGE_SOURCE,           /* of what is captured: .command */
    CALL_CHANGE_PARAMETERS,       /* setParameters: .parameters, of the encoding with its rid */
    CALL_CHANGE_ADD,              /* addTrack */
    CALL_CHANGE_REMOVE,           /* removeTrack */
    CALL_CHANGE_DIRECTION,        /* transceiver.direction = .direction */
    CALL_CHANGE_STOP_TRANSCEIVER, /* transceiver.stop() */
    CALL_CHANGE_PREFER,           /* setCodecPreferences([.codec]), and an offer that says so */
    CALL_CHANGE_DTMF,             /* insertDTMF: .dtmf */
    CALL_CHANGE_RESTART,          /* restartIce() */
    CALL_CHANGE_ROLLBACK,         /* an offer is set, and taken back */
    CALL_CHANGE_STATS,            /* the figures so far */
};

/* "TONES[/DURATION[/GAP]]" as insertDTMF takes them; 0: its defaults. */
struct call_dtmf {
    char tones[64];
    int64_t duration, gap;
};
/* NULL, or what is wrong with it. */
const char *call_dtmf_read(struct rill_view text, struct call_dtmf *out);

struct call_change {
    enum call_change_type type;
    size_t track;
    struct rill_worker_command command;
    struct call_encoding parameters;
    enum rill_sdp_direction direction;
    enum rill_codec_id codec;
    struct call_dtmf dtmf;
};

/* NULL, or what is wrong with it. */
const char *call_change_read(struct rill_view text, struct call_change *out);
bool call_change_is_of_track(const struct call_change *change);
/* It takes an offer of ours. */
bool call_change_negotiates(const struct call_change *change);

#endif
