/* decode_demux: `rill decode demux`: a JSON list of hex datagrams, and which protocol each
 * belongs to by its first bytes (RFC 7983 §7, RFC 5761 §4). */
#include "apps/app.h"
#include "peer/demux.h"

#include <stdlib.h>

static const struct rill_err_row not_a_list = {-1, "DECODE_LIST", "RFC 8259 §5",
                                               "not a JSON list of strings of hex digits"};

static int refuse(size_t offset, struct rill_err *why)
{
    *why = (struct rill_err){&not_a_list, offset, 0};
    return not_a_list.code;
}

/* The name of one datagram's class, NULL when the item is not hex. */
static const char *classify(const json_t *item)
{
    if (!json_is_string(item))
        return NULL;
    struct rill_view hex = rill_view_at(json_string_value(item), json_string_length(item));
    struct rill_span bytes = {malloc(hex.n / 2 + 1), hex.n / 2 + 1};
    long n = bytes.p ? rill_hex_decode(hex, bytes) : -1;
    const char *name =
        n < 0 ? NULL : rill_demux_name(rill_demux_class(rill_view_at(bytes.p, (size_t)n)));
    free(bytes.p);
    return name;
}

int rill_decode_demux(const struct rill_decode_args *args, struct rill_view in, json_t *out,
                      struct rill_err *why)
{
    (void)args;
    json_error_t error;
    json_t *list = json_loadb((const char *)in.p, in.n, 0, &error);
    if (!json_is_array(list)) {
        size_t at = !list && error.position > 0 ? (size_t)error.position : 0;
        json_decref(list);
        return refuse(at, why);
    }
    json_t *classes = json_array();
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = classify(json_array_get(list, i));
        if (!name) {
            json_decref(classes);
            json_decref(list);
            return refuse(i, why);
        }
        json_array_append_new(classes, json_string(name));
    }
    json_decref(list);
    json_object_set_new(out, "classes", classes);
    return 0;
}
