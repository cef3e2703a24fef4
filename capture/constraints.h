/* capture/constraints: what a caller wants of a device, and the choice among what there is
 * (W3C Media Capture and Streams §12, "Constrainable Pattern").
 *
 * The idea: what a device can do is a list of modes, each a box of widths, heights and rates.
 * Every point of a box is a candidate; constraints strike candidates out and give each that is
 * left a distance; the nearest is taken. The distance is piecewise straight or concave along
 * each axis, so the nearest point lies on the values that the constraints and the box name:
 * only those are looked at, and none between them is nearer.
 *
 * As text: "width=1280,height.min=720,frameRate.exact=30,facingMode=user;width=1920". A bare
 * value is an ideal one; behind each ';' comes an advanced set, in which it is an exact one. */
#ifndef RILL_CAPTURE_CONSTRAINTS_H
#define RILL_CAPTURE_CONSTRAINTS_H

#include "capture/errors.h"

/* The constrainable properties, under the names the W3C gives them. */
enum rill_property {
    RILL_WIDTH,
    RILL_HEIGHT,
    RILL_FRAME_RATE,
    RILL_ASPECT_RATIO,
    RILL_FACING_MODE,
    RILL_RESIZE_MODE,
    RILL_DEVICE_ID,
    RILL_GROUP_ID,
    RILL_SAMPLE_RATE,
    RILL_CHANNEL_COUNT,
    RILL_ECHO_CANCELLATION,
    RILL_NOISE_SUPPRESSION,
    RILL_AUTO_GAIN_CONTROL,
    RILL_PROPERTIES,
};
/* "width", "frameRate", … */
const char *rill_property_name(enum rill_property p);

enum rill_facing_mode {
    RILL_FACING_UNKNOWN, /* the setting does not exist */
    RILL_FACING_USER,
    RILL_FACING_ENVIRONMENT,
    RILL_FACING_LEFT,
    RILL_FACING_RIGHT,
};
enum rill_resize_mode {
    RILL_RESIZE_NONE,           /* "none": as the device gives it */
    RILL_RESIZE_CROP_AND_SCALE, /* "crop-and-scale": smaller or slower than the device gives it */
};

/* 32 hex digits and a NUL. */
#define RILL_DEVICE_ID_SIZE 33

const char *rill_facing_mode_name(enum rill_facing_mode mode); /* NULL when unknown */
const char *rill_resize_mode_name(enum rill_resize_mode mode);

/* getSettings(). What a kind does not have is 0 or empty. */
struct rill_settings {
    uint32_t width, height;
    uint32_t rate_numerator, rate_denominator; /* frames a second */
    enum rill_facing_mode facing_mode;
    enum rill_resize_mode resize_mode;
    uint32_t sample_rate_hz, channel_count; /* channel_count > 0: these are settings of sound */
    bool echo_cancellation, noise_suppression, auto_gain_control;
    char device_id[RILL_DEVICE_ID_SIZE], group_id[RILL_DEVICE_ID_SIZE];
};

/* One ConstrainULong, ConstrainDouble, ConstrainBoolean or ConstrainDOMString. */
enum {
    RILL_CONSTRAINT_IDEAL = 1,
    RILL_CONSTRAINT_EXACT = 2,
    RILL_CONSTRAINT_MIN = 4,
    RILL_CONSTRAINT_MAX = 8,
};
struct rill_constraint {
    unsigned has;                  /* bits above; 0: none */
    double ideal, exact, min, max; /* flags are 0 or 1, modes their enum's value */
    char ideal_text[RILL_DEVICE_ID_SIZE], exact_text[RILL_DEVICE_ID_SIZE]; /* ids */
};

#define RILL_ADVANCED_MAX 2
struct rill_constraints {
    struct rill_constraint basic[RILL_PROPERTIES];
    struct rill_constraint advanced[RILL_ADVANCED_MAX][RILL_PROPERTIES];
    size_t n_advanced;
};

/* Is "width", "frameRate.min", … the name of a constraint? */
bool rill_constraint_is_name(struct rill_view key);
/* One member of a set. advanced: a bare value is exact. Errors: RILL_CAPTURE_CONSTRAINT. */
int rill_constraint_read(struct rill_constraint *set, struct rill_view key, struct rill_view value,
                         bool advanced, struct rill_err *why);
/* A whole text as above, into *out. Errors: RILL_CAPTURE_CONSTRAINT with the offset. */
int rill_constraints_read(struct rill_view text, struct rill_constraints *out,
                          struct rill_err *why);

/* The distance of settings from one constraint; INFINITY when it is required and not met. */
double rill_constraint_distance(const struct rill_constraint *c, enum rill_property p,
                                const struct rill_settings *s);
/* The sum over one set; INFINITY when one that is required is not met. */
double rill_fitness_distance(const struct rill_constraint set[RILL_PROPERTIES],
                             const struct rill_settings *s);

/* --- the choice ---------------------------------------------------------------------- */

/* step 0 counts as 1. */
struct rill_range {
    uint32_t min, max, step;
};
struct rill_rate {
    uint32_t numerator, denominator;
};

/* A box of sizes and rates that a device gives of itself. */
struct rill_mode {
    uint32_t format; /* the backend's own: of V4L2 the FourCC */
    struct rill_range width, height;
    struct rill_rate slowest, fastest;
};

/* What a source can do. Of sound there are no modes. */
struct rill_capabilities {
    const struct rill_mode *modes;
    size_t n_modes;
    bool resizes; /* pictures come raw, so "crop-and-scale" is possible */
    enum rill_facing_mode facing_mode;
    struct rill_range sample_rate_hz, channel_count; /* channel_count.max > 0: of sound */
    bool processing; /* echo cancellation, noise suppression and gain control can be had */
    char device_id[RILL_DEVICE_ID_SIZE], group_id[RILL_DEVICE_ID_SIZE];
};

struct rill_selection {
    size_t device, mode;           /* their indices */
    struct rill_settings native;   /* what the device is asked for */
    struct rill_settings settings; /* what the track has: native, or cropped and scaled */
    double distance;
};

/* SelectSettings. constraints NULL: none. Among equals the mode whose own settings are nearest,
 * then what is nearest to 640×480 at 30, or 48 kHz, one channel and all processing; then the
 * first. Errors: RILL_CAPTURE_NOT_FOUND when n is 0; a row RILL_CAPTURE_OVERCONSTRAINED_* that
 * names a constraint nothing meets. */
int rill_select_settings(const struct rill_constraints *constraints,
                         const struct rill_capabilities *of, size_t n, struct rill_selection *out,
                         struct rill_err *why);

#endif
