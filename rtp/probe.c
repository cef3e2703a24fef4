#include "rtp/probe.h"

#define PATIENCE RILL_SECOND
/* With a larger part lost the times of the rest mean little, in percent. */
#define ARRIVED_LEAST 80
/* When what left takes so much longer to come, it is the path that has set the rate; of what it
 * carries then a little is left alone, since that burst has filled it. */
#define SLOWED_PERCENT 111
#define OF_FULL_PERCENT 95

/* --- clusters ---------------------------------------------------------------------------- */

static void forget(struct rill_probe *p, size_t i)
{
    p->n--;
    for (; i < p->n; i++)
        p->clusters[i] = p->clusters[i + 1];
}

static struct rill_probe_cluster *sending(struct rill_probe *p)
{
    for (size_t i = 0; i < p->n; i++)
        if (!p->clusters[i].complete)
            return &p->clusters[i];
    return NULL;
}

static struct rill_probe_cluster *by_id(struct rill_probe *p, uint8_t id)
{
    for (size_t i = 0; i < p->n; i++)
        if (id && p->clusters[i].id == id)
            return &p->clusters[i];
    return NULL;
}

bool rill_probe_ask(struct rill_probe *p, uint64_t bps)
{
    if (p->n == RILL_PROBE_CLUSTERS || bps == 0)
        return false;
    p->last_id = (uint8_t)(p->last_id % UINT8_MAX + 1);
    p->clusters[p->n++] =
        (struct rill_probe_cluster){.id = p->last_id, .bps = bps, .began = RILL_NEVER};
    return true;
}

/* --- leaving ----------------------------------------------------------------------------- */

int64_t rill_probe_due(const struct rill_probe *p, int64_t now)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct rill_probe_cluster *c = &p->clusters[i];
        if (!c->complete)
            return c->began == RILL_NEVER
                       ? now
                       : c->began + (int64_t)(c->bytes * 8 * (uint64_t)RILL_SECOND / c->bps);
    }
    return RILL_NEVER;
}

bool rill_probe_is_leaving(const struct rill_probe *p)
{
    for (size_t i = 0; i < p->n; i++)
        if (!p->clusters[i].complete)
            return p->clusters[i].began != RILL_NEVER;
    return false;
}

uint8_t rill_probe_sent(struct rill_probe *p, int64_t now, size_t bytes)
{
    struct rill_probe_cluster *c = sending(p);
    if (!c)
        return 0;
    if (c->began == RILL_NEVER)
        c->began = now;
    c->ended = now;
    c->bytes += bytes;
    c->packets++;
    c->complete = c->packets >= RILL_PROBE_PACKETS &&
                  c->bytes * 8 * (uint64_t)RILL_SECOND >= c->bps * (uint64_t)RILL_PROBE_TIME;
    return c->id;
}

/* --- what became of them ------------------------------------------------------------------ */

static void learn(struct rill_probe_cluster *c, const struct rill_bwe_packet *p)
{
    c->told++;
    if (p->arrived == RILL_NEVER)
        return;
    bool first = c->arrived++ == 0;
    c->arrived_bytes += p->bytes;
    if (first || p->sent < c->first_sent)
        c->first_sent = p->sent;
    if (first || p->sent >= c->last_sent) {
        c->last_sent = p->sent;
        c->last_sent_bytes = p->bytes;
    }
    if (first || p->arrived < c->first_arrived) {
        c->first_arrived = p->arrived;
        c->first_arrived_bytes = p->bytes;
    }
    if (first || p->arrived > c->last_arrived)
        c->last_arrived = p->arrived;
}

/* Bytes that left, or came, in this time; as much as was asked where there is no telling. */
static uint64_t rate(uint64_t bytes, int64_t time, uint64_t asked)
{
    if (time <= 0)
        return asked;
    uint64_t bps = bytes * 8 * (uint64_t)RILL_SECOND / (uint64_t)time;
    return bps < asked ? bps : asked;
}

/* Of the time in which they left the last packet took none; a path that is full had the last one,
 * but not the first, in the time in which they came. */
static bool judge(const struct rill_probe_cluster *c, struct rill_probe_found *out)
{
    int64_t left = c->last_sent - c->first_sent, came = c->last_arrived - c->first_arrived;
    if (c->arrived < 2 || c->arrived * 100 < c->packets * ARRIVED_LEAST)
        return false;
    out->asked = c->bps;
    out->all = came * 100 <= left * SLOWED_PERCENT;
    out->bps = out->all ? rate(c->arrived_bytes - c->last_sent_bytes, left, c->bps)
                        : rate(c->arrived_bytes - c->first_arrived_bytes, came, c->bps) / 100 *
                              OF_FULL_PERCENT;
    return true;
}

bool rill_probe_feedback(struct rill_probe *p, int64_t now, const struct rill_bwe_packet *packets,
                         size_t n, struct rill_probe_found *out)
{
    bool found = false;
    for (size_t i = 0; i < n; i++) {
        struct rill_probe_cluster *c = by_id(p, packets[i].probe);
        if (c)
            learn(c, &packets[i]);
    }
    for (size_t i = p->n; i-- > 0;) {
        const struct rill_probe_cluster *c = &p->clusters[i];
        struct rill_probe_found one;
        bool known = c->complete && c->told >= c->packets;
        bool late = c->began != RILL_NEVER && now - c->began > PATIENCE;
        if (known && judge(c, &one) && (!found || one.bps > out->bps)) {
            *out = one;
            found = true;
        }
        if (known || late)
            forget(p, i);
    }
    return found;
}
