/* capture/source: where media comes from: a test pattern, a tone, or a file, paced in real
 * time by its own timestamps.
 *
 * The idea: a source gives the picture or samples that are due, and says when the next are.
 * Sources: "testsrc" (640×480 at 30, the frame number burnt in), "sine" (440 Hz), FILE.y4m,
 * FILE.ivf (VP8, passed through encoded), FILE.wav. Options follow a colon:
 * "testsrc:size=320x240:rate=30000/1001", "sine:frequency=1000:channels=2:volume=50" (percent),
 * "FILE.wav:loop=0".
 */
#ifndef RILL_CAPTURE_SOURCE_H
#define RILL_CAPTURE_SOURCE_H

#include "base/clock.h"
#include "base/frame.h"
#include "capture/errors.h"

struct rill_source;

/* name as on the command line. Errors: RILL_CAPTURE_* with a sentence (no such file, not what
 * its name says, truncated). The source owns memory and file; free it. */
int rill_source_open(const char *name, struct rill_source **out, struct rill_err *why);
void rill_source_free(struct rill_source *s);

enum rill_kind rill_source_kind(const struct rill_source *s);
/* True: rill_source_frame() gives encoded frames; false: pictures or samples. */
bool rill_source_is_encoded(const struct rill_source *s);
/* Video: size and frames a second as a fraction. Audio: rate and channels in *width, *height. */
void rill_source_format(const struct rill_source *s, uint32_t *width, uint32_t *height,
                        uint32_t *rate_numerator, uint32_t *rate_denominator);

/* Times count from here: item k of a source is due at now + k × its interval, exactly. */
void rill_source_start(struct rill_source *s, int64_t now);
/* When the next picture, block of 20 ms or frame is due; RILL_NEVER after a file's end (files
 * loop unless named "FILE:loop=0") and before the start. */
int64_t rill_source_deadline(const struct rill_source *s);
/* Each gives what is due at now, or false. Pixels, samples and bytes live until the next call.
 * The time of each is when it was due. A caller that comes late by more than four pictures
 * gets the newest one that is due, and the others are counted as dropped; of encoded frames
 * the newest key frame, or, when none is due, the clock is set back, since the frames build on
 * each other. Sound is never dropped: it comes block after block until it has caught up. */
bool rill_source_image(struct rill_source *s, int64_t now, struct rill_image *out);
/* Always 48 kHz, 960 frames a block, 1 or 2 channels (files are resampled). */
bool rill_source_pcm(struct rill_source *s, int64_t now, struct rill_pcm *out);
bool rill_source_frame(struct rill_source *s, int64_t now, struct rill_frame *out);

uint64_t rill_source_dropped(const struct rill_source *s);

/* The frame number that the test pattern burns in, read back from decoded pixels; -1 when
 * there is none to read. */
int32_t rill_testsrc_read_number(const struct rill_image *image);

#endif
