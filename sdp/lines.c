/* sdp/lines: where one line ends and the next begins, and what no line may hold. */
#include "sdp/lines.h"

#include "base/limits.h"

#include <string.h>

struct rill_sdp_lines rill_sdp_lines_of(struct rill_view text)
{
    return (struct rill_sdp_lines){.rest = text};
}

/* RFC 8866 §5: "parsers SHOULD be tolerant and also accept lines terminated with a single
 * newline character". Deviation: a last line without any end is taken too, since hand-made
 * signaling often trims the text. */
static struct rill_view cut_line(struct rill_view *rest)
{
    struct rill_view line = rill_view_cut(*rest, '\n', rest);
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

/* Deviation: empty lines at the very end are taken for white space, not for lines. */
static bool only_line_ends(struct rill_view v)
{
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] != '\r' && v.p[i] != '\n')
            return false;
    return true;
}

/* RFC 8866 §9: "any byte except NUL, CR, or LF". */
static const uint8_t *bad_byte(struct rill_view line)
{
    const uint8_t *nul = memchr(line.p, '\0', line.n);
    return nul ? nul : memchr(line.p, '\r', line.n);
}

/* RFC 8866 §5: "<type> is exactly one case-significant character". */
static bool has_type(struct rill_view line)
{
    return line.n >= 2 && line.p[1] == '=' && line.p[0] > ' ' && line.p[0] < 0x7f;
}

int rill_sdp_lines_next(struct rill_sdp_lines *l, struct rill_sdp_line *out, struct rill_err *why)
{
    /* The look ahead runs over line ends only, and only once: it stops at the first other
     * byte, or ends the text. */
    if (l->rest.n == 0 ||
        ((l->rest.p[0] == '\r' || l->rest.p[0] == '\n') && only_line_ends(l->rest)))
        return 0;
    struct rill_view line = cut_line(&l->rest);
    size_t number = ++l->number;
    if (line.n > RILL_SDP_LINE_MAX)
        return rill_err_set(&rill_sdp_errors, RILL_SDP_LINE_TOO_LONG, number, line.n, why);
    const uint8_t *bad = line.n ? bad_byte(line) : NULL;
    if (bad)
        return rill_err_set(&rill_sdp_errors, RILL_SDP_BAD_BYTE, number,
                            (uint64_t)(bad - line.p) + 1, why);
    if (!has_type(line))
        return rill_err_set(&rill_sdp_errors, RILL_SDP_LINE, number, 0, why);
    *out = (struct rill_sdp_line){
        .type = (char)line.p[0],
        .value = rill_view_at(line.p + 2, line.n - 2),
        .number = number,
    };
    return 1;
}
