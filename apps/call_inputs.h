/* call_inputs: what is sent: each -i, the options before it, and what happens to it later.
 *
 * The idea: as with ffmpeg, -s, -r, -loop, -b:v, -b:a, -c:v and -sendEncodings
 * belong to the next -i. */
#ifndef RILL_APPS_CALL_INPUTS_H
#define RILL_APPS_CALL_INPUTS_H

#include "apps/call_change.h"
#include "apps/call_codecs.h"

#define CALL_ACTIONS 32
#define CALL_SOURCE_MAX 512

struct call_input {
    char source[CALL_SOURCE_MAX]; /* as rill_source_open() takes it */
    int clone;                    /* ≥ 0: a clone of that track */
    uint32_t video_bps, audio_bps;
    enum rill_codec_id codec; /* -c; RILL_CODEC_NONE: none said */
    struct call_encodings encodings;
};

/* --at SECONDS:CHANGE */
struct call_action {
    int64_t after;    /* the start of media, µs */
    const char *text; /* the change as it was said */
    struct call_change change;
};

struct call_inputs {
    struct call_input list[CALL_TRACKS];
    size_t n;
    struct call_action actions[CALL_ACTIONS];
    size_t n_actions;
    /* Said already, for the next -i. */
    const char *size, *rate, *loop, *codec;
    uint32_t video_bps, audio_bps;
    struct call_encodings encodings;
};

enum call_input_option {
    CALL_INPUT = 'i',
    CALL_INPUT_SIZE = 's',
    CALL_INPUT_RATE = 'r',
    CALL_INPUT_LOOP = 1024,
    CALL_INPUT_REALTIME,
    CALL_INPUT_VIDEO_BITRATE,
    CALL_INPUT_AUDIO_BITRATE,
    CALL_INPUT_VIDEO_CODEC,
    CALL_INPUT_AUDIO_CODEC,
    CALL_INPUT_ENCODINGS,
    CALL_INPUT_AT,
};

/* NULL, or what is wrong with it. */
const char *call_input_option(struct call_inputs *in, int option, const char *value);
/* After the last option: NULL, or what is wrong with the whole. */
const char *call_inputs_check(const struct call_inputs *in);
/* The first change of its transceiver adds it: until then it is not in the call. */
bool call_input_is_added_later(const struct call_inputs *in, size_t number);
/* Some change takes an offer of ours. */
bool call_inputs_negotiate(const struct call_inputs *in);

#endif
