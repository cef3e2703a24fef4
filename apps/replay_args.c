#include "apps/replay_args.h"

#include <string.h>

uint64_t replay_u(struct replay_args *a, const char *name, uint64_t most)
{
    uint64_t v = 0;
    if (!rill_trace_get_u64(a->data, name, &v) || v > most)
        a->bad = true;
    return v <= most ? v : 0;
}

int64_t replay_i(struct replay_args *a, const char *name, int64_t most)
{
    int64_t v = 0;
    if (!rill_trace_get_i64(a->data, name, &v) || v > most || v < -most)
        a->bad = true;
    return a->bad ? 0 : v;
}

struct rill_view replay_text(struct replay_args *a, const char *name)
{
    struct rill_view v = {0};
    if (!rill_trace_get_text(a->data, name, &v))
        a->bad = true;
    return v;
}

/* As a string of C; NULL for an empty one. JSON's may hold a NUL, which no such string does. */
const char *replay_word(struct replay_args *a, const char *name)
{
    struct rill_view v = replay_text(a, name);
    a->bad = a->bad || (v.n && memchr(v.p, 0, v.n));
    return v.n && !a->bad ? (const char *)v.p : NULL;
}

/* Family NONE where the file has null. */
struct rill_addr replay_addr(struct replay_args *a, const char *name)
{
    struct rill_addr v = {0};
    if (!json_is_null(json_object_get(a->data, name)) && !rill_trace_get_addr(a->data, name, &v))
        a->bad = true;
    return v;
}

size_t replay_addrs(struct replay_args *a, struct rill_addr *out, size_t cap)
{
    struct rill_view rest = replay_text(a, "addrs");
    size_t n = 0;
    while (rest.n && n < cap) {
        struct rill_view one = rill_view_cut(rest, ' ', &rest);
        if (!rill_addr_parse(one, &out[n++]))
            a->bad = true;
    }
    return n;
}

struct rill_view replay_bytes(struct replay_args *a, const char *name)
{
    struct rill_view v = {0};
    if (!rill_trace_get_bytes(a->data, name, (struct rill_span){a->r->room, a->r->cap_room}, &v))
        a->bad = true;
    return v;
}

size_t replay_codecs(struct replay_args *a, enum rill_codec_id *out, size_t cap)
{
    struct rill_view v = replay_bytes(a, "codecs");
    size_t n = v.n <= cap ? v.n : 0;
    a->bad = a->bad || v.n > cap;
    for (size_t k = 0; k < n; k++) {
        a->bad = a->bad || v.p[k] > RILL_CODEC_PCMA;
        out[k] = (enum rill_codec_id)v.p[k];
    }
    return n;
}

enum rill_codec_id replay_codec(struct replay_args *a)
{
    return (enum rill_codec_id)replay_u(a, "codec", RILL_CODEC_PCMA);
}

struct rill_path replay_path(struct replay_args *a)
{
    return (struct rill_path){.socket = (uint32_t)replay_u(a, "socket", UINT32_MAX),
                              .proto = (uint8_t)replay_u(a, "proto", RILL_PROTO_TLS),
                              .remote = replay_addr(a, "remote")};
}

/* True when the verb may be called. */
bool replay_good(const struct replay_args *a, bool needs_peer)
{
    if (a->bad)
        return replay_refuse(a->r, "a verb has arguments that it cannot have had");
    if (needs_peer && !a->r->peer)
        return replay_refuse(a->r, "a verb comes before the configuration");
    return true;
}
