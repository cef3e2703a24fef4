#include "peer/peer.h"

static const struct rill_err_row rows[] = {
#define RILL_ERR_ROW(name, clause, sentence) {RILL_##name, #name, clause, sentence},
#include "peer/peer_errors.def"
#undef RILL_ERR_ROW
};

const struct rill_err_table rill_peer_errors = {"peer", rows, sizeof rows / sizeof rows[0]};

const char *rill_peer_exception_name(int error)
{
    switch (error) {
    case RILL_PEER_INVALID_STATE:
    case RILL_PEER_STOPPED:
    case RILL_PEER_IS_CLOSED:
        return "InvalidStateError";
    case RILL_PEER_TRACK_IN_USE:
    case RILL_PEER_NO_TRANSCEIVER:
    case RILL_PEER_MLINES_GONE:
    case RILL_PEER_MLINE_CHANGED:
    case RILL_PEER_PT_REMAPPED:
    case RILL_PEER_EXT_REMAPPED:
    case RILL_PEER_ICE_UNASKED:
        return "InvalidAccessError";
    case RILL_PEER_SDP_MODIFIED:
    case RILL_PEER_PREFERENCES:
        return "InvalidModificationError";
    case RILL_PEER_KIND:
    case RILL_PEER_ENCODINGS:
    case RILL_PEER_MSID:
    case RILL_PEER_CODEC:
        return "TypeError";
    default:
        /* Also what sdp refuses: webrtc-pc names an RTCError there, whose name is the same. */
        return "OperationError";
    }
}
