/* dissect: the bytes of a packet or a text as a tree of fields, each with its place, its
 * value, and the clause and sentence that its format's table has for it.
 *
 * The idea: each room describes its own wire format, in the table beside its parser; here they are
 * strung together, from the first byte's demultiplexing (RFC 7983) down to the payload header
 * inside the media packet. `rill trace`, `--explain` and the page show what comes out. No memory
 * is taken, nothing is kept, and whatever the bytes are, the tree ends.
 */
#ifndef RILL_DISSECT_DISSECT_H
#define RILL_DISSECT_DISSECT_H

#include "base/addr.h"
#include "base/bytes.h"
#include "base/frame.h"

enum rill_dissect_kind {
    RILL_DISSECT_DATAGRAM,  /* as it came: STUN, TURN ChannelData, DTLS, SRTP or SRTCP */
    RILL_DISSECT_RTP,       /* in clear; hint: its codec */
    RILL_DISSECT_RTCP,      /* in clear, compound */
    RILL_DISSECT_SDP,       /* a session description */
    RILL_DISSECT_CANDIDATE, /* "candidate:…" */
    RILL_DISSECT_HTTP,      /* a head, and its body if it is there */
    RILL_DISSECT_WEBSOCKET, /* one frame; inside: rill's vocabulary, or Engine.IO and Socket.IO */
    RILL_DISSECT_DNS,       /* a multicast DNS message */
    RILL_DISSECT_STREAM,    /* a chunk of a stream of TURN or ICE, from a message's first byte on */
    RILL_DISSECT_FRAMED,    /* a chunk of ICE's TCP, from a frame's first byte on (RFC 4571) */
    RILL_DISSECT_PAYLOAD,   /* of an RTP packet whose payload type is 0: hint that one's codec */
};

enum rill_dissect_type {
    RILL_DISSECT_NONE, /* a heading: it has children alone */
    RILL_DISSECT_U64,
    RILL_DISSECT_TEXT,  /* .view */
    RILL_DISSECT_BYTES, /* .view, shown as hex */
    RILL_DISSECT_ADDR,
};

/* A node's children follow it, one deeper. Views point into what was dissected, or are static. */
struct rill_dissect_node {
    uint8_t depth;    /* 0: a protocol, named by `name` */
    bool bad;         /* it is not as the clause wants it; meaning says in what */
    bool inside;      /* its bytes lie in what was dissected */
    const char *name; /* the field, as its RFC calls it */
    uint32_t bit;     /* where it begins, counted from the first bit of all */
    uint32_t bits;    /* 0: it has no bytes of its own */
    enum rill_dissect_type type;
    uint64_t u;
    struct rill_view view;
    struct rill_addr addr;
    const char *meaning;           /* the registry's name of the value; NULL: none */
    const char *clause, *sentence; /* NULL: none */
    uint64_t amount;               /* of a bad one: the number that its meaning has at "{}" */
};

/* What a payload type means beside a codec. */
enum rill_dissect_shape {
    RILL_DISSECT_PLAIN,
    RILL_DISSECT_RTX,             /* RFC 4588: repairs[] names the payload type it repairs */
    RILL_DISSECT_RED,             /* RFC 2198 */
    RILL_DISSECT_TELEPHONE_EVENT, /* RFC 4733 */
    RILL_DISSECT_COMFORT_NOISE,   /* RFC 3389 */
};

/* Codecs by payload type, as the descriptions have them; RILL_CODEC_NONE: not known. */
struct rill_dissect_hints {
    enum rill_codec_id codecs[128];
    uint8_t extensions[15]; /* of id i + 1: a row of rtp/ext_known.h and one more; 0: not known */
    uint8_t shapes[128];    /* enum rill_dissect_shape */
    uint8_t repairs[128];
    /* Datagrams of the same flow and direction that came before this one, the oldest first: a
     * handshake message of DTLS whose last fragment is here is told whole. */
    const struct rill_view *earlier;
    size_t n_earlier;
};

/* The longest handshake message that is put together; it takes RILL_DISSECT_JOIN_SCRATCH bytes of
 * scratch. */
#define RILL_DISSECT_JOIN_MAX 65536
#define RILL_DISSECT_JOIN_SCRATCH (RILL_DISSECT_JOIN_MAX / 8 * 9 + 64)

/* A datagram, as it is or relayed by TURN, that has a fragment of a handshake message in clear: so
 * it may be of use among `earlier`. */
bool rill_dissect_has_fragment(struct rill_view datagram);

/* What a description says of payload types and header extensions, added to what was known. */
void rill_dissect_hint(struct rill_dissect_hints *hints, struct rill_view description);

struct rill_dissection {
    struct rill_dissect_node *nodes; /* the caller's */
    size_t cap, n;
    bool cut;                 /* there was no room for all */
    uint8_t deepest;          /* nodes below this depth are left out; 0: none is */
    struct rill_span scratch; /* the caller's; for what is read anew: a WebSocket's payload without
                                 its mask takes its size, the rules of a description
                                 rill_dissect_scratch(). Without it each is left out. */
};

/* Bytes of scratch with which anything of n bytes is wholly taken apart. */
size_t rill_dissect_scratch(size_t n);

/* Fills out->nodes, whose n is set to 0 first. hints may be NULL. */
void rill_dissect(struct rill_dissection *out, enum rill_dissect_kind kind, struct rill_view bytes,
                  const struct rill_dissect_hints *hints);

/* One line for people, without a newline: "STUN Binding request, USERNAME a:b, USE-CANDIDATE". */
void rill_dissect_write_summary(struct rill_writer *w, enum rill_dissect_kind kind,
                                struct rill_view bytes, const struct rill_dissect_hints *hints);

/* The same of a tree that is there, made with all depths and with scratch. */
void rill_dissect_write_summary_of(struct rill_writer *w, const struct rill_dissection *d);

/* An array of nodes in their order:
 * [{"depth":0,"name":"STUN","bit":0,"bits":160},
 *  {"depth":1,"name":"method","bit":2,"bits":14,"value":1,"meaning":"Binding",
 *   "clause":"RFC 8489 §5","sentence":"…"},…]
 * value: a number, a string (text, an address, hex of bytes); "hex":true beside the last;
 * "bad":true where the field is not as it should be; then "meaning" says in what. A number beyond
 * 2^53 is a string of digits; of bytes the first 64 are told, and "cut":true beside them. */
void rill_dissect_write_json(struct rill_writer *w, const struct rill_dissection *d);

/* A node's value and its meaning, for people; nothing where it has none. Control characters are
 * written as dots. */
void rill_dissect_write_value(struct rill_writer *w, const struct rill_dissect_node *node);
void rill_dissect_write_meaning(struct rill_writer *w, const struct rill_dissect_node *node);

#endif
