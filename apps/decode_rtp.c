/* decode rtp: one RTP packet, every field of its header (RFC 3550 §5.1, RFC 8285). */
#include "apps/app.h"
#include "rtp/packet.h"

static json_t *csrc_list(struct rill_view csrc)
{
    json_t *list = json_array();
    struct rill_reader r = rill_reader_of(csrc);
    while (rill_r_left(&r))
        json_array_append_new(list, json_integer(rill_r_u32(&r)));
    return list;
}

/* [[id, "hex"], …] in wire order. */
static json_t *extension_list(const struct rill_rtp_packet *p)
{
    json_t *list = json_array();
    struct rill_rtp_ext ext;
    for (size_t at = 0; rill_rtp_ext_next(p, &at, &ext);) {
        json_t *pair = json_array();
        json_array_append_new(pair, json_integer(ext.id));
        json_array_append_new(pair, rill_app_json_hex(ext.value));
        json_array_append_new(list, pair);
    }
    return list;
}

static void set_number(json_t *out, const char *key, uint64_t value)
{
    json_object_set_new(out, key, json_integer((json_int_t)value));
}

int rill_decode_rtp(const struct rill_decode_args *args, struct rill_view in, json_t *out,
                    struct rill_err *why)
{
    struct rill_rtp_packet p;
    (void)args;
    int rc = rill_rtp_parse(in, &p, why);
    if (rc < 0)
        return rc;
    set_number(out, "version", in.p[0] >> 6);
    json_object_set_new(out, "padding", json_boolean(p.padding));
    json_object_set_new(out, "extension", json_boolean(p.extension));
    json_object_set_new(out, "marker", json_boolean(p.marker));
    set_number(out, "pt", p.pt);
    set_number(out, "seq", p.seq);
    set_number(out, "timestamp", p.timestamp);
    set_number(out, "ssrc", p.ssrc);
    json_object_set_new(out, "csrc", csrc_list(p.csrc));
    json_object_set_new(out, "ext_profile",
                        p.extension ? json_integer(p.ext_profile) : json_null());
    json_object_set_new(out, "extensions", extension_list(&p));
    json_object_set_new(out, "ext_raw", p.extension ? rill_app_json_hex(p.ext) : json_null());
    set_number(out, "padding_size", p.padding_size);
    set_number(out, "payload_offset", p.payload_offset);
    set_number(out, "payload_size", p.payload.n);
    return 0;
}
