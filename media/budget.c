#include "media/budget.h"

/* RTP, its extensions and SRTP's tag, at 50 packets of sound a second; of pictures 1/32. */
#define SOUND_OVERHEAD_BPS (50 * 40 * 8)
#define PICTURES_OVERHEAD 32
#define SOUND_LEAST_BPS 16000
#define PICTURES_LEAST_BPS 20000
/* Sound takes no more than this part of a target on which pictures wait, 1/2. */
#define SOUND_PART 2

static uint64_t within(uint64_t bps, uint64_t least, uint64_t most)
{
    bps = bps > least ? bps : least;
    return bps < most ? bps : most;
}

static uint64_t share_sound(uint64_t target_bps, struct rill_budget_track *tracks, size_t n)
{
    size_t sounds = 0;
    uint64_t taken = 0;
    bool pictures = false;
    for (size_t i = 0; i < n; i++) {
        sounds += tracks[i].sound;
        pictures = pictures || !tracks[i].sound;
    }
    for (size_t i = 0; i < n; i++) {
        if (!tracks[i].sound)
            continue;
        uint64_t part = (pictures ? target_bps / SOUND_PART : target_bps) / sounds;
        uint64_t payload = part > SOUND_OVERHEAD_BPS ? part - SOUND_OVERHEAD_BPS : 0;
        tracks[i].gets_bps = within(payload, SOUND_LEAST_BPS, tracks[i].wants_bps);
        taken += tracks[i].gets_bps + SOUND_OVERHEAD_BPS;
    }
    return taken;
}

void rill_budget_share(uint64_t target_bps, struct rill_budget_track *tracks, size_t n)
{
    uint64_t taken = share_sound(target_bps, tracks, n);
    uint64_t left = target_bps > taken ? target_bps - taken : 0;
    size_t pictures = 0;
    left -= left / PICTURES_OVERHEAD;
    for (size_t i = 0; i < n; i++)
        pictures += !tracks[i].sound;
    for (size_t i = 0; i < n; i++)
        if (!tracks[i].sound)
            tracks[i].gets_bps = within(left / pictures, PICTURES_LEAST_BPS, tracks[i].wants_bps);
}

uint64_t rill_budget_most(const struct rill_budget_track *tracks, size_t n)
{
    uint64_t bps = 0;
    for (size_t i = 0; i < n; i++)
        bps += tracks[i].wants_bps +
               (tracks[i].sound ? SOUND_OVERHEAD_BPS : tracks[i].wants_bps / PICTURES_OVERHEAD);
    return bps;
}
