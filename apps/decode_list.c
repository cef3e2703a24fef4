/* decode_list: the JSON list of hex datagrams that `rill decode demux`, `dtls` and `srtp` read.
 *
 * The idea: a list of hex strings has a comma between items and nowhere else, so the items are
 * counted before anything is built: sixteen million bytes of `"",` would cost a gigabyte. */
#include "apps/decode_list.h"

#include <stdlib.h>

static const struct rill_err_row not_a_list = {-1, "DECODE_LIST", "RFC 8259 §5",
                                               "not a JSON list of strings of hex digits"};
static const struct rill_err_row too_many = {-2, "DECODE_TOO_MANY", "RFC 8259 §9",
                                             "a list has at most {} datagrams here"};

int rill_decode_list_refuse(size_t offset, struct rill_err *why)
{
    *why = (struct rill_err){&not_a_list, offset, 0};
    return not_a_list.code;
}

bool rill_decode_is_list(struct rill_view in)
{
    size_t i = 0;
    while (i < in.n && (in.p[i] == ' ' || in.p[i] == '\t' || in.p[i] == '\r' || in.p[i] == '\n'))
        i++;
    return i < in.n && in.p[i] == '[';
}

static int count(struct rill_view in, size_t cap, struct rill_err *why)
{
    size_t commas = 0;
    for (size_t i = 0; i < in.n; i++) {
        commas += in.p[i] == ',';
        if (commas >= cap) {
            *why = (struct rill_err){&too_many, i, cap};
            return too_many.code;
        }
    }
    return 0;
}

int rill_decode_list(struct rill_view in, size_t cap, json_t **out, struct rill_err *why)
{
    int rc = count(in, cap, why);
    if (rc < 0)
        return rc;
    json_error_t error;
    json_t *list = json_loadb((const char *)in.p, in.n, 0, &error);
    if (!json_is_array(list)) {
        size_t at = !list && error.position > 0 ? (size_t)error.position : 0;
        json_decref(list);
        return rill_decode_list_refuse(at, why);
    }
    *out = list;
    return 0;
}

uint8_t *rill_decode_list_item(const json_t *list, size_t i, struct rill_view *out)
{
    const json_t *item = json_array_get(list, i);
    if (!json_is_string(item))
        return NULL;
    struct rill_view hex = rill_view_at(json_string_value(item), json_string_length(item));
    uint8_t *bytes = malloc(hex.n / 2 + 1);
    long n = bytes ? rill_hex_decode(hex, (struct rill_span){bytes, hex.n / 2 + 1}) : -1;
    if (n < 0) {
        free(bytes);
        return NULL;
    }
    *out = rill_view_at(bytes, (size_t)n);
    return bytes;
}
