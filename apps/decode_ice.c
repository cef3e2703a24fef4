/* decode_ice: `rill decode ice`: what one candidate line says (RFC 8839 §5.1). */
#include "apps/app.h"

#include "ice/cand.h"

#include <stdlib.h>

/* A file ends in a line end that is no part of the line. */
static struct rill_view without_line_end(struct rill_view v)
{
    if (v.n > 0 && v.p[v.n - 1] == '\n')
        v.n--;
    if (v.n > 0 && v.p[v.n - 1] == '\r')
        v.n--;
    return v;
}

static json_t *lower_case(struct rill_view v)
{
    uint8_t *text = malloc(v.n + 1);
    if (!text)
        return NULL;
    for (size_t i = 0; i < v.n; i++)
        text[i] = (uint8_t)(v.p[i] >= 'A' && v.p[i] <= 'Z' ? v.p[i] + ('a' - 'A') : v.p[i]);
    json_t *out = rill_app_json_text(rill_view_at(text, v.n));
    free(text);
    return out;
}

static json_t *text_or_null(struct rill_view v)
{
    return v.p ? rill_app_json_text(v) : json_null();
}

static json_t *tcptype(enum rill_ice_tcptype t)
{
    static const char *const names[] = {NULL, "active", "passive", "so"};
    return names[t] ? json_string(names[t]) : json_null();
}

int rill_decode_ice(const struct rill_decode_args *args, struct rill_view in, json_t *out,
                    struct rill_err *why)
{
    struct rill_ice_cand_line c;
    (void)args;
    int rc = rill_ice_cand_parse(without_line_end(in), &c, why);
    if (rc < 0)
        return rc;
    json_object_set_new(out, "foundation", rill_app_json_text(c.foundation));
    json_object_set_new(out, "component", json_integer(c.component));
    json_object_set_new(out, "transport", lower_case(c.transport));
    json_object_set_new(out, "priority", json_integer(c.priority));
    json_object_set_new(out, "address", rill_app_json_text(c.address));
    json_object_set_new(out, "port", json_integer(c.addr.port));
    json_object_set_new(out, "type", lower_case(c.type_text));
    json_object_set_new(out, "raddr", text_or_null(c.raddr));
    json_object_set_new(out, "rport", c.has_rport ? json_integer(c.related.port) : json_null());
    json_object_set_new(out, "tcptype", tcptype(c.tcptype));
    json_object_set_new(out, "ufrag", text_or_null(c.ufrag));
    json_object_set_new(out, "known_type", json_boolean(c.known_type));
    return 0;
}
