/* decode_fields: `rill decode MODULE --fields`: the tree of fields beside what the parser says.
 *
 * The idea: the tree is there for what was refused too, with the bad place in it. Of a list of
 * datagrams there is a tree each; those before it are known to each, so that a handshake message of
 * several is told whole with its last. */
#include "apps/app.h"
#include "apps/decode_list.h"

#include "dissect/dissect.h"

#include <stdlib.h>
#include <string.h>

#define NODES_MAX 65536
#define TEXT_MAX (64u << 20)

static const struct {
    const char *module;
    enum rill_dissect_kind kind;
    enum rill_codec_id codec;
} modules[] = {
    {"stun", RILL_DISSECT_DATAGRAM, RILL_CODEC_NONE},
    {"turn", RILL_DISSECT_DATAGRAM, RILL_CODEC_NONE},
    {"dns", RILL_DISSECT_DNS, RILL_CODEC_NONE},
    {"ice", RILL_DISSECT_CANDIDATE, RILL_CODEC_NONE},
    {"sdp", RILL_DISSECT_SDP, RILL_CODEC_NONE},
    {"rtp", RILL_DISSECT_RTP, RILL_CODEC_NONE},
    {"rtcp", RILL_DISSECT_RTCP, RILL_CODEC_NONE},
    {"vp8", RILL_DISSECT_PAYLOAD, RILL_CODEC_VP8},
    {"vp9", RILL_DISSECT_PAYLOAD, RILL_CODEC_VP9},
    {"h264", RILL_DISSECT_PAYLOAD, RILL_CODEC_H264},
    {"av1", RILL_DISSECT_PAYLOAD, RILL_CODEC_AV1},
    {"opus", RILL_DISSECT_PAYLOAD, RILL_CODEC_OPUS},
};

static json_t *tree(enum rill_dissect_kind kind, const struct rill_dissect_hints *hints,
                    struct rill_view in)
{
    struct rill_dissection d = {.cap = NODES_MAX, .scratch.n = rill_dissect_scratch(in.n)};
    uint8_t *text = malloc(TEXT_MAX);
    json_t *out = NULL;
    d.nodes = malloc(NODES_MAX * sizeof *d.nodes);
    d.scratch.p = malloc(d.scratch.n);
    if (text && d.nodes && d.scratch.p) {
        struct rill_writer w = rill_writer_of((struct rill_span){text, TEXT_MAX});
        rill_dissect(&d, kind, in, hints);
        rill_dissect_write_json(&w, &d);
        out = w.bad ? NULL : json_loadb((const char *)text, w.at, 0, NULL);
    }
    free(d.scratch.p);
    free(d.nodes);
    free(text);
    return out;
}

#define DATAGRAMS_MAX 4096
/* Of those before it: a handshake has no more. */
#define EARLIER_MAX 64

/* NULL: an item is no datagram. */
static json_t *trees(struct rill_view in)
{
    static struct rill_view all[DATAGRAMS_MAX];
    struct rill_err why;
    json_t *list = NULL, *out = json_array();
    size_t n = 0;
    if (rill_decode_list(in, DATAGRAMS_MAX, &list, &why) == 0)
        for (; n < json_array_size(list); n++) {
            if (!rill_decode_list_item(list, n, &all[n]))
                break;
            size_t before = n < EARLIER_MAX ? n : EARLIER_MAX;
            struct rill_dissect_hints hints = {.earlier = all + n - before, .n_earlier = before};
            json_array_append_new(out, tree(RILL_DISSECT_DATAGRAM, &hints, all[n]));
        }
    bool whole = list && n == json_array_size(list);
    while (n)
        free((void *)(uintptr_t)all[--n].p);
    json_decref(list);
    if (whole)
        return out;
    json_decref(out);
    return NULL;
}

json_t *rill_decode_fields(const char *module, struct rill_view in)
{
    while (!strcmp(module, "ice") && in.n && (in.p[in.n - 1] == '\n' || in.p[in.n - 1] == '\r'))
        in.n--;
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++)
        if (!strcmp(module, modules[i].module))
            return tree(modules[i].kind, &(struct rill_dissect_hints){.codecs = {modules[i].codec}},
                        in);
    if (!strcmp(module, "dtls"))
        return trees(in);
    return NULL;
}
