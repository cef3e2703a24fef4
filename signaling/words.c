/* words: the rows and the names. */
#include "signaling/words.h"

static const struct rill_field fields[] = {
    {"Engine.IO packet", 0, 0, "Engine.IO 4, Packet encoding", "a digit and its data"},
    {"packet type", 0, 8, "Engine.IO 4, Packet types", "0 to 6"},
    {"Socket.IO packet", 0, 0, "Socket.IO 5, Packet encoding", "what an application says"},
    {"type", 0, 8, "Socket.IO 5, Packet types", "0 to 6"},
    {"attachments", 0, 0, "Socket.IO 5, Packet encoding", "how many binary messages follow"},
    {"namespace", 0, 0, "Socket.IO 5, Packet encoding", "which part of the server is meant"},
    {"acknowledgement id", 0, 0, "Socket.IO 5, Acknowledgement", "joins an answer to its question"},
    {"message", 0, 0, "docs/signaling.md", "an array: the event's name, then its arguments"},
    {"event", 0, 0, "docs/signaling.md", "what the message is"},
    {"argument", 0, 0, "docs/signaling.md", "what it says"},
    {"data", 0, 0, "docs/signaling.md", NULL},
    {"status code", 0, 16, "RFC 6455 §7.4.1", "why the connection ends"},
    {"reason", 0, 0, "RFC 6455 §7.1.6", "the same in words"},
    {"payload", 0, 0, "RFC 6455 §5.2", "what the frame carries"},
};

const struct rill_field_table rill_sig_fields = {"signaling", fields,
                                                 sizeof fields / sizeof fields[0]};

static const struct {
    const char *name, *sentence;
} events[] = {
    {"auth", "a client says who it is and asks to come in"},
    {"newOffer", "a client offers a call"},
    {"newAnswer", "a client answers an offer"},
    {"sendIceCandidateToSignalingServer", "a client has found a candidate"},
    {"hangUp", "a client ends the call"},
    {"availableOffers", "the server tells the offers there are"},
    {"newOfferAwaiting", "the server tells of a new offer"},
    {"answerResponse", "the server hands on the answer"},
    {"receivedIceCandidateFromServer", "the server hands on a candidate of the other side"},
    {"place", "the server gives a token to come back with"},
    {"offerWithdrawn", "an offer is no longer there"},
    {"hungUp", "the other side is gone"},
    {"ack", "the answer to a message that asked for one"},
    {"error", "something is wrong"},
};

const char *rill_sig_event_sentence(struct rill_view name)
{
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        if (rill_view_is(name, events[i].name))
            return events[i].sentence;
    return NULL;
}

const char *rill_eio_type_name(uint8_t digit)
{
    static const char *const names[] = {"open",    "close",   "ping", "pong",
                                        "message", "upgrade", "noop"};
    return digit >= '0' && digit <= '6' ? names[digit - '0'] : NULL;
}

const char *rill_sio_type_name(uint8_t digit)
{
    static const char *const names[] = {"CONNECT",       "DISCONNECT",   "EVENT",     "ACK",
                                        "CONNECT_ERROR", "BINARY_EVENT", "BINARY_ACK"};
    return digit >= '0' && digit <= '6' ? names[digit - '0'] : NULL;
}

const char *rill_ws_opcode_name(uint64_t opcode)
{
    static const char *const names[16] = {[0] = "continuation", [1] = "text", [2] = "binary",
                                          [8] = "close",        [9] = "ping", [10] = "pong"};
    return opcode < 16 ? names[opcode] : NULL;
}

const char *rill_ws_code_name(uint64_t code)
{
    static const char *const names[] = {
        "normal closure",
        "going away",
        "protocol error",
        "unsupported data",
        NULL,
        "no status",
        "abnormal closure",
        "invalid payload",
        "policy violation",
        "message too big",
        "mandatory extension",
        "internal error",
    };
    uint64_t i = code - 1000;
    return code >= 1000 && i < sizeof names / sizeof names[0] ? names[i] : NULL;
}
