/* capture/alsa_list: the microphones and speakers that ALSA knows, those of PulseAudio and
 * PipeWire among them when their plug-ins are installed.
 *
 * The idea: ALSA gives many names for each card; those that only route or mix for others are
 * left out. deviceId is a digest of the name, which has the card's own id in it and not its
 * number. */
#include "capture/alsa_list.h"

#include "capture/alsa_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a name must not begin with: parts, mixers and other people's programs. */
static const char *const passed_over[] = {
    "null",   "front:",     "surround",   "iec958",     "spdif",  "hdmi",  "dmix",
    "dsnoop", "samplerate", "speexrate",  "lavrate",    "jack",   "oss",   "speex",
    "upmix",  "vdownmix",   "usbstream:", "sysdefault", "plughw", "modem", "phoneline",
};

static bool is_passed_over(const char *name)
{
    for (size_t i = 0; i < sizeof passed_over / sizeof passed_over[0]; i++)
        if (strncmp(name, passed_over[i], strlen(passed_over[i])) == 0)
            return true;
    return false;
}

/* "usb-0000:00:14.0-1" of a card on USB: what a camera in the same device says too. */
static void group_of(const char *name, struct rill_device *d)
{
    char *long_name = NULL;
    const char *card = strstr(name, "CARD=");
    char id[64] = "";
    if (card)
        snprintf(id, sizeof id, "%.*s", (int)strcspn(card + 5, ","), card + 5);
    int number = id[0] ? snd_card_get_index(id) : -1;
    if (number >= 0 && snd_card_get_longname(number, &long_name) >= 0) {
        const char *usb = strstr(long_name, "usb-");
        if (usb)
            snprintf(id, sizeof id, "%.*s", (int)strcspn(usb, ","), usb);
    }
    free(long_name);
    rill_device_hash("group", id[0] ? id : name, d->can.group_id);
}

/* The description's first line, or the name. */
static void label_of(const char *name, const char *description, struct rill_device *d)
{
    if (description && description[0])
        snprintf(d->label, sizeof d->label, "%.*s", (int)strcspn(description, "\n"), description);
    else
        snprintf(d->label, sizeof d->label, "%.120s", name);
}

static int add(struct rill_devices *out, const char *name, const char *description,
               enum rill_device_kind kind)
{
    struct rill_device d = {.kind = kind};
    if (strlen(name) + 6 > sizeof d.name)
        return 0;
    snprintf(d.name, sizeof d.name, "alsa:%s", name);
    label_of(name, description, &d);
    rill_device_hash(rill_device_kind_name(kind), name, d.can.device_id);
    group_of(name, &d);
    /* Whatever the card has comes out as this. */
    d.can.sample_rate_hz = (struct rill_range){48000, 48000, 1};
    d.can.channel_count = (struct rill_range){1, 2, 1};
    d.can.processing = kind == RILL_AUDIO_INPUT;
    return rill_devices_add(out, &d) ? 0 : -1;
}

static int add_hint(struct rill_devices *out, void *hint)
{
    char *name = snd_device_name_get_hint(hint, "NAME");
    char *description = snd_device_name_get_hint(hint, "DESC");
    char *direction = snd_device_name_get_hint(hint, "IOID");
    int rc = 0;
    if (name && !is_passed_over(name)) {
        if (!direction || strcmp(direction, "Input") == 0)
            rc = add(out, name, description, RILL_AUDIO_INPUT);
        if (rc == 0 && (!direction || strcmp(direction, "Output") == 0))
            rc = add(out, name, description, RILL_AUDIO_OUTPUT);
    }
    free(name);
    free(description);
    free(direction);
    return rc;
}

void rill_alsa_enumerate(struct rill_devices *out)
{
    void **hints = NULL;
    rill_alsa_quiet();
    if (snd_device_name_hint(-1, "pcm", &hints) < 0)
        return;
    for (void **h = hints; *h; h++)
        if (add_hint(out, *h) < 0)
            break;
    snd_device_name_free_hint(hints);
}
