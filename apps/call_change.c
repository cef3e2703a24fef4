#include "apps/call_change.h"

#include "apps/call_codecs.h"

#include <stdio.h>

enum takes { NOTHING, TEXT, ENCODING, DIRECTION, CODEC, KEYS };

static const struct verb {
    const char *name;
    enum takes takes;
    struct call_change is;
} of_tracks[] =
    {
        {"replace", TEXT, {.command = {.type = RILL_WORKER_REPLACE}}},
        {"constrain", TEXT, {.command = {.type = RILL_WORKER_CONSTRAIN}}},
        {"disable", NOTHING, {.command = {.type = RILL_WORKER_ENABLE, .value = 0}}},
        {"enable", NOTHING, {.command = {.type = RILL_WORKER_ENABLE, .value = 1}}},
        {"stop", NOTHING, {.command = {.type = RILL_WORKER_STOP}}},
        {"setParameters", ENCODING, {.type = CALL_CHANGE_PARAMETERS}},
        {"add", NOTHING, {.type = CALL_CHANGE_ADD}},
        {"remove", NOTHING, {.type = CALL_CHANGE_REMOVE}},
        {"hold", NOTHING, {.type = CALL_CHANGE_DIRECTION, .direction = RILL_SDP_INACTIVE}},
        {"resume", NOTHING, {.type = CALL_CHANGE_DIRECTION, .direction = RILL_SDP_SENDRECV}},
        {"direction", DIRECTION, {.type = CALL_CHANGE_DIRECTION}},
        {"stop-transceiver", NOTHING, {.type = CALL_CHANGE_STOP_TRANSCEIVER}},
        {"prefer", CODEC, {.type = CALL_CHANGE_PREFER}},
        {"dtmf", KEYS, {.type = CALL_CHANGE_DTMF}},
},
  of_call[] = {
      {"restart", NOTHING, {.type = CALL_CHANGE_RESTART}},
      {"rollback", NOTHING, {.type = CALL_CHANGE_ROLLBACK}},
      {"stats", NOTHING, {.type = CALL_CHANGE_STATS}},
};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const struct verb *find(const struct verb *verbs, size_t n, struct rill_view name)
{
    for (size_t i = 0; i < n; i++)
        if (rill_view_is(name, verbs[i].name))
            return &verbs[i];
    return NULL;
}

static bool read_direction(struct rill_view text, enum rill_sdp_direction *out)
{
    static const struct {
        const char *name;
        enum rill_sdp_direction direction;
    } all[] = {{"sendrecv", RILL_SDP_SENDRECV},
               {"sendonly", RILL_SDP_SENDONLY},
               {"recvonly", RILL_SDP_RECVONLY},
               {"inactive", RILL_SDP_INACTIVE}};
    for (size_t i = 0; i < COUNT(all); i++)
        if (rill_view_is(text, all[i].name)) {
            *out = all[i].direction;
            return true;
        }
    return false;
}

static bool read_codec(struct rill_view text, enum rill_codec_id *out)
{
    return call_codec_read(text, out);
}

static const char *read_argument(const struct verb *v, struct rill_view text,
                                 struct call_change *out)
{
    if ((v->takes == NOTHING) != (text.p == NULL) || text.n >= sizeof out->command.text)
        return v->takes == NOTHING ? "this change takes no argument"
                                   : "this change takes an argument of up to 255 bytes";
    if (v->takes == DIRECTION && !read_direction(text, &out->direction))
        return "a direction is sendrecv, sendonly, recvonly or inactive";
    if (v->takes == CODEC && !read_codec(text, &out->codec))
        return "what can be preferred is vp8, vp9, h264, av1, opus, pcmu or pcma";
    if (v->takes == KEYS)
        return call_dtmf_read(text, &out->dtmf);
    if (v->takes == ENCODING)
        return call_encoding_read(text, &out->parameters);
    if (v->takes == TEXT)
        snprintf(out->command.text, sizeof out->command.text, "%.*s", (int)text.n,
                 (const char *)text.p);
    return NULL;
}

const char *call_change_read(struct rill_view text, struct call_change *out)
{
    struct rill_view argument, rest;
    uint64_t track = 0;
    const struct verb *v = find(of_call, COUNT(of_call), text);
    if (v) {
        *out = v->is;
        return NULL;
    }
    struct rill_view number = rill_view_cut(text, ':', &rest);
    if (!rest.p || !rill_view_u64(number, CALL_TRACKS - 1, &track))
        return "a change is restart, rollback, stats, or TRACK:WHAT, tracks counted from 0";
    v = find(of_tracks, COUNT(of_tracks), rill_view_cut(rest, '=', &argument));
    if (!v)
        return "a track can replace=SOURCE, constrain=CONSTRAINTS, disable, enable, stop, "
               "setParameters=ENCODING, add, remove, hold, resume, direction=D, stop-transceiver, "
               "prefer=CODEC, dtmf=TONES";
    struct call_change change = v->is;
    change.track = (size_t)track;
    const char *wrong = read_argument(v, argument, &change);
    if (!wrong)
        *out = change;
    return wrong;
}

bool call_change_is_of_track(const struct call_change *change)
{
    return change->type != CALL_CHANGE_RESTART && change->type != CALL_CHANGE_ROLLBACK &&
           change->type != CALL_CHANGE_STATS;
}

bool call_change_negotiates(const struct call_change *change)
{
    return change->type != CALL_CHANGE_SOURCE && change->type != CALL_CHANGE_PARAMETERS &&
           change->type != CALL_CHANGE_STATS && change->type != CALL_CHANGE_DTMF;
}
