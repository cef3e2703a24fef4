/* sdp/fields: o=, c=, b=, t=, r= and z=, each judged by its rule of RFC 8866 §9. */
#include "sdp/fields.h"

#include "sdp/grammar.h"

#include <string.h>

/* Deviation: more than one space between two words of o= is taken, and lint names it: the examples
 * of draft-ietf-rtcweb-sdp have it, so what was written after them has it too. */
static struct rill_view origin_word(struct rill_view *rest)
{
    struct rill_view word = rill_sdp_word(rest);
    while (rest->n && rest->p[0] == ' ')
        *rest = rill_view_at(rest->p + 1, rest->n - 1);
    return word;
}

/* RFC 8866 §5.2: username SP sess-id SP sess-version SP nettype SP addrtype SP address */
static bool parse_origin(struct rill_view v, struct rill_sdp *out)
{
    struct rill_view rest = v;
    out->username = origin_word(&rest);
    out->session_id = origin_word(&rest);
    struct rill_view version = origin_word(&rest);
    struct rill_view nettype = origin_word(&rest);
    struct rill_view addrtype = origin_word(&rest);
    return rill_sdp_is_visible(out->username) && rill_sdp_is_digits(out->session_id) &&
           rill_view_u64(version, UINT64_MAX, &out->session_version) &&
           rill_sdp_is_token(nettype) && rill_sdp_is_token(addrtype) && rill_sdp_is_visible(rest);
}

/* RFC 8866 §5.7: nettype SP addrtype SP connection-address */
static bool parse_connection(struct rill_view v, struct rill_view *address)
{
    *address = v;
    struct rill_view nettype = rill_sdp_word(address);
    struct rill_view addrtype = rill_sdp_word(address);
    return rill_sdp_is_token(nettype) && rill_sdp_is_token(addrtype) &&
           rill_sdp_is_visible(*address);
}

/* RFC 8866 §5.8: bwtype ":" bandwidth */
static bool is_bandwidth(struct rill_view v)
{
    struct rill_view number;
    return rill_sdp_is_token(rill_view_cut(v, ':', &number)) && rill_sdp_is_digits(number);
}

/* A number beyond 64 bits is as good as none. */
void rill_sdp_bandwidth(struct rill_view value, struct rill_sdp_bandwidth *out)
{
    struct rill_view number;
    out->type = rill_view_cut(value, ':', &number);
    out->value = UINT64_MAX;
    (void)rill_view_u64(number, UINT64_MAX, &out->value);
}

/* RFC 8866 §5.9: start-time SP stop-time. The numbers may have any length. */
static bool is_times(struct rill_view v)
{
    struct rill_view stop = v;
    return rill_sdp_is_digits(rill_sdp_word(&stop)) && rill_sdp_is_digits(stop);
}

/* RFC 8866 §9: typed-time = 1*DIGIT [fixed-len-time-unit] */
static bool is_typed_time(struct rill_view v)
{
    if (v.n > 1) {
        uint8_t unit = v.p[v.n - 1];
        v.n -= unit == 'd' || unit == 'h' || unit == 'm' || unit == 's';
    }
    return rill_sdp_is_digits(v);
}

/* RFC 8866 §5.10: repeat-interval SP typed-time 1*(SP typed-time) */
static bool is_repeats(struct rill_view v)
{
    size_t n = 0;
    for (; v.p; n++)
        if (!is_typed_time(rill_sdp_word(&v)))
            return false;
    return n >= 3;
}

/* RFC 8866 §5.11: pairs of a time and an offset that may be negative */
static bool is_zones(struct rill_view v)
{
    do {
        if (!rill_sdp_is_digits(rill_sdp_word(&v)) || !v.p)
            return false;
        struct rill_view offset = rill_sdp_word(&v);
        if (offset.n && offset.p[0] == '-')
            offset = rill_view_at(offset.p + 1, offset.n - 1);
        if (!is_typed_time(offset))
            return false;
    } while (v.p);
    return true;
}

static int judge(bool well, int row, const struct rill_sdp_line *line, struct rill_err *why)
{
    return well ? 0 : rill_err_set(&rill_sdp_errors, row, line->number, 0, why);
}

int rill_sdp_field_check(const struct rill_sdp_line *line, struct rill_err *why)
{
    struct rill_sdp origin;
    struct rill_sdp_media media;
    struct rill_view address;
    switch (line->type) {
    case 'o':
        return judge(parse_origin(line->value, &origin), RILL_SDP_ORIGIN, line, why);
    case 'c':
        return judge(parse_connection(line->value, &address), RILL_SDP_CONNECTION, line, why);
    case 'b':
        return judge(is_bandwidth(line->value), RILL_SDP_BANDWIDTH, line, why);
    case 't':
        return judge(is_times(line->value), RILL_SDP_TIME, line, why);
    case 'r':
        return judge(is_repeats(line->value), RILL_SDP_TIME, line, why);
    case 'z':
        return judge(is_zones(line->value), RILL_SDP_TIME, line, why);
    case 'm':
        return rill_sdp_media_line(line, &media, NULL, why);
    default:
        return 0;
    }
}

static bool has_lower_hex(struct rill_view attribute)
{
    struct rill_view value;
    if (!rill_view_is(rill_view_cut(attribute, ':', &value), "fingerprint"))
        return false;
    (void)rill_sdp_word(&value); /* the hash function */
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] >= 'a' && value.p[i] <= 'f')
            return true;
    return false;
}

static int attribute_departs(struct rill_view attribute, bool in_media)
{
    struct rill_view value;
    if (has_lower_hex(attribute))
        return RILL_SDP_LOWER_CASE;
    if (rill_view_is(rill_view_cut(attribute, ':', &value), "crypto"))
        return RILL_SDP_SECURITY_DESCRIPTIONS;
    return in_media && rill_view_is(attribute, "ice-lite") ? RILL_SDP_MEDIA_LEVEL : 0;
}

int rill_sdp_field_departs(const struct rill_sdp_line *line, bool in_media)
{
    /* RFC 8866 §9: text is not empty; RFC 9143's examples leave s= so, as many senders do. */
    if (line->type == 's' && line->value.n == 0)
        return RILL_SDP_NO_NAME;
    if (line->type == 'a')
        return attribute_departs(line->value, in_media);
    if (!strchr("vosiuepcbtrzkm", line->type))
        return RILL_SDP_TYPE;
    return line->type == 'o' && rill_sdp_count_words(line->value) != 6 ? RILL_SDP_ORIGIN : 0;
}

void rill_sdp_origin(struct rill_view value, struct rill_sdp *out)
{
    (void)parse_origin(value, out);
}

struct rill_view rill_sdp_connection(struct rill_view value)
{
    struct rill_view address;
    (void)parse_connection(value, &address);
    return address;
}
