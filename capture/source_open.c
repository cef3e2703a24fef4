/* capture/source_open: from a name to a source that is ready to start: the table of names. */
#include "capture/source_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How a row's text is compared with a name. */
enum match {
    IS,     /* the whole name */
    BEGINS, /* with more behind it */
    ENDS,   /* with more before it, in any case */
};

static const struct row {
    enum match match;
    const char *text;
    enum rill_option_set options;
    rill_source_opener *open;
} table[] = {
    {IS, "testsrc", RILL_OPTIONS_TESTSRC, rill_paced_open},
    {IS, "sine", RILL_OPTIONS_SINE, rill_paced_open},
    {IS, "video", RILL_OPTIONS_CAMERA, rill_device_open},
    {IS, "audio", RILL_OPTIONS_MICROPHONE, rill_device_open},
    {BEGINS, "/dev/video", RILL_OPTIONS_CAMERA, rill_v4l2_open},
    {BEGINS, "alsa:", RILL_OPTIONS_MICROPHONE, rill_alsa_in_open},
    {IS, "x11", RILL_OPTIONS_SCREEN, rill_x11_open},
    {BEGINS, "x11:", RILL_OPTIONS_SCREEN, rill_x11_open},
    {ENDS, ".y4m", RILL_OPTIONS_FILE, rill_paced_open},
    {ENDS, ".ivf", RILL_OPTIONS_FILE, rill_paced_open},
    {ENDS, ".h264", RILL_OPTIONS_RAW_VIDEO, rill_paced_open},
    {ENDS, ".264", RILL_OPTIONS_RAW_VIDEO, rill_paced_open},
    {ENDS, ".wav", RILL_OPTIONS_SOUND_FILE, rill_paced_open},
    {ENDS, ".opus", RILL_OPTIONS_SOUND_FILE, rill_paced_open},
    {ENDS, ".ogg", RILL_OPTIONS_SOUND_FILE, rill_paced_open},
};

static bool matches(const struct row *row, struct rill_view name)
{
    size_t n = strlen(row->text);
    switch (row->match) {
    case IS:
        return rill_view_is(name, row->text);
    case BEGINS:
        return name.n > n && rill_view_starts(name, row->text);
    case ENDS:
        return name.n > n && rill_view_is_nocase(rill_view_sub(name, name.n - n, n), row->text);
    }
    return false;
}

static const struct row *row_of(struct rill_view name)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (matches(&table[i], name))
            return &table[i];
    return NULL;
}

int rill_source_open_named(struct rill_source *s, const struct rill_source_config *config,
                           const struct rill_source_options *options, struct rill_err *why)
{
    const struct row *row = row_of(options->name);
    if (!row)
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_NAME, 0, 0, why);
    return row->open(s, config, options, why);
}

int rill_source_open(const struct rill_source_config *config, struct rill_source **out,
                     struct rill_err *why)
{
    struct rill_view text = rill_view_of(config->name);
    struct rill_source_options options;
    const struct row *row = row_of(rill_options_name(text));
    if (!row)
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_NAME, 0, 0, why);
    int rc = rill_options_read(text, row->options, &options, why);
    if (rc < 0)
        return rc;
    struct rill_source *s = calloc(1, sizeof *s);
    if (!s)
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_OPEN, 0, ENOMEM, why);
    size_t n = options.name.n < sizeof s->label ? options.name.n : sizeof s->label - 1;
    memcpy(s->label, options.name.p, n);
    rc = row->open(s, config, &options, why);
    if (rc < 0) {
        rill_source_free(s);
        return rc;
    }
    *out = s;
    return 0;
}
