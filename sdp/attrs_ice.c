/* sdp/attrs_ice: RFC 8839 §5. A candidate stays text here: ice owns its grammar. */
#include "sdp/grammar.h"
#include "sdp/section.h"

#include <string.h>

/* RFC 8839 §5.4: ufrag = 4*256ice-char */
bool rill_sdp_take_ice_ufrag(struct rill_sdp_section *s, struct rill_view value)
{
    if (!rill_sdp_is_ice(value, 4, RILL_ICE_UFRAG_MAX))
        return false;
    s->m.ice_ufrag = value;
    return true;
}

/* RFC 8839 §5.4: password = 22*256ice-char */
bool rill_sdp_take_ice_pwd(struct rill_sdp_section *s, struct rill_view value)
{
    if (!rill_sdp_is_ice(value, 22, RILL_ICE_PWD_MAX))
        return false;
    s->m.ice_pwd = value;
    return true;
}

/* RFC 8839 §5.6: ice-options = "ice-options:" ice-option-tag *(SP ice-option-tag)
 * Deviation: a tag may be any token, since "google-ice" is met. */
bool rill_sdp_take_ice_options(struct rill_sdp_section *s, struct rill_view value)
{
    bool trickle = false, ice2 = false, renomination = false;
    while (value.p) {
        struct rill_view tag = rill_sdp_word(&value);
        if (!rill_sdp_is_token(tag))
            return false;
        trickle |= rill_view_is(tag, "trickle");
        ice2 |= rill_view_is(tag, "ice2");
        renomination |= rill_view_is(tag, "renomination");
    }
    s->m.ice_trickle |= trickle;
    s->m.ice2 |= ice2;
    s->m.ice_renomination |= renomination;
    return true;
}

/* RFC 8839 §5.3: session-level only. */
bool rill_sdp_take_ice_lite(struct rill_sdp_section *s, struct rill_view value)
{
    (void)value;
    s->ice_lite = s->is_session;
    return true;
}

/* Kept with its name, as it is handed on: "candidate:…". */
bool rill_sdp_take_candidate(struct rill_sdp_section *s, struct rill_view value)
{
    size_t name = strlen("candidate:");
    s->candidates[s->m.n_candidates++] = rill_view_at(value.p - name, value.n + name);
    return true;
}

/* RFC 8839 §5.2: 1*(component-ID SP connection-address SP port). RFC 9429 §5.8.2: "their values are
 * ignored". */
bool rill_sdp_take_remote_candidates(struct rill_sdp_section *s, struct rill_view value)
{
    uint64_t number;
    (void)s;
    do {
        if (!rill_view_u64(rill_sdp_word(&value), 256, &number) ||
            !rill_sdp_is_visible(rill_sdp_word(&value)) ||
            !rill_view_u64(rill_sdp_word(&value), UINT16_MAX, &number))
            return false;
    } while (value.p);
    return true;
}

bool rill_sdp_take_end_of_candidates(struct rill_sdp_section *s, struct rill_view value)
{
    (void)value;
    s->m.end_of_candidates = true;
    return true;
}
