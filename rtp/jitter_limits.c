/* jitter_limits: how long after its capture a picture is handed out (playout delay: no sooner than
 * the least, and at the most what is missing is waited for no longer).
 *
 * The idea: nobody knows when a picture was captured, but the one that came fastest was captured at
 * least so long ago; the others by their RTP times from it. */
#include "base/seq.h"
#include "rtp/jitter_private.h"

/* Packets that overtake each other are waited for in any case. */
#define WAIT_LEAST (30 * RILL_MS)

void rill_rtp_jitter_limit(struct rill_rtp_jitter *j, int64_t min, int64_t max)
{
    if (!rill_rtp_jitter_is_video(j))
        return;
    j->delay_least = min;
    j->delay_most = max > WAIT_LEAST ? max : WAIT_LEAST;
    rill_rtp_jitter_set_wait(j, j->config.wait);
}

int64_t rill_rtp_jitter_limited_wait(const struct rill_rtp_jitter *j, int64_t wait)
{
    return j->delay_most && j->delay_most < wait ? j->delay_most : wait;
}

static int64_t expected(const struct rill_rtp_jitter *j, uint32_t timestamp)
{
    int64_t ticks = rill_seq32_diff(timestamp, j->fastest_timestamp);
    return j->fastest + ticks * RILL_SECOND / rill_codec_clock_hz(j->config.codec);
}

/* The anchor moves along, so that times never wrap. */
void rill_rtp_jitter_note_arrival(struct rill_rtp_jitter *j, int64_t now, uint32_t timestamp)
{
    int64_t at = j->has_fastest ? expected(j, timestamp) : now;
    bool jumped = at - now > 10 * RILL_SECOND || now - at > 60 * RILL_SECOND;
    j->fastest = now < at || jumped ? now : at;
    j->fastest_timestamp = timestamp;
    j->has_fastest = true;
}

/* When the picture with this time may be handed out. */
int64_t rill_rtp_jitter_playout(const struct rill_rtp_jitter *j, uint32_t timestamp)
{
    return j->delay_least > 0 ? expected(j, timestamp) + j->delay_least : INT64_MIN;
}
