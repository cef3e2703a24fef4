#include "apps/devices_json.h"

#include "apps/app.h"

void rill_devices_format_name(uint32_t format, char out[5])
{
    for (int i = 0; i < 4; i++) {
        char c = (char)(format >> (8 * i) & 0xff);
        out[i] = c > ' ' && c < 127 ? c : '\0';
    }
    out[4] = '\0';
}

static double fps(struct rill_rate r)
{
    return (double)r.numerator / r.denominator;
}

static json_t *range(double min, double max)
{
    return json_pack("{s:f,s:f}", "min", min, "max", max);
}

/* A number, or where it may lie. */
static json_t *side(struct rill_range r)
{
    if (r.min == r.max)
        return json_integer(r.max);
    return json_pack("{s:i,s:i,s:i}", "min", (int)r.min, "max", (int)r.max, "step",
                     (int)(r.step ? r.step : 1));
}

static json_t *mode_json(const struct rill_mode *m)
{
    char format[5];
    rill_devices_format_name(m->format, format);
    json_t *o = json_object();
    json_object_set_new(o, "format", json_string(format));
    json_object_set_new(o, "width", side(m->width));
    json_object_set_new(o, "height", side(m->height));
    json_object_set_new(o, "frameRate",
                        fps(m->slowest) == fps(m->fastest)
                            ? json_real(fps(m->fastest))
                            : range(fps(m->slowest), fps(m->fastest)));
    return o;
}

static void add_pictures(json_t *o, const struct rill_capabilities *can)
{
    uint32_t width = 0, height = 0;
    double fastest = 0;
    json_t *modes = json_array();
    for (size_t i = 0; i < can->n_modes; i++) {
        const struct rill_mode *m = &can->modes[i];
        width = m->width.max > width ? m->width.max : width;
        height = m->height.max > height ? m->height.max : height;
        fastest = fps(m->fastest) > fastest ? fps(m->fastest) : fastest;
        json_array_append_new(modes, mode_json(m));
    }
    if (can->n_modes > 0) {
        json_object_set_new(o, "width", range(1, width));
        json_object_set_new(o, "height", range(1, height));
        json_object_set_new(o, "frameRate", range(0, fastest));
        json_object_set_new(o, "aspectRatio", range(1.0 / height, width));
    }
    json_object_set_new(o, "resizeMode",
                        json_pack("[s,s]", rill_resize_mode_name(RILL_RESIZE_NONE),
                                  rill_resize_mode_name(RILL_RESIZE_CROP_AND_SCALE)));
    const char *facing = rill_facing_mode_name(can->facing_mode);
    json_object_set_new(o, "facingMode", facing ? json_pack("[s]", facing) : json_array());
    json_object_set_new(o, "modes", modes);
}

static void add_sound(json_t *o, const struct rill_capabilities *can)
{
    static const enum rill_property flags[] = {RILL_ECHO_CANCELLATION, RILL_NOISE_SUPPRESSION,
                                               RILL_AUTO_GAIN_CONTROL};
    json_object_set_new(o, "sampleRate", range(can->sample_rate_hz.min, can->sample_rate_hz.max));
    json_object_set_new(o, "channelCount", range(can->channel_count.min, can->channel_count.max));
    for (size_t i = 0; i < 3; i++)
        json_object_set_new(o, rill_property_name(flags[i]),
                            can->processing ? json_pack("[b,b]", 0, 1) : json_pack("[b]", 0));
}

static json_t *controls_json(const struct rill_device *d)
{
    json_t *list = json_array();
    for (size_t i = 0; i < d->n_controls; i++) {
        const struct rill_control *c = &d->controls[i];
        json_array_append_new(list,
                              json_pack("{s:s,s:I,s:I,s:I,s:I}", "name", c->name, "min",
                                        (json_int_t)c->min, "max", (json_int_t)c->max, "step",
                                        (json_int_t)c->step, "default", (json_int_t)c->initial));
    }
    return list;
}

static json_t *device_json(const struct rill_device *d)
{
    json_t *o = json_object(), *can = json_object();
    json_object_set_new(o, "deviceId", json_string(d->can.device_id));
    json_object_set_new(o, "kind", json_string(rill_device_kind_name(d->kind)));
    json_object_set_new(o, "label", rill_app_json_text(rill_view_of(d->label)));
    json_object_set_new(o, "groupId", json_string(d->can.group_id));
    json_object_set_new(o, "name", rill_app_json_text(rill_view_of(d->name)));
    if (d->kind == RILL_VIDEO_INPUT)
        add_pictures(can, &d->can);
    else
        add_sound(can, &d->can);
    json_object_set_new(o, "capabilities", can);
    json_object_set_new(o, "controls", controls_json(d));
    return o;
}

json_t *rill_devices_json(const struct rill_devices *devices)
{
    json_t *list = json_array();
    for (size_t i = 0; i < devices->n; i++)
        json_array_append_new(list, device_json(&devices->list[i]));
    return list;
}
