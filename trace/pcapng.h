/* trace/pcapng: a capture file (draft-ietf-opsawg-pcapng) that Wireshark reads.
 *
 * The idea: no packet was captured, each was given to a socket or came from one. So the link is raw
 * IP (LINKTYPE_RAW), and the headers of IP and UDP, or TCP, are made here, with right checksums.
 * Interface 0 has what was on the wire, interface 1 the same media in clear. What was decided
 * because of a packet stands at it as comments.
 */
#ifndef RILL_TRACE_PCAPNG_H
#define RILL_TRACE_PCAPNG_H

#include "base/addr.h"

enum rill_pcapng_interface {
    RILL_PCAPNG_WIRE,
    RILL_PCAPNG_CLEAR,
};

#define RILL_PCAPNG_STREAMS 32
/* A stream's bytes are numbered, so that its segments can be put together again. */
struct rill_pcapng_stream {
    struct rill_addr local, remote;
    uint32_t sent, received;
};

struct rill_pcapng {
    struct rill_pcapng_stream streams[RILL_PCAPNG_STREAMS];
    size_t n_streams, next; /* when all are taken the oldest makes room */
};

struct rill_pcapng_packet {
    enum rill_pcapng_interface interface;
    int64_t wall_us; /* since 1970 */
    bool sent, tcp;
    struct rill_addr local, remote; /* local of family NONE: not known, written as 0.0.0.0 or :: */
    struct rill_view bytes;
    struct rill_view comments; /* a line each; n 0: none */
};

/* The section's header and both interfaces. */
void rill_pcapng_write_head(struct rill_writer *w);
/* An Enhanced Packet Block. */
void rill_pcapng_write_packet(struct rill_pcapng *x, struct rill_writer *w,
                              const struct rill_pcapng_packet *p);
/* A Decryption Secrets Block of lines of a key log. It helps packets behind it alone. */
void rill_pcapng_write_secrets(struct rill_writer *w, struct rill_view lines);

/* A line of a key log, as NSS writes them and others read: CLIENT_RANDOM, the random of the
 * ClientHello, the master secret. */
void rill_keylog_write(struct rill_writer *w, struct rill_view client_random,
                       struct rill_view secret);

#endif
