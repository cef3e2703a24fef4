#include "rtp/bwe_seek.h"

#define FIRST 3
#define SECOND 6
#define BEGINS 3
#define BEGIN_AFTER (RILL_SECOND / 2)
/* A little above what the app could use, so that it may use it. */
#define HEADROOM_PERCENT 110
/* No cluster asks for less more than this. */
#define WORTH_PERCENT 110
/* Less than this part of the target is little, in percent. */
#define LITTLE_PERCENT 75
#define WINDOW (RILL_SECOND / 2)
#define EVERY (5 * RILL_SECOND)
/* A fall is by a third; a peak is of late for so long. */
#define PEAK_LASTS (5 * RILL_SECOND)
/* The first try to have back what there was, the next after twice that time, and so on. */
#define TRY_AFTER (3 * RILL_SECOND / 2)
#define TRIES 5
/* It asks for so many times the target at most; less above it than this is not worth it; answers
 * come within a second, and a fall so soon behind one shows that it was not so. */
#define TRY_TIMES 3
#define TRY_WORTH_PERCENT 105
#define TRY_LASTS RILL_SECOND
#define IN_VAIN (5 * RILL_SECOND)
#define BACK_PERCENT 85
/* A cluster that found so much of what it asked for is followed by one for twice as much. */
#define FULL_PERCENT 70

static uint64_t part(uint64_t bps, unsigned percent)
{
    return bps / 100 * percent;
}

static bool ask(struct rill_bwe_seek *s, int64_t now, uint64_t bps, uint64_t target_bps)
{
    bps = rill_bwe_least(bps, part(s->most_bps, HEADROOM_PERCENT));
    if (target_bps >= s->most_bps || bps < part(target_bps, WORTH_PERCENT) ||
        !rill_probe_ask(&s->probe, bps))
        return false;
    s->asked = now;
    return true;
}

static void begin(struct rill_bwe_seek *s, int64_t now, uint64_t target_bps)
{
    s->begun++;
    ask(s, now, FIRST * s->start_bps, target_bps);
    ask(s, now, SECOND * s->start_bps, FIRST * s->start_bps);
}

void rill_bwe_seek_init(struct rill_bwe_seek *s, int64_t now, uint64_t start_bps, uint64_t most_bps)
{
    *s = (struct rill_bwe_seek){.start_bps = start_bps, .most_bps = most_bps, .window = now};
    s->peak = start_bps;
    s->peak_at = now;
    begin(s, now, start_bps);
}

/* Where packets get lost, the first clusters may have said nothing. */
static bool begins_again(const struct rill_bwe_seek *s, int64_t now)
{
    return !s->has_found && s->probe.n == 0 && s->begun < BEGINS && now - s->asked >= BEGIN_AFTER;
}

/* --- a source that gives little ------------------------------------------------------------ */

void rill_bwe_seek_sent(struct rill_bwe_seek *s, int64_t now, size_t bytes, uint64_t target_bps)
{
    int64_t time = now - s->window;
    if (time >= WINDOW) {
        uint64_t bps = s->window_bytes * 8 * (uint64_t)RILL_SECOND / (uint64_t)time;
        bool little = bps < part(target_bps, LITTLE_PERCENT);
        if (little && !s->little)
            s->little_since = now;
        s->little = little;
        s->window = now;
        s->window_bytes = 0;
    }
    s->window_bytes += bytes;
}

/* --- a target that fell -------------------------------------------------------------------- */

static void watch(struct rill_bwe_seek *s, int64_t now, uint64_t target_bps)
{
    if (target_bps < s->peak / 3 * 2) {
        if (s->won && now - s->won < IN_VAIN)
            s->before = 0;
        else if (s->before < s->peak)
            s->before = s->peak;
        s->fell = now;
        s->tries = 0;
        s->peak = target_bps;
    }
    if (target_bps >= s->peak || now - s->peak_at > PEAK_LASTS) {
        s->peak = target_bps;
        s->peak_at = now;
    }
    if (target_bps >= part(s->before, BACK_PERCENT) || s->tries == TRIES)
        s->before = 0;
}

static bool is_trying(const struct rill_bwe_seek *s, int64_t now)
{
    return s->trying && now - s->tried < TRY_LASTS;
}

static void try(struct rill_bwe_seek *s, int64_t now, uint64_t target_bps)
{
    s->trying = ask(s, now, rill_bwe_least(s->before, TRY_TIMES * target_bps), target_bps);
    s->tried = now;
    s->first_bps = 0;
}

static bool try_is_due(const struct rill_bwe_seek *s, int64_t now, bool quiet)
{
    bool gives_little = s->little && s->window - s->little_since >= s->little_for;
    return s->before && (gives_little || quiet) && !is_trying(s, now) &&
           now - s->fell >= TRY_AFTER << s->tries;
}

void rill_bwe_seek_update(struct rill_bwe_seek *s, int64_t now, uint64_t target_bps, bool quiet)
{
    watch(s, now, target_bps);
    if (begins_again(s, now)) {
        begin(s, now, target_bps);
    } else if (try_is_due(s, now, quiet)) {
        s->tries++;
        try(s, now, target_bps);
    } else if (s->little && now - s->little_since >= EVERY && now - s->asked >= EVERY) {
        ask(s, now, 2 * target_bps, target_bps);
    }
}

/* A burst is short, and the jitter of a way may make it shorter still: what two of them have found
 * is so. */
bool rill_bwe_seek_believes(struct rill_bwe_seek *s, int64_t now, struct rill_probe_found *found,
                            uint64_t target_bps)
{
    if (!is_trying(s, now))
        return true;
    bool first = s->first_bps == 0;
    s->trying = false;
    if (found->bps < part(target_bps, TRY_WORTH_PERCENT))
        return false;
    if (first) {
        s->first_bps = found->bps;
        s->trying = ask(s, now, found->asked, target_bps);
        return false;
    }
    found->bps = rill_bwe_least(found->bps, s->first_bps);
    s->won = now;
    return true;
}

void rill_bwe_seek_found(struct rill_bwe_seek *s, int64_t now, const struct rill_probe_found *found,
                         uint64_t target_bps)
{
    s->has_found = true;
    if (!found->all || found->bps < part(found->asked, FULL_PERCENT))
        return;
    if (s->won == now && s->before > target_bps)
        try(s, now, target_bps);
    else
        ask(s, now, 2 * found->bps, target_bps);
}
