#include "media/delay.h"

#define WINDOW (2500 * RILL_MS)
/* How much a packet's lateness changes the histogram, once it has settled: half of it is forgotten
 * after 50 packets. */
#define NEW_SHARE 0.014
/* Before anything is known: as if so many packets had come so late. It counts for some 150. */
#define FIRST_PACKETS 3
#define FIRST_LATENESS (25 * RILL_MS)
/* So many may come too late. */
#define LATE_SHARE 0.02
/* What comes is looked at so often. */
#define GRANULE (10 * RILL_MS)
/* A packet that is later than the histogram's delay by so much was held up by a pause. */
#define PAUSE (20 * RILL_MS)
#define PAUSES_APART (5 * RILL_SECOND)
#define RECOVERY_KEPT (10 * RILL_SECOND)
#define RECOVERY_MOST (200 * RILL_MS)

int64_t rill_delay_base(const struct rill_delay *d)
{
    return rill_earlier(d->earliest, d->earliest_before);
}

static void look_for_earliest(struct rill_delay *d, int64_t arrived, int64_t offset)
{
    if (!d->started) {
        d->earliest = d->earliest_before = offset;
        d->window_ends = arrived + WINDOW;
    } else if (arrived >= d->window_ends) {
        d->earliest_before = arrived >= d->window_ends + WINDOW ? offset : d->earliest;
        d->earliest = offset;
        d->window_ends = arrived + WINDOW;
    }
    d->earliest = rill_earlier(d->earliest, offset);
}

/* It came right behind another that was as late and more: the two were held up together. */
static bool is_follower(const struct rill_delay *d, int64_t arrived, int64_t media,
                        int64_t lateness)
{
    int64_t step = media - d->last_media;
    return d->started && step > 0 && lateness < d->last_lateness &&
           arrived - d->last_arrival < step / 2;
}

static void begin(struct rill_delay *d)
{
    d->counted = FIRST_PACKETS;
    d->share[FIRST_LATENESS / RILL_DELAY_BUCKET] = 1;
}

static void count(struct rill_delay *d, int64_t lateness)
{
    double fresh = 1.0 / ++d->counted;
    int64_t bucket = lateness / RILL_DELAY_BUCKET;
    if (bucket > RILL_DELAY_BUCKETS - 1)
        bucket = RILL_DELAY_BUCKETS - 1;
    if (fresh < NEW_SHARE) {
        fresh = NEW_SHARE;
        d->counted--;
    }
    for (size_t i = 0; i < RILL_DELAY_BUCKETS; i++)
        d->share[i] *= 1 - fresh;
    d->share[bucket] += fresh;
}

static int64_t by_histogram(const struct rill_delay *d)
{
    double late = 0;
    size_t i = RILL_DELAY_BUCKETS;
    while (i > 0 && late + d->share[i - 1] <= LATE_SHARE)
        late += d->share[--i];
    return (int64_t)i * RILL_DELAY_BUCKET;
}

/* What others have overtaken was not held up by the network as a whole. */
static void look_for_pause(struct rill_delay *d, int64_t arrived, int64_t media, int64_t lateness)
{
    int64_t apart = arrived - d->pause_at;
    if (!d->started || media <= d->last_media || lateness <= by_histogram(d) + PAUSE)
        return;
    if (d->paused && apart <= PAUSES_APART) {
        d->returning = lateness > d->pause ? lateness : d->pause;
        d->away_until = arrived + 2 * apart;
    }
    d->paused = true;
    d->pause_at = arrived;
    d->pause = lateness;
}

int64_t rill_delay_packet(struct rill_delay *d, int64_t arrived, int64_t media)
{
    if (!d->started)
        begin(d);
    look_for_earliest(d, arrived, arrived - media);
    int64_t lateness = arrived - media - rill_delay_base(d);
    if (!is_follower(d, arrived, media, lateness)) {
        look_for_pause(d, arrived, media, lateness);
        count(d, lateness);
    }
    if (!d->started || media > d->last_media)
        d->last_media = media;
    d->last_arrival = arrived;
    d->last_lateness = lateness;
    d->started = true;
    return lateness;
}

void rill_delay_recovered(struct rill_delay *d, int64_t arrived, int64_t media)
{
    int64_t lateness = arrived - media - rill_delay_base(d);
    if (!d->started || lateness < 0 || lateness > RECOVERY_MOST)
        return;
    if (lateness >= d->recovery || arrived >= d->recovery_ends)
        d->recovery = lateness;
    d->recovery_ends = arrived + RECOVERY_KEPT;
}

int64_t rill_delay_target(const struct rill_delay *d, int64_t now)
{
    int64_t lateness = by_histogram(d), most = RILL_DELAY_MOST - GRANULE;
    if (now < d->away_until && d->returning > lateness)
        lateness = d->returning < most ? d->returning : most;
    if (now < d->recovery_ends && d->recovery > lateness)
        lateness = d->recovery;
    return lateness + GRANULE > RILL_DELAY_LEAST ? lateness + GRANULE : RILL_DELAY_LEAST;
}
