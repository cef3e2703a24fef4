/* sdp/attrs_words: the attributes of RFC 8866 §6 that tell people and recorders something, and a
 * call nothing: their grammar is checked and they are passed over. */
#include "sdp/grammar.h"
#include "sdp/section.h"

static bool is_one_of(struct rill_view v, const char *const *words)
{
    for (; *words; words++)
        if (rill_view_is(v, *words))
            return true;
    return false;
}

/* RFC 8866 §6.1: category = non-ws-string */
bool rill_sdp_take_cat(struct rill_sdp_section *s, struct rill_view value)
{
    (void)s;
    return rill_sdp_is_visible(value);
}

/* RFC 8866 §6.2, §6.3: text, whose bytes the line has been checked for. */
bool rill_sdp_take_text(struct rill_sdp_section *s, struct rill_view value)
{
    (void)s;
    return value.n > 0;
}

/* RFC 8866 §6.8 */
bool rill_sdp_take_orient(struct rill_sdp_section *s, struct rill_view value)
{
    static const char *const words[] = {"portrait", "landscape", "seascape", NULL};
    (void)s;
    return is_one_of(value, words);
}

/* RFC 8866 §6.9 */
bool rill_sdp_take_type(struct rill_sdp_section *s, struct rill_view value)
{
    static const char *const words[] = {"broadcast", "meeting", "moderated", "test", "H332", NULL};
    (void)s;
    return is_one_of(value, words);
}

/* RFC 8866 §6.10: the name of a character set, a token. */
bool rill_sdp_take_charset(struct rill_sdp_section *s, struct rill_view value)
{
    (void)s;
    return rill_sdp_is_token(value);
}

/* RFC 8866 §6.11, §6.12: Language-Tag: parts of letters and digits, 1 to 8 each. */
bool rill_sdp_take_language(struct rill_sdp_section *s, struct rill_view value)
{
    (void)s;
    while (value.p) {
        struct rill_view part = rill_view_cut(value, '-', &value);
        if (!rill_sdp_is_ice(part, 1, 8))
            return false;
    }
    return true;
}

/* RFC 8866 §6.13: non-zero-int-or-real */
bool rill_sdp_take_framerate(struct rill_sdp_section *s, struct rill_view value)
{
    (void)s;
    return rill_sdp_is_positive_real(value);
}

/* RFC 8866 §6.14: 0 to 10 */
bool rill_sdp_take_quality(struct rill_sdp_section *s, struct rill_view value)
{
    uint64_t quality;
    (void)s;
    return rill_view_u64(value, 10, &quality);
}
