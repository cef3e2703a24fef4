/* filter_data: members of an event's data, read out of its JSON where it lies. */
#include "dissect/filter_private.h"

#include "signaling/json.h"

/* The value of an object's member, as it is written; p NULL when it has none of this name. */
static struct rill_view member(struct rill_view object, struct rill_view name)
{
    struct rill_json_reader r = rill_json_reader_of(object);
    struct rill_json_token t = rill_json_next(&r);
    if (t.type != RILL_JSON_OBJECT)
        return (struct rill_view){0};
    while ((t = rill_json_next(&r)).type != RILL_JSON_END && t.type != RILL_JSON_BAD) {
        if (t.type != RILL_JSON_KEY || t.depth != 1 ||
            !rill_view_equal(rill_view_sub(t.text, 1, t.text.n - 2), name))
            continue;
        t = rill_json_next(&r);
        const uint8_t *from = t.text.p;
        bool open = t.type == RILL_JSON_OBJECT || t.type == RILL_JSON_ARRAY;
        while (open && t.type != RILL_JSON_BAD) {
            t = rill_json_next(&r);
            open = !((t.type == RILL_JSON_OBJECT_END || t.type == RILL_JSON_ARRAY_END) &&
                     r.depth == 1);
        }
        return t.type == RILL_JSON_BAD ? (struct rill_view){0}
                                       : rill_view_at(from, (size_t)(object.p + r.at - from));
    }
    return (struct rill_view){0};
}

struct rill_view rill_filter_data(struct rill_view text)
{
    struct rill_view data = member(text, rill_view_of("data"));
    return data.n && data.p[0] == '{' ? data : text;
}

struct rill_view rill_filter_member(struct rill_view text, struct rill_view name)
{
    return member(rill_filter_data(text), name);
}
