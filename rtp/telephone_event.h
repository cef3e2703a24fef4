/* rtp/telephone_event: the keys of a telephone (RFC 4733).
 *
 *   | event (8) |E|R| volume (6) | duration (16) |
 *
 * The idea: a key is one event, told again and again while it is held, always with the timestamp
 * at which it began; the last three packets carry E. A receiver knows it by that timestamp.
 */
#ifndef RILL_RTP_TELEPHONE_EVENT_H
#define RILL_RTP_TELEPHONE_EVENT_H

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/field.h"
#include "rtp/errors.h"

struct rill_telephone_event {
    uint8_t event; /* 0 to 9; 10 *, 11 #, 12 to 15 A to D */
    bool end;
    uint8_t volume;    /* dBm0 below zero: 10 is -10 dBm0 */
    uint16_t duration; /* of the RTP clock, so far */
    uint32_t offset;   /* of a key on its way out: where its segment begins (§2.5.1.3); not told */
};

extern const struct rill_field_table rill_telephone_event_fields;

/* The first event of a payload. Errors: RILL_TELEPHONE_EVENT. */
int rill_telephone_event_parse(struct rill_view payload, struct rill_telephone_event *out,
                               struct rill_err *why);
void rill_telephone_event_write(struct rill_writer *w, const struct rill_telephone_event *e);
/* "0123456789*#ABCD"; 0 for events that are no key, -1 for a character that is none. */
char rill_telephone_event_key(uint8_t event);
int rill_telephone_event_of(char key);

/* --- one key on its way out --------------------------------------------------------------- */

#define RILL_TELEPHONE_EVENT_EVERY                                                                 \
    (20 * RILL_MS)                  /* RFC 4733 §2.5.1.2: 50 ms is usual; browsers: 20 */
#define RILL_TELEPHONE_EVENT_ENDS 3 /* packets with E (§2.5.1.4) */

struct rill_telephone_key {
    uint8_t event;
    int64_t began, until, next; /* µs; next RILL_NEVER: done */
    unsigned ends;              /* packets with E so far */
    uint32_t offset;            /* of the segment */
};

/* held: 40 ms to 6 s are sensible. */
void rill_telephone_key_press(struct rill_telephone_key *k, int64_t now, uint8_t event,
                              int64_t held);
/* The next packet's payload when it is due: true; first: the marker bit belongs on it (§2.5.1.1).
 * The packet's timestamp is the one of `began`, and out->offset more. Call it until false. */
bool rill_telephone_key_output(struct rill_telephone_key *k, int64_t now, uint32_t clock_hz,
                               struct rill_telephone_event *out, bool *first);

#endif
