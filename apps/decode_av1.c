/* decode av1: one RTP payload of AV1 (AV1 RTP §4.4). Bits are 0 or 1; what is absent is null. */
#include "apps/app.h"
#include "rtp/av1.h"

int rill_decode_av1(const struct rill_decode_args *args, struct rill_view in, json_t *out,
                    struct rill_err *why)
{
    struct rill_av1_payload p;
    struct rill_av1_walk walk = {0};
    struct rill_view element;
    (void)args;
    int rc = rill_av1_parse(in, &p, why);
    if (rc < 0)
        return rc;
    json_t *list = json_array();
    while (rill_av1_element_next(&p, &walk, &element)) {
        bool goes_on = p.Z && walk.n == 1;
        json_array_append_new(
            list, json_pack("{s:I, s:o}", "size", (json_int_t)element.n, "obu_type",
                            goes_on ? json_null() : json_integer(element.p[0] >> 3 & 15)));
    }
    json_object_set_new(out, "Z", json_integer(p.Z));
    json_object_set_new(out, "Y", json_integer(p.Y));
    json_object_set_new(out, "W", json_integer(p.W));
    json_object_set_new(out, "N", json_integer(p.N));
    json_object_set_new(out, "elements", list);
    return 0;
}
