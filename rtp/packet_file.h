/* rtp/packet_file: what was recorded on a wire, as UDP payloads: rtpdump (the format of rtptools),
 * pcap (draft-ietf-opsawg-pcap) and pcapng (draft-ietf-opsawg-pcapng), of Ethernet, Linux cooked
 * and raw IP.
 *
 * The idea: the whole file is one view, and a payload is a view into it. Nothing is believed but
 * its head: a record that runs past the end ends the reading, one that holds no UDP is passed
 * over. Fragments are not put together.
 */
#ifndef RILL_RTP_PACKET_FILE_H
#define RILL_RTP_PACKET_FILE_H

#include "base/bytes.h"
#include "base/err.h"
#include "rtp/errors.h"

enum rill_packet_file_kind {
    RILL_PACKET_FILE_RTPDUMP,
    RILL_PACKET_FILE_PCAP,
    RILL_PACKET_FILE_PCAPNG,
};

/* More interfaces of a pcapng section are not known, and their packets are passed over. */
#define RILL_PACKET_FILE_INTERFACES_MAX 16

struct rill_packet_file_interface {
    uint32_t link;           /* LINKTYPE_… */
    uint64_t ticks_a_second; /* of its timestamps, up to 2^32 */
    char name[8];            /* if_name (§4.2), its beginning */
};

struct rill_packet_file {
    struct rill_view bytes;
    size_t at;
    enum rill_packet_file_kind kind;
    bool little;
    struct rill_packet_file_interface interfaces[RILL_PACKET_FILE_INTERFACES_MAX];
    size_t n_interfaces;
    uint32_t interface; /* of the packet at hand */
    uint64_t passed;    /* records that hold no whole UDP datagram */
    bool cut;           /* the last record at `at` runs past the end */
};

struct rill_packet_file_datagram {
    int64_t time; /* µs since some moment of the file's own; any value when the file lies */
    struct rill_view bytes;
    size_t length; /* as it was on the wire; bytes.n is less when the file keeps only its head */
    bool has_twin; /* pcapng: it is of an interface "wire" beside which there is one "clear", which
                    * has the same media unprotected (docs/trace.md) */
};

/* bytes outlive the file. Errors: RILL_PACKET_FILE_KIND, _HEADER, _LINK. */
int rill_packet_file_open(struct rill_packet_file *f, struct rill_view bytes, struct rill_err *why);
/* false at the end. */
bool rill_packet_file_next(struct rill_packet_file *f, struct rill_packet_file_datagram *out);

#endif
