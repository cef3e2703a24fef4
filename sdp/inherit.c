/* sdp/inherit: RFC 8866 §5: "session-level values are the default for all media unless
 * overridden by an equivalent media-level value". Each branch is one attribute whose own
 * document lets it stand at both levels. */
#include "sdp/section.h"

void rill_sdp_inherit(struct rill_sdp_media *m, bool has_direction,
                      const struct rill_sdp_media *session)
{
    /* RFC 8866 §5.7 */
    if (!m->connection.p)
        m->connection = session->connection;
    /* RFC 8866 §6.7; without any, sendrecv, which is the enum's 0 */
    if (!has_direction)
        m->direction = session->direction;
    /* RFC 8839 §5.4: "the value at the session-level is effectively a default that applies
     * to all data streams, unless overridden by a media-level value". */
    if (!m->ice_ufrag.p)
        m->ice_ufrag = session->ice_ufrag;
    if (!m->ice_pwd.p)
        m->ice_pwd = session->ice_pwd;
    m->ice_trickle |= session->ice_trickle;
    m->ice2 |= session->ice2;
    m->ice_renomination |= session->ice_renomination;
    m->end_of_candidates |= session->end_of_candidates; /* RFC 8840 §8.1 */
    /* RFC 8122 §5: a media-level set replaces the session's. */
    if (m->n_fingerprints == 0) {
        m->fingerprints = session->fingerprints;
        m->n_fingerprints = session->n_fingerprints;
    }
    /* RFC 4145 §4 */
    if (m->setup == RILL_SDP_SETUP_NONE)
        m->setup = session->setup;
    /* RFC 8285 §6: maps stand at the session level or in the media, not in both. */
    if (m->n_extmaps == 0) {
        m->extmaps = session->extmaps;
        m->n_extmaps = session->n_extmaps;
    }
    m->extmap_allow_mixed |= session->extmap_allow_mixed;
}
