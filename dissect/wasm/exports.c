/* exports: the dissector for a page (web/trace/dissect.js is its other half).
 *
 * The idea: three buffers that stay where they are. The page writes bytes into the first, calls,
 * and reads text from the second; the third is the trees' own. Nothing is allocated. */
#include "dissect/dissect.h"
#include "dissect/filter.h"

#include <string.h>

#define EXPORT(name) __attribute__((export_name(#name), visibility("default")))

#define IN_MAX (256u * 1024)
#define OUT_MAX (4u * 1024 * 1024)
#define NODES_MAX 16384u
#define SCRATCH_MAX (1536u * 1024)
#define EARLIER_MAX 64
#define EARLIER_BYTES (256u * 1024)

static uint8_t in[IN_MAX], out[OUT_MAX];
static struct rill_dissect_node nodes[NODES_MAX];
static uint8_t scratch[SCRATCH_MAX] __attribute__((aligned(16)));
static struct rill_dissect_hints hints;
static uint8_t earlier_bytes[EARLIER_BYTES];
static struct rill_view earlier[EARLIER_MAX];
static unsigned n_earlier_bytes;

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

/* The input holds a datagram with a fragment of a handshake message? */
EXPORT(has_fragment) unsigned has_fragment(unsigned n)
{
    return rill_dissect_has_fragment(rill_view_at(in, n < IN_MAX ? n : IN_MAX));
}

/* The input holds a datagram that came before what is dissected from now on, in its flow and
 * direction, those given first being the oldest; 0: there was no room for it. */
EXPORT(earlier_add) unsigned earlier_add(unsigned n)
{
    if (hints.n_earlier == EARLIER_MAX || n > EARLIER_BYTES - n_earlier_bytes || n > IN_MAX)
        return 0;
    memcpy(earlier_bytes + n_earlier_bytes, in, n);
    earlier[hints.n_earlier++] = rill_view_at(earlier_bytes + n_earlier_bytes, n);
    hints.earlier = earlier;
    n_earlier_bytes += n;
    return 1;
}

EXPORT(earlier_clear) void earlier_clear(void)
{
    hints.n_earlier = 0;
    n_earlier_bytes = 0;
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
    n_earlier_bytes = 0;
}

/* --- filters --------------------------------------------------------------------------------- */

static struct rill_filter filter;

/* The input holds n bytes of a filter. NULL: it is good; else the column, a space and a sentence.
 */
EXPORT(filter_compile) const uint8_t *filter_compile(unsigned n)
{
    struct rill_err why;
    struct rill_writer w = rill_writer_of((struct rill_span){out, OUT_MAX});
    if (rill_filter_compile(&filter, rill_view_at(in, n < IN_MAX ? n : IN_MAX), &why) == 0)
        return NULL;
    rill_w_dec(&w, why.offset);
    rill_w_char(&w, ' ');
    rill_err_write(&w, &why);
    return ended(&w);
}

EXPORT(filter_needs_packet) unsigned filter_needs_packet(void)
{
    return rill_filter_needs_packet(&filter);
}

static struct rill_view next(size_t *at, unsigned n)
{
    struct rill_view v = rill_view_sub(rill_view_at(in, IN_MAX), *at, n);
    *at += v.n;
    return v;
}

static struct rill_addr next_addr(size_t *at, unsigned n)
{
    struct rill_addr a = {0};
    struct rill_view v = next(at, n);
    if (!rill_addr_parse(v, &a))
        (void)rill_addr_parse_ip(v, &a);
    return a;
}

/* The input holds, one behind the other: n bytes of a packet of this kind (kind -1: none), the
 * event's name, its local and its remote address, and all its text. time: ms. */
EXPORT(filter_match)
unsigned filter_match(int kind, unsigned n, unsigned name, unsigned local, unsigned remote,
                      unsigned text, double time, unsigned step)
{
    struct rill_dissection d = {0};
    size_t at = 0;
    (void)next(&at, n);
    struct rill_filter_event e = {.time = (int64_t)(time * 1000), .step = step};
    e.name = next(&at, name);
    e.local = next_addr(&at, local);
    e.remote = next_addr(&at, remote);
    e.text = next(&at, text);
    if (kind >= 0 && rill_filter_needs_packet(&filter)) {
        d = dissected((unsigned)kind, n);
        e.packet = &d;
    }
    return rill_filter_match(&filter, &e);
}
