/* sdp/parse: text to tree (RFC 8866 §5, RFC 9429 §5.8).
 *
 * The idea: three walks over the text, each linear. The first judges every line's place and
 * grammar, so that the others need not look for errors; then each section is walked twice:
 * once to count its attributes, once to fill the arrays taken for that count. */
#include "sdp/fields.h"
#include "sdp/order.h"
#include "sdp/section.h"

#include <string.h>

static int check(struct rill_view text, size_t *n_media, struct rill_err *why)
{
    struct rill_sdp_lines lines = rill_sdp_lines_of(text);
    struct rill_sdp_order order = {0};
    struct rill_sdp_line line;
    int rc;
    while ((rc = rill_sdp_lines_next(&lines, &line, why)) > 0) {
        rc = rill_sdp_order_next(&order, &line, why);
        if (rc == 0)
            rc = rill_sdp_field_check(&line, why);
        if (rc < 0)
            return rc;
        if (order.n_media > RILL_SDP_MEDIA_MAX)
            return rill_err_set(&rill_sdp_errors, RILL_SDP_TOO_MANY_MEDIA, line.number,
                                order.n_media, why);
    }
    if (rc == 0)
        rc = rill_sdp_order_end(&order, lines.number + 1, why);
    *n_media = order.n_media;
    return rc;
}

/* The next line of the section that *lines stands in; false at its end. */
static bool next_in_section(struct rill_sdp_lines *lines, struct rill_sdp_line *line)
{
    struct rill_sdp_lines ahead = *lines;
    if (rill_sdp_lines_next(&ahead, line, NULL) <= 0 || line->type == 'm')
        return false;
    *lines = ahead;
    return true;
}

static void count_attributes(struct rill_sdp_section *s, struct rill_sdp_lines lines)
{
    struct rill_sdp_line line;
    while (next_in_section(&lines, &line)) {
        struct rill_view value;
        bool malformed;
        enum rill_sdp_attr attr = RILL_SDP_ATTR_NONE;
        s->bandwidth_lines += line.type == 'b';
        if (line.type == 'a')
            attr = rill_sdp_attr_find(line.value, &value, &malformed);
        if (attr != RILL_SDP_ATTR_NONE)
            s->lines_of[attr]++;
    }
}

static void fill(struct rill_sdp_section *s, struct rill_sdp_lines *lines, struct rill_sdp *out)
{
    struct rill_sdp_line line;
    while (next_in_section(lines, &line)) {
        if (line.type == 'a')
            out->attributes_rejected += !rill_sdp_attr_take(s, line.value);
        else if (line.type == 'o')
            rill_sdp_origin(line.value, out);
        else if (line.type == 's')
            out->session_name = line.value;
        else if (line.type == 'b')
            rill_sdp_bandwidth(line.value, &s->bandwidths[s->m.n_bandwidths++]);
        else if (line.type == 'c' && !s->m.connection.p)
            s->m.connection = rill_sdp_connection(line.value);
    }
}

/* Reads on from *lines to the section's end. */
static void read_section(struct rill_sdp_section *s, struct rill_sdp_lines *lines,
                         struct rill_sdp *out)
{
    count_attributes(s, *lines);
    rill_sdp_section_reserve(s);
    if (!s->arena->bad)
        fill(s, lines, out);
    if (s->is_rtp && !s->arena->bad)
        rill_sdp_add_static_codecs(s);
}

static void read_media_line(struct rill_sdp_section *s, struct rill_sdp_lines *lines)
{
    struct rill_sdp_line line;
    (void)rill_sdp_lines_next(lines, &line, NULL);
    (void)rill_sdp_media_line(&line, &s->m, NULL, NULL);
    struct rill_view *fmts = rill_arena_take(s->arena, s->m.n_fmts, sizeof *fmts);
    if (fmts)
        (void)rill_sdp_media_line(&line, &s->m, fmts, NULL);
    else
        s->m.n_fmts = 0;
    s->m.fmts = fmts;
    s->m.line = line.number;
    s->is_rtp = rill_sdp_proto_is_rtp(s->m.proto);
}

/* The number of the m= line of media i. */
static size_t line_of_media(struct rill_view text, size_t i)
{
    struct rill_sdp_lines lines = rill_sdp_lines_of(text);
    struct rill_sdp_line line;
    size_t seen = 0;
    while (seen <= i && rill_sdp_lines_next(&lines, &line, NULL) > 0)
        seen += line.type == 'm';
    return lines.number;
}

/* RFC 5888 §4: "The identification-tag MUST be unique within an SDP session description." */
static int check_mids(struct rill_view text, const struct rill_sdp *s, struct rill_err *why)
{
    for (size_t i = 0; i < s->n_media; i++)
        if (s->media[i].mid.p && rill_sdp_find_mid(s, s->media[i].mid) != i)
            return rill_err_set(&rill_sdp_errors, RILL_SDP_MID_TWICE, line_of_media(text, i), i,
                                why);
    return 0;
}

static void read_all(struct rill_view text, struct rill_arena *arena, struct rill_sdp *out,
                     struct rill_sdp_media *media)
{
    struct rill_sdp_lines lines = rill_sdp_lines_of(text);
    struct rill_sdp_section session = {.arena = arena, .is_session = true};
    read_section(&session, &lines, out);
    out->groups = session.groups;
    out->n_groups = session.n_groups;
    out->ice_lite = session.ice_lite;
    out->bandwidths = session.m.bandwidths;
    out->n_bandwidths = session.m.n_bandwidths;
    out->extmap_allow_mixed = session.m.extmap_allow_mixed;
    for (size_t i = 0; i < out->n_media && !arena->bad; i++) {
        struct rill_sdp_section s = {.arena = arena};
        read_media_line(&s, &lines);
        read_section(&s, &lines, out);
        rill_sdp_inherit(&s.m, s.has_direction, &session.m);
        media[i] = s.m;
    }
}

int rill_sdp_parse(struct rill_view text, struct rill_arena *arena, const struct rill_sdp **out,
                   struct rill_err *why)
{
    if (text.n > RILL_SDP_TEXT_MAX)
        return rill_err_set(&rill_sdp_errors, RILL_SDP_TEXT_TOO_LONG, 0, text.n, why);
    size_t n_media = 0;
    int rc = check(text, &n_media, why);
    if (rc < 0)
        return rc;
    struct rill_sdp *s = rill_arena_take(arena, 1, sizeof *s);
    struct rill_sdp_media *media = rill_arena_take(arena, n_media, sizeof *media);
    if (s && media) {
        s->media = media;
        s->n_media = n_media;
        read_all(text, arena, s, media);
    }
    if (!s || !media || arena->bad)
        return rill_err_set(&rill_sdp_errors, RILL_SDP_NO_ROOM, 0, 0, why);
    rc = check_mids(text, s, why);
    if (rc < 0)
        return rc;
    *out = s;
    return 0;
}

/* The dearest text for the tree is a list of one-letter words: two bytes of it become one
 * view. All other lines cost less a byte; a media and the rounding of its arrays come on top,
 * and so do the codecs of static payload types, which have no line. */
size_t rill_sdp_arena_size(size_t text_bytes)
{
    size_t media = text_bytes / strlen("m=a 9 b c\n") + 1;
    if (media > RILL_SDP_MEDIA_MAX)
        media = RILL_SDP_MEDIA_MAX;
    size_t arrays = 20, rounding = 16;
    size_t each = sizeof(struct rill_sdp_media) + arrays * rounding +
                  RILL_SDP_STATIC_PTS * sizeof(struct rill_sdp_codec);
    return text_bytes / 2 * sizeof(struct rill_view) + (media + 1) * each +
           sizeof(struct rill_sdp) + 4 * rounding;
}
