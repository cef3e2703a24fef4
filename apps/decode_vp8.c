/* decode vp8: the descriptor of one RTP payload, and what a key frame's first packet says of the
 * picture (RFC 7741 §4.2, §4.3). Bits are 0 or 1; what is absent is null. */
#include "apps/app.h"
#include "rtp/vp8.h"

/* The value, or null when the field is not there. */
static void set(json_t *out, const char *key, bool present, unsigned value)
{
    json_object_set_new(out, key, present ? json_integer((json_int_t)value) : json_null());
}

int rill_decode_vp8(const struct rill_decode_args *args, struct rill_view in, json_t *out,
                    struct rill_err *why)
{
    struct rill_vp8_descriptor d;
    (void)args;
    int rc = rill_vp8_parse(in, &d, why);
    if (rc < 0)
        return rc;
    set(out, "X", true, d.X);
    set(out, "N", true, d.N);
    set(out, "S", true, d.S);
    set(out, "PID", true, d.PID);
    /* Without X they "MUST be omitted", so they are 0. */
    set(out, "I", true, d.I);
    set(out, "L", true, d.L);
    set(out, "T", true, d.T);
    set(out, "K", true, d.K);
    set(out, "picture_id", d.I, d.picture_id);
    set(out, "picture_id_bits", d.I, d.M ? 15 : 7);
    set(out, "tl0picidx", d.L, d.tl0picidx);
    /* RFC 7741 §4.2: "The TID field MUST be ignored by the receiver when the T bit is set equal
     * to 0", and KEYIDX when K is; Y has a meaning with either. */
    set(out, "tid", d.T, d.tid);
    set(out, "y", d.T || d.K, d.Y);
    set(out, "keyidx", d.K, d.keyidx);
    set(out, "descriptor_size", true, (unsigned)d.size);
    set(out, "payload_size", true, (unsigned)(in.n - d.size));
    json_object_set_new(out, "keyframe", json_boolean(d.keyframe));
    set(out, "width", d.has_dimensions, d.width);
    set(out, "height", d.has_dimensions, d.height);
    return 0;
}
