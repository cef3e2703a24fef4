/* decode vp9: the descriptor of one RTP payload (RFC 9628 §4.2). Bits are 0 or 1; what is absent
 * is null. */
#include "apps/app.h"
#include "rtp/vp9.h"

/* The value, or null when the field is not there. */
static void set(json_t *out, const char *key, bool present, unsigned value)
{
    json_object_set_new(out, key, present ? json_integer((json_int_t)value) : json_null());
}

static json_t *references(const uint8_t *p_diff, unsigned n)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < n; i++)
        json_array_append_new(list, json_integer(p_diff[i]));
    return list;
}

static json_t *sizes(const struct rill_vp9_structure *ss)
{
    json_t *list = json_array();
    for (unsigned i = 0; ss->y && i <= ss->n_s; i++)
        json_array_append_new(list, json_pack("[i, i]", ss->sizes[i].width, ss->sizes[i].height));
    return list;
}

static json_t *group(const struct rill_vp9_structure *ss)
{
    struct rill_vp9_picture p;
    json_t *list = json_array();
    size_t at = 0;
    while (rill_vp9_group_next(ss, &at, &p))
        json_array_append_new(list, json_pack("{s:i, s:i, s:o}", "tid", p.tid, "u", (int)p.u,
                                              "p_diff", references(p.p_diff, p.n_p_diff)));
    return list;
}

static json_t *structure(const struct rill_vp9_structure *ss)
{
    json_t *out = json_object();
    set(out, "n_s", true, ss->n_s);
    set(out, "y", true, ss->y);
    set(out, "g", true, ss->g);
    json_object_set_new(out, "sizes", sizes(ss));
    set(out, "n_g", ss->g, ss->n_g);
    json_object_set_new(out, "pg", group(ss));
    return out;
}

int rill_decode_vp9(const struct rill_decode_args *args, struct rill_view in, json_t *out,
                    struct rill_err *why)
{
    struct rill_vp9_descriptor d;
    (void)args;
    int rc = rill_vp9_parse(in, &d, why);
    if (rc < 0)
        return rc;
    set(out, "I", true, d.I);
    set(out, "P", true, d.P);
    set(out, "L", true, d.L);
    set(out, "F", true, d.F);
    set(out, "B", true, d.B);
    set(out, "E", true, d.E);
    set(out, "V", true, d.V);
    set(out, "Z", true, d.Z);
    set(out, "picture_id", d.I, d.picture_id);
    set(out, "picture_id_bits", d.I, d.M ? 15 : 7);
    set(out, "tid", d.L, d.tid);
    set(out, "u", d.L, d.u);
    set(out, "sid", d.L, d.sid);
    set(out, "d", d.L, d.d);
    set(out, "tl0picidx", d.L && !d.F, d.tl0picidx);
    json_object_set_new(out, "p_diff", references(d.p_diff, d.n_p_diff));
    json_object_set_new(out, "ss", d.V ? structure(&d.ss) : json_null());
    set(out, "descriptor_size", true, (unsigned)d.size);
    set(out, "payload_size", true, (unsigned)(in.n - d.size));
    return 0;
}
