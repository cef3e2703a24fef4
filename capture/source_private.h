/* capture/source_private: what every source has, for the files that make one.
 *
 * The idea: source.c answers for all of them from the few facts here, and calls the kind's own
 * functions for the rest. source_open.c has the table of names. */
#ifndef RILL_CAPTURE_SOURCE_PRIVATE_H
#define RILL_CAPTURE_SOURCE_PRIVATE_H

#include "capture/options.h"
#include "capture/source.h"

#define RILL_SOURCE_RATE_HZ 48000
#define RILL_SOURCE_BLOCK_FRAMES 960
#define RILL_SOURCE_BLOCK_US (20 * RILL_MS)

/* NULL where a kind has no such thing. */
struct rill_source_ops {
    void (*close)(struct rill_source *s);
    void (*start)(struct rill_source *s, int64_t now);
    int64_t (*deadline)(const struct rill_source *s);
    size_t (*descriptors)(const struct rill_source *s, struct rill_source_fd *out);
    void (*polled)(struct rill_source *s, const struct rill_source_fd *fds, size_t n);
    bool (*image)(struct rill_source *s, int64_t now, struct rill_image *out);
    bool (*pcm)(struct rill_source *s, int64_t now, struct rill_pcm *out);
    bool (*frame)(struct rill_source *s, int64_t now, struct rill_frame *out);
    void (*apply)(struct rill_source *s, const struct rill_settings *settings);
};

struct rill_source {
    const struct rill_source_ops *ops;
    void *own; /* the kind's */
    enum rill_kind kind;
    enum rill_codec_id codec; /* of encoded frames */
    bool encoded, live, started, ended;
    struct rill_err why; /* it ended */
    uint64_t dropped;
    char label[128];
    struct rill_mode mode; /* of pictures: what it was opened with, or can be opened with */
    struct rill_capabilities can;
    struct rill_settings native, settings;
};

/* Fills ops, own, kind and what else it knows. After a failure close() is called when there is
 * an own. */
typedef int rill_source_opener(struct rill_source *s, const struct rill_source_config *config,
                               const struct rill_source_options *options, struct rill_err *why);
rill_source_opener rill_paced_open, rill_v4l2_open, rill_x11_open, rill_alsa_in_open;
/* "video", "audio": the best device of that kind. */
rill_source_opener rill_device_open;
/* By options->name alone: the device that "video" or "audio" chose. */
rill_source_opener rill_source_open_named;

/* SelectSettings over s->can, whose one mode is s->mode, into native and settings. */
int rill_source_select(struct rill_source *s, const struct rill_constraints *constraints,
                       struct rill_err *why);
/* Nothing more will come; code 0 at a file's end. */
void rill_source_end(struct rill_source *s, int code, uint64_t value);

#endif
