/* exports: the dissector for a page (web/trace/dissect.js is its other half).
 *
 * The idea: three buffers that stay where they are. The page writes bytes into the first, calls,
 * and reads text from the second; the third is the trees' own. Nothing is allocated. */
#include "dissect/dissect.h"

#define EXPORT(name) __attribute__((export_name(#name), visibility("default")))

#define IN_MAX (256u * 1024)
#define OUT_MAX (4u * 1024 * 1024)
#define NODES_MAX 16384u
#define SCRATCH_MAX (1536u * 1024)

static uint8_t in[IN_MAX], out[OUT_MAX];
static struct rill_dissect_node nodes[NODES_MAX];
static uint8_t scratch[SCRATCH_MAX] __attribute__((aligned(16)));
static struct rill_dissect_hints hints;

static struct rill_dissection dissected(unsigned kind, unsigned n)
{
    struct rill_dissection d = {
        .nodes = nodes, .cap = NODES_MAX, .scratch = {scratch, SCRATCH_MAX}};
    rill_dissect(&d, (enum rill_dissect_kind)kind, rill_view_at(in, n < IN_MAX ? n : IN_MAX),
                 &hints);
    return d;
}

/* A text that does not fit is none. */
static const uint8_t *ended(struct rill_writer *w)
{
    if (!rill_w_end_text(w))
        out[0] = 0;
    return out;
}

EXPORT(alloc_in) uint8_t *alloc_in(void)
{
    return in;
}

EXPORT(in_size) unsigned in_size(void)
{
    return IN_MAX;
}

EXPORT(dissect) const uint8_t *dissect(unsigned kind, unsigned n)
{
    struct rill_writer w = rill_writer_of((struct rill_span){out, OUT_MAX});
    struct rill_dissection d = dissected(kind, n);
    rill_dissect_write_json(&w, &d);
    return ended(&w);
}

EXPORT(summary) const uint8_t *summary(unsigned kind, unsigned n)
{
    struct rill_writer w = rill_writer_of((struct rill_span){out, OUT_MAX});
    struct rill_dissection d = dissected(kind, n);
    rill_dissect_write_summary_of(&w, &d);
    return ended(&w);
}

/* codec: enum rill_codec_id. */
EXPORT(hint_codec) void hint_codec(unsigned pt, unsigned codec)
{
    hints.codecs[pt & 127] = (enum rill_codec_id)codec;
}

/* The input holds a session description. */
EXPORT(hint_description) void hint_description(unsigned n)
{
    rill_dissect_hint(&hints, rill_view_at(in, n < IN_MAX ? n : IN_MAX));
}

EXPORT(hint_clear) void hint_clear(void)
{
    hints = (struct rill_dissect_hints){0};
}
