/* ice/why: why no pair works, or why one works no longer.
 *
 * The idea: the statistics are condensed to a few dozen numbers, the facts; a table of rules says
 * what they mean. Both are pure, and both may be asked at any time: while checks are under way the
 * causes are what has been seen so far.
 *
 *   rill_ice_facts(ice, &facts);
 *   n = rill_ice_causes(&facts, causes, 8);       causes[0] is the most likely
 *   while (rill_ice_why_line(ice, &at, &w)) …     each server and each pair, a line each
 */
#ifndef RILL_ICE_WHY_H
#define RILL_ICE_WHY_H

#include "base/cause.h"
#include "ice/stats.h"

struct rill_ice_facts {
    struct rill_ice_session_stats session;
    /* Candidates, by enum rill_ice_type. */
    uint32_t local[4], remote[4];
    bool local_ip4, local_ip6, remote_ip4, remote_ip6;
    bool local_private; /* all our host addresses are private, link-local or loopback */
    bool remote_abroad; /* the peer has an address that is none of these */
    /* Pairs. */
    uint32_t pairs, valid, tried;
    uint32_t failed[RILL_ICE_FAILURES];
    uint32_t requests_sent; /* again and for consent too */
    uint32_t responses_received, errors_received, requests_received;
    uint32_t heard_unanswered; /* pairs on which the peer's requests came and ours had no answer */
    uint32_t relay_tried;      /* pairs with a relay at either end that were tried */
    unsigned error_code;       /* of the last error response */
    /* Servers. */
    uint32_t stun, stun_answered, stun_silent;
    uint32_t turn, turn_answered, turn_silent, turn_credentials, turn_quota, turn_refused;
    unsigned turn_error; /* of the last refusal */
    bool turn_over_stream;
    bool mappings_differ; /* RFC 4787 §4.1: the NAT maps by destination */
};
void rill_ice_facts(const struct rill_ice *x, struct rill_ice_facts *out);

/* The causes that fit, the most likely first, at most cap; returns how many. None: nothing is
 * wrong that can be seen from here. */
size_t rill_ice_causes(const struct rill_ice_facts *facts, struct rill_cause *out, size_t cap);

/* "3 pairs, 12 requests sent, 0 answers, 0 requests came". */
void rill_ice_why_summary(const struct rill_ice_facts *facts, struct rill_writer *w);
/* One line about the next server or pair, without a line end; 300 bytes hold any. Begin with *at
 * 0; false at the end. */
bool rill_ice_why_line(const struct rill_ice *x, size_t *at, struct rill_writer *w);

#endif
