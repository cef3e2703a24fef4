/* tap: see tap.h. */
#include "tests/sim/tap.h"

#include "peer/connection.h"
#include "peer/demux.h"
#include "peer/transport.h"
#include "srtp/srtp.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool open_tap(struct rill_sim_tap *t, const struct rill_sim_call *c)
{
    struct rill_dtls_srtp_keys keys;
    const struct rill_dtls *dtls = c->sides[t->side].peer->transports[0].components[0].dtls;
    if (t->srtp)
        return true;
    if (!dtls || rill_dtls_export_srtp(dtls, &keys) < 0)
        return false;
    struct rill_srtp_config config = {
        .profile = keys.profile,
        .remote_key = rill_view_at(keys.local_key, keys.key_size),
        .remote_salt = rill_view_at(keys.local_salt, keys.salt_size),
    };
    t->block = malloc(rill_srtp_size(&config));
    return rill_srtp_init(t->block, &config, &t->srtp) >= 0;
}

static struct rill_view open_packet(struct rill_sim_tap *t, const struct rill_sim_call *c,
                                    struct rill_span d, bool rtcp)
{
    enum rill_demux class = rill_demux_class(rill_view_at(d.p, d.n));
    if (class != (rtcp ? RILL_DEMUX_RTCP : RILL_DEMUX_RTP) || !open_tap(t, c))
        return rill_view_of(NULL);
    struct rill_span copy = {t->plain, d.n};
    assert(d.n <= sizeof t->plain);
    memcpy(copy.p, d.p, d.n);
    int n = rtcp ? rill_srtp_unprotect_rtcp(t->srtp, copy) : rill_srtp_unprotect_rtp(t->srtp, copy);
    return n < 0 ? rill_view_of(NULL) : rill_view_at(copy.p, (size_t)n);
}

struct rill_view rill_sim_tap_rtp(struct rill_sim_tap *t, const struct rill_sim_call *c,
                                  struct rill_span d)
{
    return open_packet(t, c, d, false);
}

struct rill_view rill_sim_tap_rtcp(struct rill_sim_tap *t, const struct rill_sim_call *c,
                                   struct rill_span d)
{
    return open_packet(t, c, d, true);
}

void rill_sim_tap_free(struct rill_sim_tap *t)
{
    if (t->srtp)
        rill_srtp_free(t->srtp);
    free(t->block);
    t->srtp = NULL;
    t->block = NULL;
}
