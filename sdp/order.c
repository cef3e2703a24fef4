/* sdp/order: RFC 8866 §5: "Some lines in each description are required and some are
 * optional, but when present, they must appear in exactly the order given here."
 *
 *   session   v o s i* u* e* p* c* b* (t r* z*)+ k* a*
 *   media     m i* c* b* k* a*
 *
 * The idea: a type's rank is its place in that row; ranks never fall, and stay equal only
 * where the type may repeat. t, r and z share one rank. */
#include "sdp/order.h"

#include <string.h>

static const char session_order[] = "vosiuepcbtka";
static const char media_order[] = "micbka";

/* -1: no type of this part. */
static int rank_of(bool media, char type)
{
    if (!media && (type == 'r' || type == 'z'))
        type = 't';
    const char *row = media ? media_order : session_order;
    const char *at = strchr(row, type);
    return at ? (int)(at - row) : -1;
}

static bool may_repeat(bool media, char type)
{
    return strchr(media ? "cba" : "epbtrza", type) != NULL;
}

/* RFC 8866 §9: time-description = time-field [1*repeat-field [zone-field]] */
static bool follows_time(char last, char type)
{
    if (type == 'r')
        return last == 't' || last == 'r';
    return type != 'z' || last == 'r';
}

static int missing(const struct rill_sdp_order *o, size_t number, struct rill_err *why)
{
    int row = !o->origin ? RILL_SDP_NO_ORIGIN
              : !o->name ? RILL_SDP_NO_NAME
              : !o->time ? RILL_SDP_NO_TIME
                         : 0;
    return row ? rill_err_set(&rill_sdp_errors, row, number, 0, why) : 0;
}

static int begin_media(struct rill_sdp_order *o, size_t number, struct rill_err *why)
{
    int rc = o->n_media ? 0 : missing(o, number, why);
    if (rc < 0)
        return rc;
    o->n_media++;
    o->rank = 0;
    o->last = 'm';
    return 0;
}

int rill_sdp_order_next(struct rill_sdp_order *o, const struct rill_sdp_line *line,
                        struct rill_err *why)
{
    bool media = o->n_media > 0;
    char type = line->type;
    if (!o->last && (type != 'v' || !rill_view_is(line->value, "0")))
        return rill_err_set(&rill_sdp_errors, RILL_SDP_NO_VERSION, line->number, 0, why);
    if (type == 'm')
        return begin_media(o, line->number, why);
    int rank = rank_of(media, type);
    /* Deviation: RFC 8866 §5 lets a parser ignore or reject a description with a type it does
     * not know; rill passes over the line alone, as browsers do. */
    if (rank < 0 && !strchr("vosiueptrz", type))
        return 0;
    if (rank < o->rank || (rank == o->rank && o->last && !may_repeat(media, type)) ||
        !follows_time(o->last, type))
        return rill_err_set(&rill_sdp_errors, RILL_SDP_ORDER, line->number, 0, why);
    o->rank = rank;
    o->last = type;
    o->origin |= type == 'o';
    o->name |= type == 's';
    o->time |= type == 't';
    return 0;
}

int rill_sdp_order_end(const struct rill_sdp_order *o, size_t number, struct rill_err *why)
{
    if (!o->last)
        return rill_err_set(&rill_sdp_errors, RILL_SDP_NO_VERSION, number, 0, why);
    return o->n_media ? 0 : missing(o, number, why);
}
