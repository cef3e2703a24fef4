/* decode_turn: `rill decode turn`: one datagram taken as ChannelData (RFC 8656 §12.4). */
#include "apps/app.h"

#include "turn/channel.h"

int rill_decode_turn(const struct rill_decode_args *args, struct rill_view in, json_t *out,
                     struct rill_err *why)
{
    struct rill_turn_channel_data d;
    (void)args;
    int rc = rill_turn_channel_decode(in, &d, why);
    if (rc < 0)
        return rc;
    json_object_set_new(out, "channel", json_integer(d.channel));
    json_object_set_new(out, "length", json_integer((json_int_t)d.data.n));
    json_object_set_new(out, "data", rill_app_json_hex(d.data));
    return 0;
}
