/* decode h264: one RTP payload of H.264 (RFC 6184). Bits are 0 or 1; what is absent is null. */
#include "apps/app.h"
#include "rtp/h264.h"

#include <stdio.h>

static json_t *bit(bool present, bool value)
{
    return present ? json_integer(value) : json_null();
}

static json_t *unit_json(struct rill_view nal)
{
    uint32_t id;
    json_t *o = json_object();
    json_object_set_new(o, "type", json_integer(nal.p[0] & 0x1f));
    json_object_set_new(o, "size", json_integer((json_int_t)nal.n));
    if (rill_h264_profile_level_id(nal, &id)) {
        char text[8];
        snprintf(text, sizeof text, "%06x", (unsigned)id);
        json_object_set_new(o, "profile_level_id", json_string(text));
    }
    return o;
}

/* The NAL units that lie whole in it. */
static json_t *units(const struct rill_h264_payload *p, struct rill_view in)
{
    json_t *list = json_array();
    struct rill_view unit;
    size_t at = 0;
    while (p->type == RILL_H264_STAP_A && rill_h264_unit_next(p, &at, &unit))
        json_array_append_new(list, unit_json(unit));
    if (p->type < RILL_H264_STAP_A)
        json_array_append_new(list, unit_json(in));
    return list;
}

int rill_decode_h264(const struct rill_decode_args *args, struct rill_view in, json_t *out,
                     struct rill_err *why)
{
    struct rill_h264_payload p;
    (void)args;
    int rc = rill_h264_parse(in, &p, why);
    if (rc < 0)
        return rc;
    bool fragment = p.type == RILL_H264_FU_A;
    json_object_set_new(out, "F", bit(true, p.F));
    json_object_set_new(out, "NRI", json_integer(p.NRI));
    json_object_set_new(out, "type", json_integer(p.type));
    json_object_set_new(out, "S", bit(fragment, p.S));
    json_object_set_new(out, "E", bit(fragment, p.E));
    json_object_set_new(out, "nal_type", json_integer(p.nal_type));
    json_object_set_new(out, "units", units(&p, in));
    json_object_set_new(out, "keyframe", json_boolean(p.keyframe));
    return 0;
}
