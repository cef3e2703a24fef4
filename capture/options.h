/* capture/options: "NAME:key=value:key=value,key=value" taken apart.
 *
 * The idea: only what looks like key=value at the end is an option, so that a path may
 * contain colons. Keys that name a constraint are one, whatever the source. */
#ifndef RILL_CAPTURE_OPTIONS_H
#define RILL_CAPTURE_OPTIONS_H

#include "capture/constraints.h"

#define RILL_SOURCE_CONTROLS_MAX 8

struct rill_crop {
    uint32_t x, y, width, height; /* width 0: none */
};

struct rill_source_options {
    struct rill_view name;
    uint32_t width, height;                    /* size=WxH; 0: not said */
    uint32_t rate_numerator, rate_denominator; /* rate=N or N/D; 0: not said */
    uint32_t frequency_hz, channels, volume;
    bool loop;
    uint32_t window; /* 0: the screen */
    bool cursor;
    struct rill_crop crop;
    struct rill_source_control {
        struct rill_view name;
        int64_t value;
    } controls[RILL_SOURCE_CONTROLS_MAX];
    size_t n_controls;
    struct rill_constraints constraints;
};

/* Which keys a source takes. Besides them each takes constraints, and of pictures all take
 * size=WxH and rate=N or N/D, as constraints that are exact where the source has none of its
 * own. */
enum rill_option_set {
    RILL_OPTIONS_TESTSRC,
    RILL_OPTIONS_SINE,       /* frequency=HZ, channels=1 or 2, volume=PERCENT */
    RILL_OPTIONS_FILE,       /* loop=0 or 1 */
    RILL_OPTIONS_RAW_VIDEO,  /* loop=0 or 1; rate is its own */
    RILL_OPTIONS_SOUND_FILE, /* loop=0 or 1 */
    RILL_OPTIONS_CAMERA,     /* crop=WxH+X+Y, control.NAME=VALUE */
    RILL_OPTIONS_SCREEN,     /* window=ID, cursor=0 or 1 */
    RILL_OPTIONS_MICROPHONE,
};

/* The part of text before the options. */
struct rill_view rill_options_name(struct rill_view text);
/* Defaults, then what the options say. Views point into text. Errors: RILL_CAPTURE_OPTION or
 * _CONSTRAINT with the option's offset in text. */
int rill_options_read(struct rill_view text, enum rill_option_set set,
                      struct rill_source_options *out, struct rill_err *why);

/* Decimal digits between two bounds. */
bool rill_options_number(struct rill_view value, uint64_t min, uint64_t max, uint32_t *out);

#endif
