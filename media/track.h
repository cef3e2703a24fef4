/* media/track: a MediaStreamTrack (W3C Media Capture and Streams §4.3): what a source gives, as
 * its constraints want it.
 *
 * The idea: a track takes from its source, crops, scales and thins out to its settings, and
 * gives something in any case: while it is disabled, muted or ended, a black picture a second,
 * or silence. Clones share one source; each has settings and switches of its own. A track and
 * its clones belong to one thread. */
#ifndef RILL_MEDIA_TRACK_H
#define RILL_MEDIA_TRACK_H

#include "capture/source.h"
#include "media/errors.h"

struct rill_track;

/* Errors: RILL_MEDIA_NO_SOURCE when there is no name or no memory, else a row of capture. */
int rill_track_open(const struct rill_source_config *config, struct rill_track **out,
                    struct rill_err *why);
/* NULL when memory is out. */
struct rill_track *rill_track_clone(struct rill_track *t);
void rill_track_free(struct rill_track *t);

enum rill_kind rill_track_kind(const struct rill_track *t);
/* True: rill_track_frame() gives encoded frames, as long as the track is not blank. */
bool rill_track_is_encoded(const struct rill_track *t);
/* Of those frames; RILL_CODEC_NONE of pictures and samples. */
enum rill_codec_id rill_track_codec(const struct rill_track *t);
const char *rill_track_label(const struct rill_track *t);
const struct rill_settings *rill_track_settings(const struct rill_track *t);
/* Among what can be had of the running source. Errors leave the settings as they were:
 * RILL_CAPTURE_OVERCONSTRAINED_*. */
int rill_track_apply_constraints(struct rill_track *t, const struct rill_constraints *constraints,
                                 struct rill_err *why);
void rill_track_set_enabled(struct rill_track *t, bool enabled);
/* For good. The source goes when no other track uses it. */
void rill_track_stop(struct rill_track *t);

struct rill_track_state {
    bool enabled;
    bool muted;          /* the source gives nothing for the time being */
    bool ended;          /* stopped, the device lost, or a file's end */
    struct rill_err why; /* ended: no row when stopped or at a file's end */
};
struct rill_track_state rill_track_state(const struct rill_track *t);
/* Black pictures or silence are what it gives now. */
bool rill_track_is_blank(const struct rill_track *t);

/* As of capture/source.h. After a file's end nothing more is due. */
void rill_track_start(struct rill_track *t, int64_t now);
int64_t rill_track_deadline(const struct rill_track *t);
size_t rill_track_descriptors(const struct rill_track *t,
                              struct rill_source_fd out[RILL_SOURCE_FDS_MAX]);
void rill_track_polled(struct rill_track *t, const struct rill_source_fd *fds, size_t n);
bool rill_track_image(struct rill_track *t, int64_t now, struct rill_image *out);
bool rill_track_pcm(struct rill_track *t, int64_t now, struct rill_pcm *out);
bool rill_track_frame(struct rill_track *t, int64_t now, struct rill_frame *out);
/* Of the source, and what a clone was too late for. */
uint64_t rill_track_dropped(const struct rill_track *t);

#endif
