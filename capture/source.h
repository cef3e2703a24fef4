/* capture/source: where media comes from: devices, the screen, a test pattern, a tone, or a
 * file, paced by its own timestamps.
 *
 * The idea: a source gives the picture or samples that are due, and says when the next are, or
 * which descriptors to wait for. It never blocks. A device that is lost ends its source.
 *
 *   "testsrc"        640×480 at 30, the frame number burnt in
 *   "sine"           440 Hz; frequency=HZ, channels=1|2, volume=PERCENT
 *   "video"          the camera that meets the constraints best
 *   "audio"          the microphone that meets the constraints best; alsa:NAME that one
 *   "/dev/video0"    that camera; crop=WxH+X+Y, control.NAME=VALUE
 *   "x11:0+10,20"    the screen of X server :0 from there on; size=WxH, window=ID, cursor=0|1
 *   FILE.h264        H.264 in Annex B, passed through encoded; rate=N [25]
 *   FILE.y4m         pictures; FILE.ivf VP8, VP9 or AV1, passed through encoded; FILE.wav,
 * FILE.opus; loop=0|1
 *
 * Options follow a colon and are parted by colons or commas. Every source of pictures takes
 * size=WxH and rate=N or N/D, and every source the constraints of capture/constraints.h:
 * "testsrc:size=320x240:rate=30000/1001", "video:width=1280,height=720,frameRate.min=25". */
#ifndef RILL_CAPTURE_SOURCE_H
#define RILL_CAPTURE_SOURCE_H

#include "base/clock.h"
#include "base/frame.h"
#include "capture/constraints.h"

struct rill_source;
struct rill_echo;
struct rill_v4l2_port;

struct rill_source_config {
    const char *name;       /* as on the command line */
    struct rill_echo *echo; /* what the speakers play, for echoCancellation; NULL for nothing.
                             * Outlives the source. */
    const struct rill_v4l2_port *v4l2; /* NULL: the kernel's. Outlives the source. */
};

/* Errors: RILL_CAPTURE_* with a sentence (no such file, not what its name says, truncated; no
 * device, no permission, busy, overconstrained). The source owns memory, file and device; free
 * it. A device is opened and set here, and runs from the start on. */
int rill_source_open(const struct rill_source_config *config, struct rill_source **out,
                     struct rill_err *why);
void rill_source_free(struct rill_source *s);

enum rill_kind rill_source_kind(const struct rill_source *s);
/* True: rill_source_frame() gives encoded frames; false: pictures or samples. */
bool rill_source_is_encoded(const struct rill_source *s);
/* Of those frames; RILL_CODEC_NONE of pictures and samples. */
enum rill_codec_id rill_source_codec(const struct rill_source *s);
/* A device, that may fall silent; else it runs by the clock alone. */
bool rill_source_is_live(const struct rill_source *s);
/* Of pictures as they come: not cropped nor scaled yet. Sound always comes at 48 kHz. */
const struct rill_settings *rill_source_native(const struct rill_source *s);
/* What the constraints chose: the caller crops, scales and thins out to this. */
const struct rill_settings *rill_source_settings(const struct rill_source *s);
/* applyConstraints chose these from its capabilities: a microphone's processing follows. */
void rill_source_apply(struct rill_source *s, const struct rill_settings *settings);
/* For SelectSettings when constraints are applied later: what can be had from the running
 * source. Views live as long as the source. */
struct rill_capabilities rill_source_capabilities(const struct rill_source *s);
/* "Integrated Camera", the file's name, … */
const char *rill_source_label(const struct rill_source *s);

/* Times count from here: item k of a paced source is due at now + k × its interval, exactly.
 * A device begins to stream. */
void rill_source_start(struct rill_source *s, int64_t now);
/* When the next picture, block of 20 ms or frame is due; RILL_NEVER after a file's end (files
 * loop unless named "FILE:loop=0"), before the start, and of sources that only a descriptor
 * wakes. */
int64_t rill_source_deadline(const struct rill_source *s);

/* events, revents: poll()'s bits. */
struct rill_source_fd {
    int fd;
    short events, revents;
};
#define RILL_SOURCE_FDS_MAX 8
/* What to wait for besides the deadline; how many. Ask anew before each wait. */
size_t rill_source_descriptors(const struct rill_source *s,
                               struct rill_source_fd out[RILL_SOURCE_FDS_MAX]);
/* What poll() found on them; only then ask for pictures or samples. */
void rill_source_polled(struct rill_source *s, const struct rill_source_fd *fds, size_t n);

/* Each gives what is due at now, or false. Pixels, samples and bytes live until the next call.
 * The time of each is when it was due, or when the device captured it. A caller that comes late
 * by more than four pictures gets the newest one that is due, and the others are counted as
 * dropped; of encoded frames the newest key frame, or, when none is due, the clock is set back,
 * since the frames build on each other. Sound is never dropped: it comes block after block
 * until it has caught up. */
bool rill_source_image(struct rill_source *s, int64_t now, struct rill_image *out);
/* Always 48 kHz, 960 frames a block, 1 or 2 channels (files are resampled). */
bool rill_source_pcm(struct rill_source *s, int64_t now, struct rill_pcm *out);
bool rill_source_frame(struct rill_source *s, int64_t now, struct rill_frame *out);

/* Nothing more will come. *why (may be NULL): the row says why, e.g. RILL_CAPTURE_DEVICE_LOST;
 * no row at a file's end. */
bool rill_source_ended(const struct rill_source *s, struct rill_err *why);
/* By late callers, and by the device: its gaps, and pictures that were damaged. */
uint64_t rill_source_dropped(const struct rill_source *s);

/* The frame number that the test pattern burns in, read back from decoded pixels; -1 when
 * there is none to read. */
int32_t rill_testsrc_read_number(const struct rill_image *image);

#endif
