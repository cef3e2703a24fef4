#include "apps/call_inputs.h"

#include <stdio.h>
#include <string.h>

static const char *read_bitrate(const char *text, uint32_t *out)
{
    return call_bitrate_read(rill_view_of(text), out) ? NULL : "a bitrate is between 6k and 100M";
}

static const char *check_codec(const char *name, enum rill_kind kind)
{
    enum rill_codec_id codec;
    if (!strcmp(name, "copy") || (call_codec_read(rill_view_of(name), &codec) &&
                                  rill_codec_kind(codec) == kind && call_codec_is_encoded(codec)))
        return NULL;
    return kind == RILL_VIDEO ? "video is sent as vp8 or vp9; a file of encoded frames is copied"
                              : "sound is sent as opus, pcmu or pcma";
}

/* A file of encoded frames. */
static bool is_copied(const char *source)
{
    return strstr(source, ".ivf") || strstr(source, ".h264") || strstr(source, ".264");
}

static bool append(struct call_input *i, const char *key, const char *value)
{
    size_t n = strlen(i->source);
    if (!value)
        return true;
    return (size_t)snprintf(i->source + n, sizeof i->source - n, ":%s=%s", key, value) <
           sizeof i->source - n;
}

static const char *read_clone(const struct call_inputs *in, struct call_input *i)
{
    uint64_t of;
    if (!rill_view_u64(rill_view_of(i->source + 6), CALL_TRACKS - 1, &of) || of >= in->n)
        return "clone: takes the number of an -i before it, from 0";
    if (in->list[of].clone >= 0)
        of = (uint64_t)in->list[of].clone;
    i->clone = (int)of;
    return NULL;
}

static const char *add_input(struct call_inputs *in, const char *source)
{
    struct call_input *i = &in->list[in->n];
    if (in->n == CALL_TRACKS)
        return "there are 8 inputs already";
    *i = (struct call_input){.clone = -1,
                             .video_bps = in->video_bps,
                             .audio_bps = in->audio_bps,
                             .encodings = in->encodings};
    if ((size_t)snprintf(i->source, sizeof i->source, "%s", source) >= sizeof i->source ||
        !append(i, "size", in->size) || !append(i, "rate", in->rate) ||
        !append(i, "loop", in->loop))
        return "the name of a source has up to 511 bytes";
    if (in->codec && !strcmp(in->codec, "copy") && !is_copied(source))
        return "only an .ivf or .h264 can be copied";
    if (in->codec)
        (void)call_codec_read(rill_view_of(in->codec), &i->codec);
    const char *wrong = strncmp(source, "clone:", 6) ? NULL : read_clone(in, i);
    in->size = in->rate = in->loop = in->codec = NULL;
    in->video_bps = in->audio_bps = 0;
    in->encodings.n = 0;
    in->n += !wrong;
    return wrong;
}

/* "3:0:replace=film.y4m"; seconds may have tenths. */
static const char *add_action(struct call_inputs *in, const char *text)
{
    struct rill_view change, part;
    struct rill_view when = rill_view_cut(rill_view_of(text), ':', &change);
    struct rill_view whole = rill_view_cut(when, '.', &part);
    struct call_action *a = &in->actions[in->n_actions];
    uint64_t seconds, tenths = 0;
    if (in->n_actions == CALL_ACTIONS)
        return "there are 32 times --at already";
    if (!change.p || !rill_view_u64(whole, 86400, &seconds) ||
        (part.p && (part.n != 1 || !rill_view_u64(part, 9, &tenths))))
        return "--at takes SECONDS:CHANGE";
    a->after = (int64_t)(seconds * 10 + tenths) * 100 * RILL_MS;
    a->text = (const char *)change.p;
    const char *wrong = call_change_read(change, &a->change);
    in->n_actions += !wrong;
    return wrong;
}

const char *call_input_option(struct call_inputs *in, int option, const char *value)
{
    switch (option) {
    case CALL_INPUT:
        return add_input(in, value);
    case CALL_INPUT_SIZE:
        in->size = value;
        return NULL;
    case CALL_INPUT_RATE:
        in->rate = value;
        return NULL;
    case CALL_INPUT_LOOP:
        in->loop = value;
        return NULL;
    case CALL_INPUT_REALTIME: /* sources are always read at their own pace */
        return NULL;
    case CALL_INPUT_VIDEO_BITRATE:
        return read_bitrate(value, &in->video_bps);
    case CALL_INPUT_AUDIO_BITRATE:
        return read_bitrate(value, &in->audio_bps);
    case CALL_INPUT_ENCODINGS:
        return call_encodings_read(value, &in->encodings);
    case CALL_INPUT_VIDEO_CODEC:
        in->codec = value;
        return check_codec(value, RILL_VIDEO);
    case CALL_INPUT_AUDIO_CODEC:
        in->codec = value;
        return check_codec(value, RILL_AUDIO);
    default:
        return add_action(in, value);
    }
}

const char *call_inputs_check(const struct call_inputs *in)
{
    if (in->size || in->rate || in->loop || in->codec || in->video_bps || in->audio_bps ||
        in->encodings.n)
        return "-s, -r, -loop, -b, -c and -sendEncodings belong to an -i behind them";
    for (size_t i = 0; i < in->n_actions; i++)
        if (call_change_is_of_track(&in->actions[i].change) && in->actions[i].change.track >= in->n)
            return "--at names a track that no -i makes";
    return NULL;
}

static bool is_of_transceiver(const struct call_change *change, size_t number)
{
    return call_change_is_of_track(change) && call_change_negotiates(change) &&
           change->track == number;
}

bool call_input_is_added_later(const struct call_inputs *in, size_t number)
{
    const struct call_action *first = NULL;
    for (size_t i = 0; i < in->n_actions; i++) {
        const struct call_action *a = &in->actions[i];
        if (is_of_transceiver(&a->change, number) && (!first || a->after < first->after))
            first = a;
    }
    return first && first->change.type == CALL_CHANGE_ADD;
}

bool call_inputs_negotiate(const struct call_inputs *in)
{
    for (size_t i = 0; i < in->n_actions; i++)
        if (call_change_negotiates(&in->actions[i].change))
            return true;
    return false;
}
