/* capture/options: "NAME:key=value:key=value" taken apart.
 *
 * The idea: only what looks like key=value at the end is an option, so that a path may
 * contain colons. */
#ifndef RILL_CAPTURE_OPTIONS_H
#define RILL_CAPTURE_OPTIONS_H

#include "capture/errors.h"

struct rill_source_options {
    struct rill_view name;
    uint32_t width, height;
    uint32_t rate_numerator, rate_denominator;
    uint32_t frequency_hz, channels, volume;
    bool loop;
};

/* Which keys a source takes. */
enum rill_option_set {
    RILL_OPTIONS_TESTSRC, /* size=WxH, rate=N or N/D */
    RILL_OPTIONS_SINE,    /* frequency=HZ, channels=1 or 2, volume=PERCENT */
    RILL_OPTIONS_FILE,    /* loop=0 or 1 */
};

/* The part of text before the options. */
struct rill_view rill_options_name(struct rill_view text);
/* Defaults, then what the options say. Views point into text. Errors:
 * RILL_CAPTURE_OPTION with the option's offset in text. */
int rill_options_read(struct rill_view text, enum rill_option_set set,
                      struct rill_source_options *out, struct rill_err *why);

#endif
