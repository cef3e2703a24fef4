/* decode_demux: `rill decode demux`: a JSON list of hex datagrams, and which protocol each
 * belongs to by its first bytes (RFC 7983 §7, RFC 5761 §4). */
#include "apps/decode_list.h"
#include "peer/demux.h"

#include <stdlib.h>

#define DATAGRAMS_MAX 65536

static int classify_all(const json_t *list, json_t *classes, struct rill_err *why)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct rill_view datagram;
        uint8_t *bytes = rill_decode_list_item(list, i, &datagram);
        if (!bytes)
            return rill_decode_list_refuse(i, why);
        json_array_append_new(classes, json_string(rill_demux_name(rill_demux_class(datagram))));
        free(bytes);
    }
    return 0;
}

int rill_decode_demux(const struct rill_decode_args *args, struct rill_view in, json_t *out,
                      struct rill_err *why)
{
    (void)args;
    json_t *list;
    int rc = rill_decode_list(in, DATAGRAMS_MAX, &list, why);
    if (rc < 0)
        return rc;
    json_t *classes = json_array();
    rc = classify_all(list, classes, why);
    json_object_set_new(out, "classes", classes);
    json_decref(list);
    return rc;
}
