/* decode opus: the packet that an RTP payload is, judged by its framing (RFC 7587 §4.2, RFC 6716
 * §3). */
#include "apps/app.h"
#include "rtp/opus.h"

/* RFC 6716 table 2: configurations 0 to 11 SILK, to 15 hybrid, to 31 CELT. */
static const char *mode(unsigned config)
{
    return config < 12 ? "SILK" : config < 16 ? "hybrid" : "CELT";
}

static const char *bandwidth(unsigned config)
{
    static const char *const silk[] = {"narrowband", "mediumband", "wideband"};
    static const char *const celt[] = {"narrowband", "wideband", "super-wideband", "fullband"};
    if (config < 12)
        return silk[config / 4];
    return config < 16 ? celt[2 + (config - 12) / 2] : celt[(config - 16) / 4];
}

int rill_decode_opus(const struct rill_decode_args *args, struct rill_view in, json_t *out,
                     struct rill_err *why)
{
    struct rill_opus_packet p;
    (void)args;
    int rc = rill_opus_parse(in, &p, why);
    if (rc < 0)
        return rc;
    json_object_set_new(out, "config", json_integer(p.config));
    json_object_set_new(out, "mode", json_string(mode(p.config)));
    json_object_set_new(out, "bandwidth", json_string(bandwidth(p.config)));
    json_object_set_new(out, "stereo", json_boolean(p.stereo));
    json_object_set_new(out, "code", json_integer(p.code));
    json_object_set_new(out, "frames", json_integer(p.frames));
    json_object_set_new(out, "frame_samples", json_integer(p.frame_samples));
    json_object_set_new(out, "samples", json_integer(p.samples));
    json_object_set_new(out, "payload_size", json_integer((json_int_t)in.n));
    return 0;
}
