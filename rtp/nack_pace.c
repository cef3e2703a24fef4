/* nack_pace: how long to wait before a missing packet is asked for, and before it is asked for
 * again.
 *
 * The idea: a question and its answer are lost as often as anything else, so where a share p of the
 * packets is lost, one of 1 / (1 - (1 - p)²) questions is in vain, and is asked again. At a round
 * trip that leaves no time for that before the picture is too late, the next question goes out
 * before the answer to the last one can be here. That costs answers that come twice; so only as
 * many questions are put into the time as the loss calls for, and none more when the way has grown
 * longer: then a queue is full, what is lost it drops, and answers that come twice make it longer.
 */
#include "rtp/nack.h"

/* While no round trip was measured. */
#define RTT_UNKNOWN (100 * RILL_MS)
/* Added to the round trip before asking again, for the sender's own delay. */
#define MARGIN (10 * RILL_MS)
/* A repair should be here so long after the loss: of the 400 ms for which a picture is of use, the
 * way there, and the frame's own time, are gone. */
#define BUDGET (300 * RILL_MS)
#define DENSEST 3 /* questions a round trip */
/* What was learnt from repairs holds for as long; the caller's round trip is newer then. */
#define REPAIR_LASTS (5 * RILL_SECOND)

/* The wait for what was only overtaken, at first and at most. */
#define OVERTAKING (10 * RILL_MS)
#define OVERTAKING_MOST (20 * RILL_MS)

#define PATIENCE_LEAST (500 * RILL_MS)
#define PATIENCE_MOST (2 * RILL_SECOND)
#define LEFT_OPEN 0.0002 /* of the gaps */

#define MEMORY 128.0 /* packets */

void rill_rtp_nack_pace_init(struct rill_rtp_nack_pace *p)
{
    *p = (struct rill_rtp_nack_pace){.overtaking = OVERTAKING};
}

/* --- what is learnt ------------------------------------------------------------------------ */

void rill_rtp_nack_pace_came(struct rill_rtp_nack_pace *p, int64_t missed)
{
    for (int64_t i = 0; i < missed && i < (int64_t)MEMORY; i++)
        p->loss += (1 - p->loss) / MEMORY;
    p->loss -= p->loss / MEMORY;
}

void rill_rtp_nack_pace_overtaken(struct rill_rtp_nack_pace *p, int64_t late)
{
    int64_t wait = late + late / 2;
    if (wait > p->overtaking)
        p->overtaking = wait < OVERTAKING_MOST ? wait : OVERTAKING_MOST;
    p->loss = p->loss > 1 / MEMORY ? p->loss - 1 / MEMORY : 0;
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
    if (p->repair > 0 && now - p->repaired_at < REPAIR_LASTS)
        return p->repair;
    return rtt > 0 ? rtt : RTT_UNKNOWN;
}

/* Questions that leave one picture of some hundred without an answer. */
static int64_t questions(const struct rill_rtp_nack_pace *p)
{
    return p->loss < 0.025 ? 2 : p->loss < 0.07 ? 3 : p->loss < 0.14 ? 4 : 5;
}

int64_t rill_rtp_nack_pace_again(const struct rill_rtp_nack_pace *p, int64_t now, int64_t rtt)
{
    int64_t trip = round_trip(p, now, rtt);
    int64_t even = (BUDGET - trip) / (questions(p) - 1);
    int64_t densest = trip / DENSEST + MARGIN;
    /* Just before the answer is due it would be in vain. */
    if (trip >= BUDGET || even > trip - 2 * MARGIN)
        return trip + MARGIN;
    return even > densest ? even : densest;
}

int64_t rill_rtp_nack_pace_patience(const struct rill_rtp_nack_pace *p, int64_t now, int64_t rtt)
{
    double vain = 1 - (1 - p->loss) * (1 - p->loss), left = vain;
    int64_t wait = round_trip(p, now, rtt) + OVERTAKING_MOST + 2 * MARGIN;
    for (; left > LEFT_OPEN && wait < PATIENCE_MOST; left *= vain)
        wait += rill_rtp_nack_pace_again(p, now, rtt);
    if (wait < PATIENCE_LEAST)
        return PATIENCE_LEAST;
    return wait < PATIENCE_MOST ? wait : PATIENCE_MOST;
}
