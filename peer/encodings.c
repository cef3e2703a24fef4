/* encodings: sendEncodings of a transceiver (webrtc-pc §5.1, §5.2; RFC 8851): what was asked for,
 * and which one of them is sent. */
#include "peer/private.h"

#include <string.h>

static bool is_rid(const char *rid)
{
    size_t n = 0;
    for (; rid && rid[n]; n++) {
        char c = rid[n];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (n == RILL_PEER_RID_MAX || !(letter || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    return n > 0;
}

int rill_peer_check_encodings(const struct rill_peer_encoding *encodings, size_t n)
{
    if (n > RILL_PEER_ENCODINGS_MAX)
        return RILL_PEER_ENCODINGS;
    for (size_t i = 0; i < n; i++) {
        if (!is_rid(encodings[i].rid) || !(encodings[i].scale_resolution_down_by >= 1))
            return RILL_PEER_ENCODINGS;
        for (size_t k = 0; k < i; k++)
            if (!strcmp(encodings[k].rid, encodings[i].rid))
                return RILL_PEER_ENCODINGS;
    }
    return 0;
}

void rill_peer_keep_encodings(struct rill_peer_transceiver *t,
                              const struct rill_peer_encoding *encodings, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct rill_peer_send_encoding *e = &t->encodings[i];
        memcpy(e->rid, encodings[i].rid, strlen(encodings[i].rid) + 1);
        e->active = encodings[i].active;
        e->max_bitrate = encodings[i].max_bitrate;
        e->scale = encodings[i].scale_resolution_down_by;
    }
    t->n_encodings = n;
}

size_t rill_peer_list_encodings(const struct rill_peer_transceiver *t,
                                struct rill_sdp_encoding out[RILL_PEER_ENCODINGS_MAX])
{
    for (size_t i = 0; i < t->n_encodings; i++)
        out[i] = (struct rill_sdp_encoding){.rid = rill_view_of(t->encodings[i].rid),
                                            .active = t->encodings[i].active};
    return t->n_encodings;
}

bool rill_peer_encodings_rest(const struct rill_peer *x, size_t transceiver)
{
    const struct rill_sdp_agreed *a = &x->lines[transceiver].agreed;
    return x->transceivers[transceiver].n_encodings && a->active && a->encoding < 0;
}

void rill_peer_tell_encoding(const struct rill_peer *x, size_t transceiver,
                             struct rill_peer_transceiver_info *out)
{
    const struct rill_peer_transceiver *t = &x->transceivers[transceiver];
    const struct rill_sdp_agreed *a = &x->lines[transceiver].agreed;
    out->encoding = -1;
    out->scale_resolution_down_by = 1;
    if (!t->n_encodings || !a->active)
        return;
    out->encodings = a->encodings;
    out->encoding = a->encoding;
    if (a->encoding < 0)
        return;
    const struct rill_peer_send_encoding *e = &t->encodings[a->encoding];
    out->scale_resolution_down_by = e->scale;
    if (e->max_bitrate && (!out->max_bitrate || e->max_bitrate < out->max_bitrate))
        out->max_bitrate = e->max_bitrate;
}
