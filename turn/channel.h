/* turn/channel: the ChannelData message, and where messages end on a stream (RFC 8656 §12.4,
 * §12.5).
 *
 *   0                   1                   2                   3
 *  |         Channel Number        |            Length             |
 *  |                       Application Data                       … |
 *
 * Shape: over UDP one datagram is one message, padded or not. Over TCP and TLS a message is
 * padded to a multiple of 4 bytes, which Length does not count.
 */
#ifndef RILL_TURN_CHANNEL_H
#define RILL_TURN_CHANNEL_H

#include "base/field.h"
#include "turn/errors.h"

#define RILL_TURN_CHANNEL_HEADER 4
#define RILL_TURN_CHANNEL_FIRST 0x4000 /* RFC 8656 §12 */
#define RILL_TURN_CHANNEL_LAST 0x4fff

extern const struct rill_field_table rill_turn_channel_fields;

struct rill_turn_channel_data {
    uint16_t channel;
    struct rill_view data; /* into the datagram */
};

/* Errors: RILL_TURN_CHANNEL_SHORT, _NUMBER, _LENGTH; out is untouched then. */
int rill_turn_channel_decode(struct rill_view datagram, struct rill_turn_channel_data *out,
                             struct rill_err *why);
/* The 4 bytes before n bytes of data. */
void rill_turn_channel_put(struct rill_span header, uint16_t channel, size_t n);

/* Whether a datagram begins like ChannelData (RFC 7983 §7). */
static inline bool rill_turn_is_channel(struct rill_view v)
{
    return v.n > 0 && v.p[0] >= 64 && v.p[0] <= 79;
}

/* The first message on a stream, padding included: its bytes; 0 while fewer than 4 are there to
 * tell; RILL_TURN_STREAM when neither STUN nor ChannelData begins like this. */
long rill_turn_message_size(struct rill_view stream, struct rill_err *why);

#endif
