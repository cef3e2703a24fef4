/* channel: ChannelData, read through its field table. */
#include "turn/channel.h"

enum channel_field { CHANNEL, LENGTH, DATA };

static const struct rill_field channel_fields[] = {
    [CHANNEL] = {"channel", 0, 16, "RFC 8656 §12.4",
                 "0x4000 to 0x4fff: which binding, so which peer"},
    [LENGTH] = {"length", 16, 16, "RFC 8656 §12.4", "bytes of application data, without padding"},
    [DATA] = {"data", 32, 0, "RFC 8656 §12.4", "what the peer sent, or is to get"},
};

const struct rill_field_table rill_turn_channel_fields = {
    "turn", channel_fields, sizeof channel_fields / sizeof channel_fields[0]};

#define STUN_HEADER 20

static int refuse(int code, size_t offset, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_turn_errors, code, offset, value, why);
}

static uint16_t field(struct rill_view v, enum channel_field f)
{
    return (uint16_t)rill_field_get(&channel_fields[f], v);
}

int rill_turn_channel_decode(struct rill_view datagram, struct rill_turn_channel_data *out,
                             struct rill_err *why)
{
    if (datagram.n < RILL_TURN_CHANNEL_HEADER)
        return refuse(RILL_TURN_CHANNEL_SHORT, datagram.n, datagram.n, why);
    uint16_t channel = field(datagram, CHANNEL);
    size_t n = field(datagram, LENGTH);
    if (channel < RILL_TURN_CHANNEL_FIRST || channel > RILL_TURN_CHANNEL_LAST)
        return refuse(RILL_TURN_CHANNEL_NUMBER, 0, channel, why);
    /* RFC 8656 §12.6: "If the ChannelData message is received on a UDP transport, and if the UDP
     * datagram is too short to contain the claimed length …, then the message is silently
     * discarded." */
    if (n > datagram.n - RILL_TURN_CHANNEL_HEADER)
        return refuse(RILL_TURN_CHANNEL_LENGTH, 2, n, why);
    out->channel = channel;
    out->data = rill_view_sub(datagram, RILL_TURN_CHANNEL_HEADER, n);
    return 0;
}

void rill_turn_channel_put(struct rill_span header, uint16_t channel, size_t n)
{
    rill_field_put(&channel_fields[CHANNEL], header, channel);
    rill_field_put(&channel_fields[LENGTH], header, n);
}

long rill_turn_message_size(struct rill_view stream, struct rill_err *why)
{
    if (stream.n < RILL_TURN_CHANNEL_HEADER)
        return 0;
    size_t n = field(stream, LENGTH);
    /* RFC 8656 §12.5: "Over TCP and TLS-over-TCP, the ChannelData message MUST be padded to a
     * multiple of four bytes". */
    if (rill_turn_is_channel(stream))
        return (long)(RILL_TURN_CHANNEL_HEADER + (n + 3) / 4 * 4);
    if (stream.p[0] < 64 && n % 4 == 0)
        return (long)(STUN_HEADER + n);
    return refuse(RILL_TURN_STREAM, 0, stream.p[0], why);
}
