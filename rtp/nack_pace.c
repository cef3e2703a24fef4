/* nack_pace: how long to wait before a missing packet is asked for, and before it is asked for
 * again.
 *
 * The idea: a question and its answer are lost as often as anything else, so where a share p of the
 * packets is lost, a question is in vain with 1 - (1 - p)². In a round there are one or more
 * questions, and the next round begins when the answers should have come. On a short path there is
 * time for several rounds before the picture is too late, and one question in each will do; on a
 * longer one the rounds that are left have two or three each, close together, and what comes twice
 * is the price. Where no answer can be in time, as behind a queue that is full, haste would only
 * make the queue longer.
 */
#include "rtp/nack.h"

/* While no round trip was measured. */
#define RTT_UNKNOWN (100 * RILL_MS)
/* Added to the round trip before asking again, for the sender's own delay. */
#define MARGIN (10 * RILL_MS)
/* A picture is of use for 400 ms; its last packet is missed when the next picture comes. */
#define OF_USE (367 * RILL_MS)
#define MOST_IN_ROUND 3
#define MOST_EXTRA 0.65 /* of the rate, by what comes twice */
#define CLOSEST (10 * RILL_MS)
#define WIDEST (35 * RILL_MS)
/* What was learnt from repairs holds for as long; the caller's round trip is newer then. */
#define REPAIR_LASTS (5 * RILL_SECOND)

/* The wait for what was only overtaken, at first and at most. */
#define OVERTAKING (10 * RILL_MS)
#define OVERTAKING_MOST (20 * RILL_MS)

#define PATIENCE_LEAST (500 * RILL_MS)
#define PATIENCE_MOST (2 * RILL_SECOND)
#define LEFT_OPEN 0.0002 /* of the gaps */

#define MEMORY 128 /* packets that the loss is taken over; at first fewer */
#define MEMORY_FIRST 64

void rill_rtp_nack_pace_init(struct rill_rtp_nack_pace *p)
{
    *p = (struct rill_rtp_nack_pace){.overtaking = OVERTAKING};
}

/* --- what is learnt ------------------------------------------------------------------------ */

static double weight(const struct rill_rtp_nack_pace *p)
{
    return 1.0 / (double)(p->seen < MEMORY_FIRST ? MEMORY_FIRST : p->seen);
}

static void count(struct rill_rtp_nack_pace *p, bool missed)
{
    p->seen += p->seen < MEMORY;
    p->loss += ((missed ? 1.0 : 0.0) - p->loss) * weight(p);
}

void rill_rtp_nack_pace_came(struct rill_rtp_nack_pace *p, int64_t missed)
{
    for (int64_t i = 0; i < missed && i < MEMORY; i++)
        count(p, true);
    count(p, false);
}

void rill_rtp_nack_pace_overtaken(struct rill_rtp_nack_pace *p, int64_t late)
{
    int64_t wait = late + late / 2;
    if (wait > p->overtaking)
        p->overtaking = wait < OVERTAKING_MOST ? wait : OVERTAKING_MOST;
    p->loss = p->loss > weight(p) ? p->loss - weight(p) : 0;
}

/* Where what is missing comes by repair alone, there is nothing to wait for. */
void rill_rtp_nack_pace_repaired(struct rill_rtp_nack_pace *p, int64_t now, int64_t took)
{
    bool known = p->repair > 0 && now - p->repaired_at < REPAIR_LASTS;
    p->repair = known ? p->repair + (took - p->repair) / 8 : took;
    p->repaired_at = now;
    p->overtaking -= p->overtaking / 16;
}

/* --- what follows from it ------------------------------------------------------------------- */

static int64_t round_trip(const struct rill_rtp_nack_pace *p, int64_t now, int64_t rtt)
{
    /* What was learnt before a queue grew is not so any more. */
    bool known = p->repair > 0 && now - p->repaired_at < REPAIR_LASTS;
    if (known && rtt < 2 * p->repair)
        return p->repair;
    return rtt > 0 ? rtt : RTT_UNKNOWN;
}

/* Questions that leave one picture of some hundred without an answer. */
static int64_t questions(const struct rill_rtp_nack_pace *p)
{
    return p->loss < 0.002 ? 1 : p->loss < 0.025 ? 2 : p->loss < 0.07 ? 3 : p->loss < 0.14 ? 4 : 5;
}

/* A round: so many questions, so far from each other. */
struct round {
    int64_t length, n, apart;
};

static struct round round_of(const struct rill_rtp_nack_pace *p, int64_t trip)
{
    struct round r = {.length = trip + MARGIN, .n = 1};
    /* From the first question to the last one whose answer is in time. */
    int64_t time = OF_USE - trip / 2 - trip;
    if (time < CLOSEST)
        return r;
    int64_t rounds = 1 + time / r.length;
    r.n = (questions(p) + rounds - 1) / rounds;
    r.n = r.n < MOST_IN_ROUND ? r.n : MOST_IN_ROUND;
    while (r.n > 1 && (double)r.n * p->loss > MOST_EXTRA)
        r.n--;
    if (r.n > 1)
        r.apart = (time - (rounds - 1) * r.length) / (r.n - 1);
    r.apart = r.apart > WIDEST ? WIDEST : r.apart < CLOSEST ? CLOSEST : r.apart;
    return r;
}

int64_t rill_rtp_nack_pace_again(const struct rill_rtp_nack_pace *p, int64_t now, int64_t rtt,
                                 unsigned tries, bool *begins)
{
    struct round r = round_of(p, round_trip(p, now, rtt));
    *begins = tries % (unsigned)r.n == 0;
    return *begins ? r.length - (r.n - 1) * r.apart : r.apart;
}

int64_t rill_rtp_nack_pace_patience(const struct rill_rtp_nack_pace *p, int64_t now, int64_t rtt)
{
    struct round r = round_of(p, round_trip(p, now, rtt));
    double vain = 1 - (1 - p->loss) * (1 - p->loss), left = 1;
    int64_t wait = OVERTAKING_MOST + 2 * MARGIN + (r.n - 1) * r.apart;
    do {
        for (int64_t i = 0; i < r.n; i++)
            left *= vain;
        wait += r.length;
    } while (left > LEFT_OPEN && wait < PATIENCE_MOST);
    if (wait < PATIENCE_LEAST)
        return PATIENCE_LEAST;
    return wait < PATIENCE_MOST ? wait : PATIENCE_MOST;
}
