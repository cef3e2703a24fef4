#include "capture/devices.h"

#include "base/digest.h"
#include "capture/alsa_list.h"
#include "capture/v4l2.h"

#include <stdlib.h>

const char *rill_device_kind_name(enum rill_device_kind kind)
{
    static const char *const names[] = {"videoinput", "audioinput", "audiooutput"};
    return names[kind];
}

void rill_device_hash(const char *what, const char *key, char out[RILL_DEVICE_ID_SIZE])
{
    uint8_t digest[RILL_SHA256_SIZE];
    const struct rill_view pieces[] = {rill_view_of("rill device"), rill_view_at("", 1),
                                       rill_view_of(what), rill_view_at("", 1), rill_view_of(key)};
    rill_digest_pieces(RILL_SHA256, pieces, sizeof pieces / sizeof pieces[0], digest);
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)out, RILL_DEVICE_ID_SIZE});
    rill_w_hex(&w, rill_view_at(digest, RILL_DEVICE_ID_SIZE / 2));
    rill_w_end_text(&w);
}

void rill_device_free(struct rill_device *d)
{
    free((void *)(uintptr_t)d->can.modes);
    free(d->controls);
}

bool rill_devices_add(struct rill_devices *d, const struct rill_device *device)
{
    struct rill_device kept = *device;
    struct rill_device *list = realloc(d->list, (d->n + 1) * sizeof *list);
    if (!list) {
        rill_device_free(&kept);
        return false;
    }
    d->list = list;
    d->list[d->n++] = kept;
    return true;
}

void rill_devices_free(struct rill_devices *d)
{
    for (size_t i = 0; i < d->n; i++)
        rill_device_free(&d->list[i]);
    free(d->list);
    *d = (struct rill_devices){0};
}

int rill_devices_select(const struct rill_devices *d, enum rill_device_kind kind,
                        const struct rill_constraints *constraints, const struct rill_device **out,
                        struct rill_selection *selection, struct rill_err *why)
{
    size_t n = 0;
    struct rill_capabilities *of = calloc(d->n + 1, sizeof *of);
    const struct rill_device **device = calloc(d->n + 1, sizeof *device);
    int rc = RILL_CAPTURE_NOT_FOUND;
    for (size_t i = 0; of && device && i < d->n; i++) {
        if (d->list[i].kind != kind)
            continue;
        device[n] = &d->list[i];
        of[n++] = d->list[i].can;
    }
    if (n > 0)
        rc = rill_select_settings(constraints, of, n, selection, why);
    else
        rill_err_set(&rill_capture_errors, rc, 0, 0, why);
    if (rc == 0)
        *out = device[selection->device];
    free(of);
    free(device);
    return rc;
}

void rill_devices_enumerate(const struct rill_v4l2_port *v4l2, struct rill_devices *out)
{
    *out = (struct rill_devices){0};
    rill_v4l2_enumerate(v4l2 ? v4l2 : &rill_v4l2_kernel, out);
    rill_alsa_enumerate(out);
}
