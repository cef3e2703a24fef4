/* fuzz turn_uri: any text as the name of a server, and any datagram as ChannelData. */
#include "turn/channel.h"
#include "turn/uri.h"

#include <stdlib.h>
#include <string.h>

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct rill_turn_uri u;
    struct rill_turn_channel_data d;
    struct rill_err why = {0};
    struct rill_view v = rill_view_at(data, n);
    int rc = rill_turn_uri_parse(v, &u, &why);
    must(rc == 0 ? u.port > 0 && strlen(u.host) > 0 : why.row && why.offset <= n);
    rc = rill_turn_channel_decode(v, &d, &why);
    must(rc == 0 ? d.data.n <= n - 4 : why.offset <= n);
    must(rill_turn_message_size(v, &why) <= 20 + 65536);
    return 0;
}
